with

source as (

    select * from {{ source('raw', 'shopify_refunds') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        order_id,
        refund_id,
        coalesce(processed_at, created_at) as refunded_at,
        refund_line_items,
        order_adjustments,
        transactions
    from source

)

select * from renamed
