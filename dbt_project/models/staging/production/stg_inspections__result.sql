with

source as (

    select * from {{ rows_of(source('raw', 'inspections')) }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        inspection_number,
        work_order_number,
        article_number,
        upper(article_number) as product_key,
        characteristic,
        unit,
        inspected_at,
        measured_value,
        nominal_value,
        lower_limit,
        upper_limit,
        result
    from source

)

select * from renamed
