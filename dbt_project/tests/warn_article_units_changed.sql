{{ config(severity='warn') }}

{%- set days_reported = 90 %}

-- Quantities before and after cannot be added; those of the marts begin anew with the change.
with

versions as (

    select
        *,
        lag(unit) over (partition by product_key order by valid_from) as unit_before
    from {{ ref('dim_product_version') }}

)

select
    product_key,
    unit_before,
    unit,
    valid_from as unit_since_date
from versions
where
    unit_since_date = valid_from
    and valid_from > (select max(last_at) from {{ ref('stg_products__state') }}) - interval {{ days_reported }} day
