-- A slice is a work order: bookings are repeated within one only. Who joins or changes a group may change those of all.
{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "source_name || ':' || work_order_number",
        "rows": ["work_order_operations"],
        "line": "split_part(operation_key, ':', 2)",
        "references": {
            "int_reference__product_version": {
                "key": "product_key", "column": "product_key",
                "of": ["product_version_key", "valid_from", "valid_to"]
            },
            "employee_group_member": {"key": "'all'", "column": "'all'"}
        },
        "fixed": ["int_calendar__utc_hour"]
    }}
) }}

with

operations as (

    select * from {{ ref('stg_work_order_operations__operation') }}

),

employee_groups as (

    select * from {{ ref('employee_group_member') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

product_versions as (

    select
        product_version_key,
        product_key,
        valid_from,
        valid_to
    from {{ ref('int_reference__product_version') }}

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
        coalesce(
            product_versions.product_version_key, {{ first_version_key("coalesce(operations.product_key, 'unknown')") }}
        ) as product_version_key,
        coalesce(employee_groups.employee_group_key, 'unknown') as employee_group_key,
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
    left join employee_groups on operations.employee_number = employee_groups.employee
    left join hours on date_trunc('hour', operations.started_at) = hours.hour_at
    left join product_versions
        on
            operations.product_key = product_versions.product_key
            and cast(operations.started_at + hours.utc_offset as date)
            between product_versions.valid_from and product_versions.valid_to

)

select * from final
