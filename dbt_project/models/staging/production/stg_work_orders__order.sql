with

source as (

    select * from {{ source('raw', 'work_orders') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        work_order_number,
        article_number,
        upper(article_number) as product_key,
        status,
        unit,
        planned_quantity,
        good_quantity,
        scrap_quantity,
        rework_quantity,
        planned_started_at,
        planned_ended_at,
        due_date,
        started_at,
        ended_at,
        planned_minutes,
        actual_minutes,
        planned_setup_minutes,
        actual_setup_minutes,
        sales_order_number,
        changed_at
    from source

)

select * from renamed
