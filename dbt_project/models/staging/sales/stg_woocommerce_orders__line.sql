with

source as (

    select * from {{ source('raw', 'woocommerce_orders') }}

),

elements as (

    select
        _source,
        order_id,
        tax_lines,
        'line' as list_name,
        {{ json_elements('line_items') }}
    from source
    union all
    select
        _source,
        order_id,
        tax_lines,
        'shipping' as list_name,
        {{ json_elements('shipping_lines') }}
    from source
    union all
    select
        _source,
        order_id,
        tax_lines,
        'fee' as list_name,
        {{ json_elements('fee_lines') }}
    from source

),

renamed as (

    select
        _source as source_name,
        order_id,
        elements.list_name,
        elements.place,
        {{ woocommerce_article('element') }} as article_number,
        coalesce(element ->> '$.name', element ->> '$.method_title') as article_name,
        coalesce({{ json_amount('element', '$.quantity') }}, 1) as quantity,
        {{ json_amount('element', '$.total') }} as net_amount,
        coalesce({{ json_amount('element', '$.total_tax') }}, 0) as tax_amount,
        -- The rates that bore tax on this line; older shops do not name them.
        cast(
            list_sum(
                list_transform(
                    list_filter(
                        try_cast(tax_lines as json[]),
                        lambda t: list_contains(json_extract_string(element, '$.taxes[*].id'), t ->> '$.rate_id')
                    ),
                    lambda t: try_cast(t ->> '$.rate_percent' as decimal(18, 4))
                )
            ) as decimal(18, 4)
        ) as tax_rate_pct
    from elements

)

select * from renamed
