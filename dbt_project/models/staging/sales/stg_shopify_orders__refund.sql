with

source as (

    select * from {{ source('raw', 'shopify_orders') }}

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
        -- With an offset in the text the cast gives UTC, the zone of the session.
        cast(
            try_cast(coalesce(element ->> '$.processed_at', element ->> '$.created_at') as timestamptz) as timestamp
        ) as refunded_at,
        element -> '$.refund_line_items' as refund_line_items,
        element -> '$.order_adjustments' as order_adjustments,
        element -> '$.transactions' as transactions
    from elements

)

select * from renamed
