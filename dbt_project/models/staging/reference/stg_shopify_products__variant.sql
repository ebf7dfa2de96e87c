with

source as (

    select * from {{ source('raw', 'shopify_products') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        {{ article_of_shop('sku', 'shopify', 'variant_id') }} as article_number,
        -- A product without variants has one of this name.
        title || coalesce(' - ' || nullif(variant_title, 'Default Title'), '') as article_name,
        nullif(product_type, '') as product_group,
        barcode as ean,
        inventory_quantity as stock_quantity,
        cast(updated_at as date) as changed_date
    from source

)

select * from renamed
