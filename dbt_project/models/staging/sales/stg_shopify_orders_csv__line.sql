with

source as (

    select * from {{ rows_of(source('raw', 'shopify_orders_csv')) }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        order_name,
        created_at,
        row_number() over (partition by _source, order_name order by _file_id, _line) as line_number,
        lineitem_sku as article_number,
        lineitem_name as article_name,
        lineitem_quantity as quantity,
        lineitem_price as unit_price,
        coalesce(lineitem_discount, 0) as line_discount,
        coalesce(lineitem_taxable, true) as is_taxable
    from source

)

select * from renamed
