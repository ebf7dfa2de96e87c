with

source as (

    select * from {{ source('raw', 'lexware_invoices') }}

),

elements as (

    select
        *,
        {{ json_elements('tax_amounts') }}
    from source

),

renamed as (

    select
        _source as source_name,
        voucher_id,
        coalesce({{ json_amount('element', '$.taxRatePercentage') }}, 0) as tax_rate_pct,
        {{ json_amount('element', '$.taxAmount') }} as tax_amount,
        {{ json_amount('element', '$.netAmount') }} as net_amount
    from elements

)

select * from renamed
