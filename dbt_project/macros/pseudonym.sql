{#
  The keyed pseudonym of a person's identity: 32 hex digits, NULL for NULL, blind to case and outer blanks.
  The key comes from the session (kontor/dbt_plugin.py) and stands in no SQL; a session without it sees NULL. SHA-256
  costs about 1 µs a row, so hash distinct identities and join.
#}
{% macro pseudonym(identity) -%}
    left(sha256(getvariable('pseudonym_key') || '|' || lower(trim({{ identity }}))), 32)
{%- endmacro %}
