{#
  dbt's test `unique`, which for a fact in slices looks at the keys that its last thirty builds wrote. Its
  materialization writes no key twice, so the others need no look; among ten million they would cost seconds a night.
#}
{% test unique(model, column_name) %}
    select {{ column_name }} as unique_field, count(*) as n_records
    from {{ model }}
    where
        {{ column_name }} is not null
        {%- if execute and slice_is_known_by_rows(model, column_name) %}
        and {{ column_name }} in (
            select value from ops.slice_handed_on
            where model = '{{ model.identifier }}' and column_name = '{{ column_name }}'
        )
        {%- endif %}
    group by 1
    having count(*) > 1
{% endtest %}


{# Whether the last build of a fact in slices wrote single rows and told them by this column. #}
{% macro slice_is_known_by_rows(model, column_name) %}
    {%- set facts = graph.nodes.values()
        | selectattr('name', 'equalto', model.identifier) | selectattr('config.materialized', 'equalto', 'slices')
        | list -%}
    {{ return(
        facts and facts[0].columns.keys() | first == column_name
        and run_query(
            "select coalesce(not arg_max(is_whole, build), false) from ops.slice_build where model = '"
            ~ model.identifier ~ "'"
        ).rows[0][0]
    ) }}
{% endmacro %}
