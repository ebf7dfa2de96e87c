with

windows as (

    select * from {{ ref('int_production__shift_window') }}

),

-- Only if the standard time of every piece is known is the sum of them a standard time.
operations as (

    select
        operations.operation_key,
        operations.machine_key,
        operations.product_key,
        coalesce(operations.scrap_reason, 'unknown') as scrap_reason,
        operations.operation_date,
        operations.started_at,
        -- Setting up comes first and makes no pieces.
        least(
            operations.started_at + to_microseconds(cast(coalesce(operations.setup_minutes, 0) * 60000000 as bigint)),
            coalesce(operations.ended_at, operations.started_at)
        ) as produced_from,
        coalesce(operations.ended_at, operations.started_at) as ended_at,
        coalesce(operations.good_quantity, 0) as good_quantity,
        coalesce(operations.scrap_quantity, 0) as scrap_quantity,
        cast(products.cycle_minutes as decimal(28, 4))
        * (coalesce(operations.good_quantity, 0) + coalesce(operations.scrap_quantity, 0)) as standard_minutes
    from {{ ref('fct_operation') }} as operations
    -- As it was on the day of the work.
    left join {{ ref('dim_product_version') }} as products
        on operations.product_version_key = products.product_version_key
    where
        not operations.is_repeated
        and coalesce(operations.good_quantity, operations.scrap_quantity) is not null

),

-- The days that an operation touches; most touch one.
days as (

    select
        *,
        unnest(
            generate_series(
                cast(operation_date as timestamp),
                -- A day too many finds nothing.
                cast(operation_date as timestamp)
                + to_days(cast(date_diff('hour', started_at, ended_at) // 23 + 1 as integer)),
                interval 1 day
            )
        ) as day_at
    from operations

),

pieces as (

    select
        days.*,
        windows.production_date,
        windows.shift_name,
        days.started_at >= windows.started_at and days.started_at < windows.ended_at as is_begin,
        -- Time in which somebody was to work; a break or a night in between makes no pieces.
        case when windows.planning in ('planned', 'by_state') then 1 else 0 end
        * greatest(
            date_diff(
                'millisecond',
                greatest(days.produced_from, windows.started_at),
                least(days.ended_at, windows.ended_at)
            ),
            0
        ) as worked_milliseconds
    from days
    inner join windows
        on
            cast(days.day_at as date) = windows.local_date
            and days.started_at < windows.ended_at
            and (days.ended_at > windows.started_at or days.started_at = windows.started_at)

),

shared as (

    select
        *,
        sum(worked_milliseconds) over (partition by operation_key) as all_worked_milliseconds
    from pieces

),

final as (

    select
        machine_key || ':' || cast(production_date as varchar) || ':' || shift_name || ':' || product_key || ':'
        || scrap_reason as shift_output_key,
        machine_key,
        production_date,
        shift_name,
        product_key,
        scrap_reason,
        cast(sum(case when is_begin then good_quantity else 0 end) as decimal(18, 4)) as good_quantity,
        cast(sum(case when is_begin then scrap_quantity else 0 end) as decimal(18, 4)) as scrap_quantity,
        cast(
            sum(
                case
                    when all_worked_milliseconds > 0
                        then standard_minutes * worked_milliseconds / all_worked_milliseconds
                    when is_begin then standard_minutes
                    when standard_minutes is not null then 0
                end
            ) as decimal(18, 4)
        ) as standard_minutes,
        bool_or(standard_minutes is null) as is_without_standard_time
    from shared
    where is_begin or worked_milliseconds > 0
    group by machine_key, production_date, shift_name, product_key, scrap_reason

)

select * from final
