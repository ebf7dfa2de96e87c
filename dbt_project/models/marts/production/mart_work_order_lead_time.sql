with

bookings as (

    select
        *,
        -- Bookings of an order that overlap are one stretch of work.
        max(ended_at) over (
            partition by source_name, work_order_number
            order by started_at, ended_at
            rows between unbounded preceding and 1 preceding
        ) as worked_until
    from {{ ref('fct_operation') }}
    where not is_repeated and ended_at is not null

),

booked as (

    select
        source_name,
        work_order_number,
        any_value(product_key) as product_key,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        count(*) as bookings,
        count(distinct operation_number) as operations,
        sum(duration_minutes) as booked_minutes,
        sum(setup_minutes) as setup_minutes,
        sum(
            greatest(
                date_diff('millisecond', greatest(started_at, coalesce(worked_until, started_at)), ended_at), 0
            )
        ) as worked_milliseconds,
        sum(scrap_quantity) as scrap_quantity
    from bookings
    group by source_name, work_order_number

),

orders as (

    select * from {{ ref('fct_work_order') }}

),

company as (

    select * from {{ source('ops', 'company') }}

),

joined as (

    select
        coalesce(orders.work_order_number, booked.work_order_number) as work_order_number,
        coalesce(orders.source_name, booked.source_name) as source_name,
        coalesce(nullif(orders.product_key, 'unknown'), booked.product_key, 'unknown') as product_key,
        coalesce(booked.started_at, orders.started_at) as started_at,
        coalesce(booked.ended_at, orders.ended_at) as ended_at,
        booked.bookings,
        booked.operations,
        booked.booked_minutes,
        booked.setup_minutes,
        booked.worked_milliseconds,
        orders.status,
        orders.planned_quantity,
        orders.good_quantity,
        coalesce(orders.scrap_quantity, booked.scrap_quantity) as scrap_quantity,
        orders.due_date,
        orders.is_late
    from orders
    full join booked on orders.work_order_number = booked.work_order_number

),

final as (

    select
        source_name || ':' || work_order_number as work_order_key,
        source_name,
        work_order_number,
        product_key,
        status,
        started_at,
        ended_at,
        cast({{ local_time('ended_at', 'company.time_zone') }} as date) as ended_date,
        coalesce(bookings, 0) as bookings,
        coalesce(operations, 0) as operations,
        {{ minutes_between('started_at', 'ended_at') }} as lead_time_minutes,
        cast(worked_milliseconds / 60000.0 as decimal(18, 4)) as worked_minutes,
        cast(booked_minutes as decimal(18, 4)) as booked_minutes,
        cast(setup_minutes as decimal(18, 4)) as setup_minutes,
        cast(booked_minutes - coalesce(setup_minutes, 0) as decimal(18, 4)) as run_minutes,
        cast(date_diff('millisecond', started_at, ended_at) / 60000.0 - worked_milliseconds / 60000.0 as decimal(18, 4))
            as waiting_minutes,
        100.0 * worked_milliseconds / nullif(date_diff('millisecond', started_at, ended_at), 0) as flow_rate_pct,
        planned_quantity,
        good_quantity,
        cast(scrap_quantity as decimal(18, 4)) as scrap_quantity,
        100.0 * scrap_quantity / nullif(good_quantity + scrap_quantity, 0) as scrap_pct,
        due_date,
        is_late
    from joined
    cross join company

)

select * from final
