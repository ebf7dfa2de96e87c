with

source as (

    select * from {{ source('raw', 'lexware_invoices') }}

),

elements as (

    select
        *,
        {{ json_elements('line_items') }}
    from source

),

renamed as (

    select
        _source as source_name,
        voucher_id,
        elements.place,
        lower(element ->> '$.type') as line_type,
        nullif(element ->> '$.id', '') as article_id,
        element ->> '$.name' as article_name,
        coalesce({{ json_amount('element', '$.quantity') }}, 1) as quantity,
        element ->> '$.unitName' as unit,
        {{ json_amount('element', '$.lineItemAmount') }} as amount,
        coalesce({{ json_amount('element', '$.unitPrice.taxRatePercentage') }}, 0) as tax_rate_pct
    from elements
    -- Lines of text have no price.
    where lower(element ->> '$.type') <> 'text'

)

select * from renamed
