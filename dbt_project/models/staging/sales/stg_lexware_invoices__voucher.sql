with

source as (

    select * from {{ source('raw', 'lexware_invoices') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        voucher_id,
        document_type,
        voucher_number,
        lower(voucher_status) as voucher_status,
        voucher_at,
        lower(tax_type) as tax_type,
        upper(currency) as currency,
        total_net,
        total_tax,
        total_gross,
        coalesce(total_discount, total_discount_pct, 0) <> 0 as has_total_discount,
        contact_id,
        customer_name,
        postal_code,
        city,
        country
    from source

)

select * from renamed
