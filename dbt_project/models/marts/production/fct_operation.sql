with

operations as (

    select * from {{ ref('stg_work_order_operations__operation') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

final as (

    select
        operations.file_id || ':' || operations.file_line as operation_key,
        operations.source_name,
        operations.work_order_number,
        operations.operation_number,
        operations.operation_name,
        coalesce(operations.machine_code, 'unknown') as machine_key,
        coalesce(operations.product_key, 'unknown') as product_key,
        operations.started_at,
        operations.ended_at,
        cast(operations.started_at + hours.utc_offset as date) as operation_date,
        {{ minutes_between('operations.started_at', 'operations.ended_at') }} as duration_minutes,
        operations.setup_minutes,
        operations.planned_quantity,
        operations.good_quantity,
        operations.scrap_quantity,
        operations.scrap_reason,
        -- Terminals book twice when somebody presses twice. Equal in everything means repeated, never removed.
        row_number() over (
            partition by
                operations.source_name,
                operations.work_order_number,
                operations.operation_number,
                operations.operation_name,
                operations.machine_code,
                operations.product_key,
                operations.started_at,
                operations.ended_at,
                operations.planned_quantity,
                operations.good_quantity,
                operations.scrap_quantity,
                operations.employee_number
            order by operations.file_id, operations.file_line
        ) > 1 as is_repeated,
        operations.file_id,
        operations.loaded_at
    from operations
    left join hours on date_trunc('hour', operations.started_at) = hours.hour_at

)

select * from final
