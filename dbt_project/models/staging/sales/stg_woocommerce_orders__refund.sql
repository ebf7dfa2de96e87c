with

source as (

    select * from {{ source('raw', 'woocommerce_orders') }}

),

elements as (

    select
        *,
        {{ json_elements('refunds') }}
    from source

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        order_id,
        element ->> '$.id' as refund_id,
        abs({{ json_amount('element', '$.total') }}) as amount
    from elements

)

select * from renamed
