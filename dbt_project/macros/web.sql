{#
  Robots, by how they name themselves: search engines, link previews, monitors and the libraries that scripts are
  written with. Feed readers are not among them, people read with those. `(^|[^u])bot`: CUBOT is a make of telephone.
  What hides as a browser is not found.
#}
{% macro is_bot(user_agent) -%}
    coalesce(
        regexp_matches(
            {{ user_agent }},
            '(^|[^u])bot|crawl|spider|slurp|archiver|externalhit|monitor|uptime|headless|curl/|wget/|python-|python/|'
            || 'libwww|go-http-client|java/|okhttp|httpclient',
            'i'
        ),
        false
    )
{%- endmacro %}

{#
  Where a visit came from, after Google's default channel group in a short form
  (support.google.com/analytics/answer/9756891). `source` and `medium` are lower-case texts; without both it is direct.
#}
{% macro channel_group(source, medium) -%}
    {%- set engines = "google|bing|yahoo|duckduckgo|ecosia|qwant|startpage|brave|yandex|baidu|t-online" -%}
    {%- set networks = "facebook|fb|instagram|ig|meta|linkedin|xing|pinterest|twitter|x|t[.]co|youtube|tiktok|reddit|"
        ~ "threads|whatsapp|telegram|mastodon|bsky" -%}
    {%- set search = "'^([a-z]+[.])?(" ~ engines ~ ")([.].+)?$'" -%}
    {%- set social = "'^([a-z0-9-]+[.])*(" ~ networks ~ ")([.].+)?$'" -%}
    {%- set paid = "'^(.*cp.*|ppc|retargeting|paid.*)$'" -%}
    case
        when
            coalesce({{ source }}, '(direct)') in ('(direct)', '(not set)')
            and coalesce({{ medium }}, '(none)') in ('(none)', '(not set)')
            then 'direct'
        when regexp_matches({{ medium }}, {{ paid }}) and regexp_matches({{ source }}, {{ search }}) then 'paid search'
        when
            regexp_matches({{ medium }}, {{ paid }})
            and (regexp_matches({{ source }}, {{ social }}) or {{ medium }} like '%social%')
            then 'paid social'
        when regexp_matches({{ medium }}, {{ paid }}) then 'other'
        when regexp_matches({{ source }}, {{ social }}) or {{ medium }} like 'social%' then 'social'
        when regexp_matches({{ medium }}, '^e[-_ ]?mail') or regexp_matches({{ source }}, '^e[-_ ]?mail|newsletter')
            then 'email'
        when {{ medium }} = 'organic' or regexp_matches({{ source }}, {{ search }}) then 'organic search'
        when {{ medium }} in ('referral', 'app', 'link') then 'referral'
        else 'other'
    end
{%- endmacro %}

{# One parameter of a GA4 event, as text: whichever of its four values is filled. `params` is the parsed list. #}
{% macro ga4_param(name) -%}
    list_extract(param_values, list_position(param_keys, '{{ name }}'))
{%- endmacro %}

{#
  The part that day `day_number` of `day_count` days has of an amount of all of them, rounded to `digits` so that the
  parts add up to it exactly.
#}
{% macro part_of_period(amount, digits) -%}
    cast(
        round(cast({{ amount }} as decimal(28, 8)) * day_number / day_count, {{ digits }})
        - round(cast({{ amount }} as decimal(28, 8)) * (day_number - 1) / day_count, {{ digits }})
        as decimal(18, 4)
    )
{%- endmacro %}
