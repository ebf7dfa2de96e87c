{#
  Local time and back, by zone name; both are plain timestamps. Exact in both nights of a clock change, but slow (about
  0.4 µs a row on two cores): rows by the million join int_calendar__utc_hour instead (a fifth of that).
#}
{% macro local_time(utc, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ utc }}))
{%- endmacro %}

{% macro utc_time(local, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ local }}))
{%- endmacro %}

{# Minutes from one timestamp to another. #}
{% macro minutes_between(started_at, ended_at) -%}
    cast(date_diff('millisecond', {{ started_at }}, {{ ended_at }}) / 60000.0 as decimal(18, 4))
{%- endmacro %}
