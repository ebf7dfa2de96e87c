with

source as (

    select * from {{ source('raw', 'shopify_orders') }}

),

elements as (

    select
        _source,
        order_id,
        'line' as list_name,
        {{ json_elements('line_items') }}
    from source
    union all
    select
        _source,
        order_id,
        'shipping' as list_name,
        {{ json_elements('shipping_lines') }}
    from source

),

renamed as (

    select
        _source as source_name,
        order_id,
        elements.list_name,
        elements.place,
        element ->> '$.id' as line_id,
        {{ article_of_shop(
            "element ->> '$.sku'",
            'shopify',
            "coalesce(element ->> '$.variant_id', element ->> '$.product_id')"
        ) }} as article_number,
        coalesce(element ->> '$.name', element ->> '$.title') as article_name,
        coalesce({{ json_amount('element', '$.quantity') }}, 1) as quantity,
        {{ json_amount('element', '$.price') }} as unit_price,
        -- Allocations tell all discounts of a line, those of the order included; total_discount only its own.
        case
            when json_type(element, '$.discount_allocations') = 'ARRAY'
                then coalesce({{ json_sum('element', '$.discount_allocations[*].amount') }}, 0)
            when elements.list_name = 'line' then {{ json_amount('element', '$.total_discount') }}
            else {{ json_amount('element', '$.price') }} - {{ json_amount('element', '$.discounted_price') }}
        end as discount,
        {{ json_sum('element', '$.tax_lines[*].price') }} as tax_amount,
        {{ json_sum('element', '$.tax_lines[*].rate') }} * 100 as tax_rate_pct,
        coalesce(try_cast(element ->> '$.taxable' as boolean), true) as is_taxable,
        coalesce(try_cast(element ->> '$.gift_card' as boolean), false) as is_gift_card,
        coalesce(
            (element ->> '$.tip_payment_gateway') is not null
            or ((element ->> '$.product_id') is null and lower(element ->> '$.title') in ('tip', 'trinkgeld')),
            false
        ) as is_tip,
        coalesce(try_cast(element ->> '$.is_removed' as boolean), false) as is_removed
    from elements

)

select * from renamed
