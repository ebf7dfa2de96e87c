with

source as (

    select * from {{ source('raw', 'shopware_orders') }}

),

elements as (

    select
        _source,
        order_id,
        tax_status,
        'line' as list_name,
        {{ json_elements('line_items') }}
    from source
    union all
    select
        _source,
        order_id,
        tax_status,
        'shipping' as list_name,
        shipping_costs as element,
        1 as place
    from source
    where shipping_costs is not null

),

renamed as (

    select
        _source as source_name,
        order_id,
        tax_status,
        elements.list_name,
        elements.place,
        coalesce(element ->> '$.type', elements.list_name) as line_type,
        {{ article_of_shop("element ->> '$.payload.productNumber'", 'shopware', "element ->> '$.productId'") }}
            as article_number,
        element ->> '$.label' as article_name,
        coalesce({{ json_amount('element', '$.quantity') }}, 1) as quantity,
        {{ json_amount('element', '$.totalPrice') }} as amount,
        coalesce(
            {{ json_sum('element', '$.price.calculatedTaxes[*].tax') }},
            {{ json_sum('element', '$.calculatedTaxes[*].tax') }},
            0
        ) as tax_amount,
        -- A line of several rates, such as a promotion on a mixed cart, has none of its own.
        case
            when len(json_extract_string(element, '$.price.calculatedTaxes[*].taxRate')) = 1
                then {{ json_sum('element', '$.price.calculatedTaxes[*].taxRate') }}
            when len(json_extract_string(element, '$.calculatedTaxes[*].taxRate')) = 1
                then {{ json_sum('element', '$.calculatedTaxes[*].taxRate') }}
        end as tax_rate_pct,
        cast(try_cast(element ->> '$.createdAt' as timestamptz) as timestamp) as added_at
    from elements
    -- Parts of a bundle are priced in the bundle's own line.
    where (element ->> '$.parentId') is null

)

select * from renamed
