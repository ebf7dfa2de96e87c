with

sales as (

    select
        sales_date as company_date,
        sum(orders) as orders,
        sum(quantity) as sold_quantity,
        sum(revenue_net_amount) as revenue_net_amount,
        sum(refund_net_amount) as refund_net_amount
    from {{ ref('mart_sales_daily') }}
    group by sales_date

),

machines as (

    select
        production_date as company_date,
        sum(planned_minutes) as planned_minutes,
        sum(running_minutes) as running_minutes,
        sum(down_minutes) as down_minutes,
        sum(good_quantity) as good_quantity,
        sum(scrap_quantity) as scrap_quantity
    from {{ ref('mart_oee_daily') }}
    group by production_date

),

operations as (

    select
        operation_date as company_date,
        count(*) as operations
    from {{ ref('fct_operation') }}
    where not is_repeated
    group by operation_date

),

inspections as (

    select
        inspection_date as company_date,
        count(*) as inspections,
        sum(case when result = 'fail' then 1 else 0 end) as failed_inspections
    from {{ ref('fct_inspection') }}
    group by inspection_date

),

web as (

    select
        funnel_date as company_date,
        sum(sessions) as web_sessions,
        sum(purchases) as web_purchases
    from {{ ref('mart_web_funnel_daily') }}
    group by funnel_date

),

requests as (

    select
        event_date as company_date,
        count(*) as web_requests
    from {{ ref('fct_web_event') }}
    where event_source = 'access_log' and not is_bot
    group by event_date

),

advertising as (

    select
        cost_date as company_date,
        sum(cost_amount) as ad_cost_amount
    from {{ ref('fct_ad_cost') }}
    group by cost_date

),

active_dates as (

    select company_date from sales
    union all
    select company_date from machines
    union all
    select company_date from operations
    union all
    select company_date from inspections
    union all
    select company_date from web
    union all
    select company_date from requests
    union all
    select company_date from advertising

),

-- A day is told to its end by a file of a later day.
delivered as (

    select
        sources.source_name,
        max(cast({{ local_time('files.as_of', 'company.time_zone') }} as date)) as last_date
    from {{ source('ops', 'source') }} as sources
    inner join {{ source('ops', 'file') }} as files on sources.source_name = files.source_name
    cross join {{ source('ops', 'company') }} as company
    where sources.role in ('sales', 'production', 'web')
    group by sources.source_name

),

missing as (

    select
        dates.date_day as company_date,
        string_agg(delivered.source_name, ', ' order by delivered.source_name) as missing_sources
    from {{ ref('dim_date') }} as dates
    inner join delivered on dates.date_day >= delivered.last_date
    group by dates.date_day

),

bounds as (

    select
        min(company_date) as first_date,
        max(company_date) as last_date
    from active_dates

),

final as (

    select
        dates.date_day as company_date,
        dates.is_working_day,
        cast(coalesce(sales.orders, 0) as bigint) as orders,
        cast(coalesce(sales.sold_quantity, 0) as decimal(18, 4)) as sold_quantity,
        cast(coalesce(sales.revenue_net_amount, 0) as decimal(18, 4)) as revenue_net_amount,
        cast(coalesce(sales.refund_net_amount, 0) as decimal(18, 4)) as refund_net_amount,
        coalesce(operations.operations, 0) as operations,
        cast(coalesce(machines.good_quantity, 0) as decimal(18, 4)) as good_quantity,
        cast(coalesce(machines.scrap_quantity, 0) as decimal(18, 4)) as scrap_quantity,
        cast(coalesce(machines.planned_minutes, 0) as decimal(18, 4)) as planned_machine_minutes,
        cast(coalesce(machines.running_minutes, 0) as decimal(18, 4)) as running_machine_minutes,
        cast(coalesce(machines.down_minutes, 0) as decimal(18, 4)) as down_machine_minutes,
        coalesce(inspections.inspections, 0) as inspections,
        cast(coalesce(inspections.failed_inspections, 0) as bigint) as failed_inspections,
        cast(coalesce(web.web_sessions, 0) as bigint) as web_sessions,
        cast(coalesce(web.web_purchases, 0) as bigint) as web_purchases,
        coalesce(requests.web_requests, 0) as web_requests,
        cast(coalesce(advertising.ad_cost_amount, 0) as decimal(18, 4)) as ad_cost_amount,
        missing.missing_sources
    from {{ ref('dim_date') }} as dates
    inner join bounds on dates.date_day between bounds.first_date and bounds.last_date
    left join sales on dates.date_day = sales.company_date
    left join machines on dates.date_day = machines.company_date
    left join operations on dates.date_day = operations.company_date
    left join inspections on dates.date_day = inspections.company_date
    left join web on dates.date_day = web.company_date
    left join requests on dates.date_day = requests.company_date
    left join advertising on dates.date_day = advertising.company_date
    left join missing on dates.date_day = missing.company_date

)

select * from final
order by company_date
