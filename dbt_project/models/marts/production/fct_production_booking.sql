with

bookings as (

    select * from {{ ref('stg_production_bookings__booking') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

-- A pseudonym costs about a microsecond; a workshop has few people and many bookings.
workers as (

    select
        worker,
        {{ pseudonym("'worker:' || worker") }} as worker_key
    from bookings
    where worker is not null
    group by worker

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
        workers.worker_key,
        bookings.file_id,
        bookings.loaded_at
    from bookings
    left join hours on date_trunc('hour', bookings.booked_at) = hours.hour_at
    left join workers on bookings.worker = workers.worker

)

select * from final
