with

operations as (

    select * from {{ ref('fct_operation') }}

),

bookings as (

    select * from {{ ref('fct_production_booking') }}

),

records as (

    select * from {{ ref('stg_scrap_records__record') }}

),

all_scrap as (

    select
        operation_key as scrap_key,
        source_name,
        'operation' as scrap_origin,
        operation_date as scrap_date,
        work_order_number,
        machine_key,
        product_key,
        scrap_reason,
        scrap_quantity,
        file_id,
        loaded_at
    from operations
    -- Whoever presses twice has not rejected twice.
    where not is_repeated
    union all
    select
        production_booking_key as scrap_key,
        source_name,
        'booking' as scrap_origin,
        booking_date as scrap_date,
        work_order_number,
        machine_key,
        product_key,
        coalesce(scrap_reason, scrap_code) as scrap_reason,
        scrap_quantity,
        file_id,
        loaded_at
    from bookings
    union all
    select
        file_id || ':' || file_line as scrap_key,
        source_name,
        'list' as scrap_origin,
        scrap_date,
        work_order_number,
        coalesce(machine_code, 'unknown') as machine_key,
        coalesce(product_key, 'unknown') as product_key,
        scrap_reason,
        scrap_quantity,
        file_id,
        loaded_at
    from records

),

final as (

    select
        scrap_key,
        source_name,
        scrap_origin,
        scrap_date,
        work_order_number,
        machine_key,
        product_key,
        coalesce(scrap_reason, 'unknown') as scrap_reason,
        scrap_quantity,
        file_id,
        loaded_at
    from all_scrap
    where scrap_quantity <> 0

)

select * from final
