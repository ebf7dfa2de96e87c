with

source as (

    select * from {{ source('raw', 'woocommerce_refunds') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        refund_id,
        coalesce(order_id, regexp_extract(order_url, '/orders/([0-9]+)$', 1)) as order_id,
        order_url,
        created_at as refunded_at,
        abs(amount) as amount
    from source

)

select * from renamed
