with

source as (

    select * from {{ source('raw', 'scrap_records') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        scrap_date,
        work_order_number,
        machine_code,
        article_number,
        upper(article_number) as product_key,
        scrap_reason,
        scrap_quantity
    from source

)

select * from renamed
