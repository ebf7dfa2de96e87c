with

source as (

    select * from {{ rows_of(source('raw', 'production_bookings')) }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        booked_at,
        work_order_number,
        operation_number,
        machine_code,
        article_number,
        upper(article_number) as product_key,
        packing_unit,
        carton_number,
        status,
        good_quantity,
        scrap_quantity,
        total_quantity,
        scrap_code,
        scrap_reason,
        cause_code,
        cause,
        production_minutes,
        setup_minutes,
        stop_minutes,
        worker,
        released_at,
        blocked_at
    from source

)

select * from renamed
