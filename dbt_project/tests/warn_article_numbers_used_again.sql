{{ config(severity='warn') }}

{%- set days_reported = 90 %}

-- Another name alone is a better name. Another EAN, or another group with it, is another article.
with

newest as (

    select max(last_at) as delivered_at from {{ ref('stg_products__state') }}

),

states as (

    select
        *,
        lag(article_name) over (partition by source_name, article_number order by first_at, file_sequence)
            as name_before,
        lag(product_group) over (partition by source_name, article_number order by first_at, file_sequence)
            as group_before,
        lag(ean) over (partition by source_name, article_number order by first_at, file_sequence) as ean_before
    from {{ ref('stg_products__state') }}

)

select
    states.source_name,
    states.article_number,
    states.name_before,
    states.article_name,
    cast(states.first_at as date) as delivered_date
from states
cross join newest
where
    states.first_at > newest.delivered_at - interval {{ days_reported }} day
    and lower(states.article_name) <> lower(states.name_before)
    and (states.ean <> states.ean_before or states.product_group <> states.group_before)
