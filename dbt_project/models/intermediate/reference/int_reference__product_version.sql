-- Read for every line that names an article; a view would work out the versions anew each time.
{{ config(materialized="table") }}

with

states as (

    select * from {{ ref('int_reference__product_state') }}

),

costs as (

    select * from {{ ref('int_reference__product_cost') }}

),

-- A version begins where a list says something else, or another cost holds.
begins as (

    select
        product_key,
        valid_from
    from states
    union
    select
        product_key,
        valid_from
    from costs

),

known as (

    select
        begins.product_key,
        begins.valid_from,
        states.article_name,
        states.product_group,
        states.unit,
        states.ean,
        costs.unit_cost,
        states.list_price_net,
        states.tax_rate_pct,
        states.cycle_minutes,
        states.is_own_make
    from begins
    left join states
        on
            begins.product_key = states.product_key
            and begins.valid_from between states.valid_from and states.valid_to
    left join costs
        on
            begins.product_key = costs.product_key
            and begins.valid_from between costs.valid_from and costs.valid_to

),

versions as (

    select
        *,
        row(
            article_name, product_group, unit, ean, unit_cost, list_price_net, tax_rate_pct, cycle_minutes, is_own_make
        ) as known_state
    from known
    qualify known_state is distinct from lag(known_state) over (partition by product_key order by valid_from)

),

-- A unit that is only written otherwise is the same unit.
counted as (

    select
        *,
        coalesce({{ unit_code('unit') }}, lower(trim(unit))) as counted_in,
        lag(counted_in) over (partition by product_key order by valid_from) as counted_in_before
    from versions

),

final as (

    select
        {{ version_key('product_key', 'valid_from') }} as product_version_key,
        product_key,
        cast(row_number() over (partition by product_key order by valid_from) as integer) as version_number,
        valid_from,
        coalesce(
            cast(lead(valid_from) over (partition by product_key order by valid_from) - interval 1 day as date),
            date '2199-12-31'
        ) as valid_to,
        article_name,
        product_group,
        unit,
        -- The day from which on quantities are counted in this unit; empty where it was never another.
        max(case when counted_in <> counted_in_before then valid_from end) over (
            partition by product_key order by valid_from
        ) as unit_since_date,
        ean,
        unit_cost,
        list_price_net,
        tax_rate_pct,
        cycle_minutes,
        is_own_make
    from counted

)

select
    final.*,
    {{ is_current('final.valid_from', 'final.valid_to') }} as is_current
from final
