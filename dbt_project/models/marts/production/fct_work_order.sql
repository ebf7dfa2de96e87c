with

work_orders as (

    select * from {{ ref('stg_work_orders__order') }}

),

company as (

    select * from {{ source('ops', 'company') }}

),

product_versions as (

    select
        product_version_key,
        product_key,
        valid_from,
        valid_to
    from {{ ref('int_reference__product_version') }}

),

dated as (

    select
        work_orders.*,
        cast({{ local_time('work_orders.started_at', 'company.time_zone') }} as date) as started_date,
        cast({{ local_time('work_orders.ended_at', 'company.time_zone') }} as date) as ended_date,
        -- The day by which the article is told: when work began, or was to begin.
        coalesce(
            started_date,
            cast({{ local_time('work_orders.planned_started_at', 'company.time_zone') }} as date),
            work_orders.due_date
        ) as order_date
    from work_orders
    cross join company

),

final as (

    select
        source_name || ':' || work_order_number as work_order_key,
        source_name,
        work_order_number,
        coalesce(dated.product_key, 'unknown') as product_key,
        coalesce(
            product_versions.product_version_key, {{ first_version_key("coalesce(dated.product_key, 'unknown')") }}
        ) as product_version_key,
        status,
        unit,
        planned_quantity,
        good_quantity,
        scrap_quantity,
        rework_quantity,
        cast(100 * scrap_quantity / nullif(good_quantity + scrap_quantity, 0) as decimal(18, 4)) as scrap_pct,
        planned_started_at,
        planned_ended_at,
        due_date,
        started_at,
        ended_at,
        started_date,
        ended_date,
        {{ minutes_between('started_at', 'ended_at') }} as lead_time_minutes,
        planned_minutes,
        actual_minutes,
        planned_setup_minutes,
        actual_setup_minutes,
        -- Without a day of its own an order is late when it ends after its planned end.
        case
            when due_date is not null then ended_date > due_date
            else ended_at > planned_ended_at
        end as is_late,
        sales_order_number,
        file_id,
        loaded_at
    from dated
    left join product_versions
        on
            dated.product_key = product_versions.product_key
            and dated.order_date between product_versions.valid_from and product_versions.valid_to

)

select * from final
