{#
  Rows in which two relations of source_name, measure and amount disagree; what only one of them has counts as 0 in the
  other. Nothing is left to rounding: amounts are DECIMAL and times whole milliseconds on both sides.
#}
{% macro disagreements(expected, actual) -%}
    select
        coalesce({{ expected }}.source_name, {{ actual }}.source_name) as source_name,
        coalesce({{ expected }}.measure, {{ actual }}.measure) as measure,
        coalesce({{ expected }}.amount, 0) as expected_amount,
        coalesce({{ actual }}.amount, 0) as actual_amount
    from {{ expected }}
    full join {{ actual }}
        on {{ expected }}.source_name = {{ actual }}.source_name and {{ expected }}.measure = {{ actual }}.measure
    where coalesce({{ expected }}.amount, 0) <> coalesce({{ actual }}.amount, 0)
{%- endmacro %}
