with

source as (

    select * from {{ source('raw', 'e_invoices') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        syntax,
        profile,
        process,
        document_number,
        issue_date,
        type_code,
        document_type,
        issuer_identity,
        upper(currency) as currency,
        upper(tax_currency) as tax_currency,
        due_date,
        buyer_reference,
        project_number,
        contract_number,
        order_number,
        sales_order_number,
        despatch_number,
        payment_terms,
        notes,
        delivery_date,
        upper(delivery_country) as delivery_country,
        period_start,
        period_end,
        seller_name,
        seller_trading_name,
        seller_party_id,
        seller_legal_id,
        seller_vat_id,
        seller_tax_number,
        seller_street,
        seller_postal_code,
        seller_city,
        upper(seller_country) as seller_country,
        seller_identity,
        buyer_name,
        buyer_trading_name,
        buyer_party_id,
        buyer_legal_id,
        buyer_vat_id,
        buyer_tax_number,
        buyer_street,
        buyer_postal_code,
        buyer_city,
        upper(buyer_country) as buyer_country,
        buyer_identity,
        payment_means_code,
        remittance,
        iban,
        line_total,
        allowance_total,
        charge_total,
        net_total,
        tax_total,
        tax_total_accounting,
        gross_total,
        prepaid_total,
        rounding_amount,
        payable,
        -- The first of them; nearly always there is one.
        preceding_invoices ->> '$[0].document_number' as preceding_document_number
    from source

)

select * from renamed
