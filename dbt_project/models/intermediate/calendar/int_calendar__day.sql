with

holidays as (

    select * from {{ source('ops', 'holiday') }}

),

dated as (

    select cast(hour_at + utc_offset as date) as dated_on from {{ ref('int_calendar__utc_hour') }}
    union all
    select cost_date as dated_on from {{ ref('int_web__ad_cost') }}
    union all
    select visit_date as dated_on from {{ ref('stg_plausible__figure') }}
    union all
    -- Bookings may lie anywhere in the fiscal year of their batch.
    select least(min(period_from), min(fiscal_year_start)) as dated_on
    from {{ ref('stg_datev_bookings__booking') }}
    union all
    select greatest(max(period_to), cast(max(fiscal_year_start) + interval 1 year - interval 1 day as date)) as dated_on
    from {{ ref('stg_datev_bookings__booking') }}
    union all
    select scrap_date as dated_on from {{ ref('stg_scrap_records__record') }}
    union all
    select downtime_date as dated_on from {{ ref('stg_downtimes__downtime') }}
    union all
    select issue_date as dated_on from {{ ref('stg_e_invoices__invoice') }}

),

-- From the data, not from the clock: a run gives the same whenever it is repeated. Without data the holidays give the
-- years; without those one year stands.
bounds as (

    select
        coalesce(min(dated_on), (select min(holiday_date) from holidays), date '2025-01-01') as first_date,
        coalesce(max(dated_on), (select max(holiday_date) from holidays), date '2025-12-31') as last_date
    from dated

),

final as (

    select
        cast(
            unnest(
                generate_series(
                    cast(make_date(year(first_date), 1, 1) as timestamp),
                    cast(make_date(year(last_date), 12, 31) as timestamp),
                    interval 1 day
                )
            ) as date
        ) as date_day
    from bounds

)

select * from final
