-- A slice is a file: a row is made of one booking. Who joins or changes a group may change those of all.
{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "file_id",
        "rows": ["production_bookings"],
        "line": "split_part(production_booking_key, ':', 2)",
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

bookings as (

    select * from {{ ref('stg_production_bookings__booking') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

employee_groups as (

    select * from {{ ref('employee_group_member') }}

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
        bookings.file_id || ':' || bookings.file_line as production_booking_key,
        bookings.source_name,
        bookings.booked_at,
        cast(bookings.booked_at + hours.utc_offset as date) as booking_date,
        bookings.work_order_number,
        bookings.operation_number,
        coalesce(bookings.machine_code, 'unknown') as machine_key,
        coalesce(bookings.product_key, 'unknown') as product_key,
        coalesce(
            product_versions.product_version_key, {{ first_version_key("coalesce(bookings.product_key, 'unknown')") }}
        ) as product_version_key,
        bookings.packing_unit,
        bookings.status,
        bookings.good_quantity,
        bookings.scrap_quantity,
        bookings.total_quantity,
        bookings.scrap_code,
        bookings.scrap_reason,
        bookings.cause,
        bookings.production_minutes,
        bookings.setup_minutes,
        bookings.stop_minutes,
        coalesce(employee_groups.employee_group_key, 'unknown') as employee_group_key,
        bookings.file_id,
        bookings.loaded_at
    from bookings
    left join hours on date_trunc('hour', bookings.booked_at) = hours.hour_at
    left join product_versions
        on
            bookings.product_key = product_versions.product_key
            and cast(bookings.booked_at + hours.utc_offset as date)
            between product_versions.valid_from and product_versions.valid_to
    left join employee_groups on bookings.worker = employee_groups.employee

)

select * from final
