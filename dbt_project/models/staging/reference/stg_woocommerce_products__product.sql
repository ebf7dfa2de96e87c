with

source as (

    select * from {{ source('raw', 'woocommerce_products') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        {{ article_of_shop('sku', 'woocommerce', 'product_id') }} as article_number,
        coalesce(name, array_to_string(json_extract_string(attributes, '$[*].option'), ', ')) as article_name,
        categories ->> '$[0].name' as product_group,
        stock_quantity,
        cast(updated_at as date) as changed_date
    from source

)

select * from renamed
