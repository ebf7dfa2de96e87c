-- Read by every fact with money in it; a view would spread the rates over the days again each time.
{{ config(materialized="table") }}

{%- set days_carried = 7 %}

with

company as (

    select * from {{ source('ops', 'company') }}

),

published as (

    select
        published_on,
        currency,
        units_per_base,
        base_currency,
        rate_name,
        source_name
    from {{ ref('stg_exchange_rates__rate') }}
    union all
    -- Every list holds its base currency too, unwritten.
    select distinct
        published_on,
        base_currency as currency,
        cast(1 as decimal(18, 8)) as units_per_base,
        base_currency,
        rate_name,
        source_name
    from {{ ref('stg_exchange_rates__rate') }}

),

-- By way of the base currency: what one unit is worth in the base, times what the base is worth in the company's.
crossed as (

    select
        published.published_on,
        published.currency,
        company.currency as company_currency,
        published.rate_name,
        cast(own.units_per_base as double) / cast(published.units_per_base as double) as exact_rate
    from published
    cross join company
    inner join published as own
        on
            published.published_on = own.published_on
            and published.source_name = own.source_name
            and published.rate_name = own.rate_name
            and published.base_currency = own.base_currency
            and company.currency = own.currency
    -- Where two lists have a currency on one day, the name decides, so that a run repeated gives the same.
    qualify
        row_number() over (
            partition by published.published_on, published.currency
            order by published.rate_name, published.source_name
        ) = 1

),

following as (

    select
        *,
        lead(published_on) over (partition by currency order by published_on) as next_published_on
    from crossed
    where currency <> company_currency

),

-- A rate holds until the next one, over weekends and holidays, but not for ever: currencies cease, and deliveries fail.
carried as (

    select
        published_on,
        currency,
        rate_name,
        exact_rate,
        unnest(
            generate_series(
                cast(published_on as timestamp),
                least(
                    published_on + interval {{ days_carried - 1 }} day,
                    coalesce(next_published_on - interval 1 day, published_on + interval {{ days_carried - 1 }} day)
                ),
                interval 1 day
            )
        ) as rate_at
    from following

),

own_days as (

    select date_day as rate_date from {{ ref('int_calendar__day') }}
    union
    select cast(rate_at as date) as rate_date from carried

),

final as (

    select
        cast(rate_at as date) as rate_date,
        currency,
        cast(exact_rate as decimal(18, 8)) as exchange_rate,
        published_on,
        rate_name
    from carried
    union all
    select
        own_days.rate_date,
        company.currency,
        cast(1 as decimal(18, 8)) as exchange_rate,
        own_days.rate_date as published_on,
        'company currency' as rate_name
    from own_days
    cross join company

)

select * from final
