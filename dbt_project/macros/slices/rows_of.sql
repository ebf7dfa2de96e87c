{#
  The rows of a relation, or the few that a fact is being brought up to date from: the materialization `slices` names a
  temporary table of them in a variable of its session. Everything between is views, so all of them see the few rows.
#}
{% macro rows_of(relation) -%}
    {%- if relation.is_cte -%}
        {{ relation }}
    {%- else -%}
        query_table(coalesce(getvariable('rows_of_{{ relation.identifier }}'), '{{ relation }}'))
    {%- endif -%}
{%- endmacro %}
