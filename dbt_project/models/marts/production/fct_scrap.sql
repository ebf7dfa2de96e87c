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

product_versions as (

    select
        product_version_key,
        product_key,
        valid_from,
        valid_to
    from {{ ref('int_reference__product_version') }}

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
        all_scrap.scrap_key,
        all_scrap.source_name,
        all_scrap.scrap_origin,
        all_scrap.scrap_date,
        all_scrap.work_order_number,
        all_scrap.machine_key,
        all_scrap.product_key,
        coalesce(product_versions.product_version_key, {{ first_version_key('all_scrap.product_key') }})
            as product_version_key,
        coalesce(all_scrap.scrap_reason, 'unknown') as scrap_reason,
        all_scrap.scrap_quantity,
        all_scrap.file_id,
        all_scrap.loaded_at
    from all_scrap
    left join product_versions
        on
            all_scrap.product_key = product_versions.product_key
            and all_scrap.scrap_date between product_versions.valid_from and product_versions.valid_to
    where all_scrap.scrap_quantity <> 0

)

select * from final
