{#
  The keyed pseudonym of a person's identity: 32 hex digits, NULL for NULL, blind to case and outer blanks.
  The key comes from the session (kontor/dbt_plugin.py) and stands in no SQL. SHA-256 costs about 1 µs a row: hash
  distinct identities and join. Only tables use it: a view would be evaluated by sessions that have no key.
#}
{% macro pseudonym(identity) -%}
    left(sha256(getvariable('pseudonym_key') || '|' || lower(trim({{ identity }}))), 32)
{%- endmacro %}
