with

source as (

    select * from {{ source('raw', 'woocommerce_refunds') }}

),

elements as (

    select
        _source,
        refund_id,
        'line' as list_name,
        {{ json_elements('line_items') }}
    from source
    union all
    select
        _source,
        refund_id,
        'shipping' as list_name,
        {{ json_elements('shipping_lines') }}
    from source
    union all
    select
        _source,
        refund_id,
        'fee' as list_name,
        {{ json_elements('fee_lines') }}
    from source

),

renamed as (

    select
        _source as source_name,
        refund_id,
        elements.list_name,
        elements.place,
        {{ woocommerce_article('element') }} as article_number,
        coalesce(element ->> '$.name', element ->> '$.method_title') as article_name,
        -abs(coalesce({{ json_amount('element', '$.quantity') }}, 0)) as quantity,
        {{ json_amount('element', '$.total') }} as net_amount,
        coalesce({{ json_amount('element', '$.total_tax') }}, 0) as tax_amount
    from elements

)

select * from renamed
