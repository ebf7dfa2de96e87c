{#
  Versions: what is known of a customer or an article, from a day to a day. The first one stands for the time before it
  was known, the last one for what comes; so every day falls into exactly one.
#}

{# The key of a version. It holds the day of its begin, so that a version found later changes no other one's key. #}
{% macro version_key(key, valid_from) -%}
    {{ key }} || '/' || strftime({{ valid_from }}, '%Y-%m-%d')
{%- endmacro %}

{# The first version of a key; the only one of what no list tells of. #}
{% macro first_version_key(key) -%}
    {{ key }} || '/1900-01-01'
{%- endmacro %}

{#
  Whether a version holds on the day of the newest delivery. Not on the day of the clock: a run repeated gives the same.
  Costs are told in advance, so the last version need not be the present one.
#}
{% macro is_current(valid_from, valid_to) -%}
    coalesce(
        (
            select cast({{ local_time('max(files.as_of)', 'any_value(company.time_zone)') }} as date)
            from {{ source('ops', 'file') }} as files
            cross join {{ source('ops', 'company') }} as company
        ),
        date '2199-12-31'
    ) between {{ valid_from }} and {{ valid_to }}
{%- endmacro %}
