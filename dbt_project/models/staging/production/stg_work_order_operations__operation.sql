with

source as (

    select * from {{ rows_of(source('raw', 'work_order_operations')) }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        work_order_number,
        operation_number,
        operation_name,
        machine_code,
        article_number,
        upper(article_number) as product_key,
        started_at,
        ended_at,
        planned_quantity,
        good_quantity,
        scrap_quantity,
        scrap_reason,
        setup_minutes,
        employee_number
    from source

)

select * from renamed
