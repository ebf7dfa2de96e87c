with

lines as (

    select * from {{ ref('int_invoices__line') }}

),

final as (

    select
        invoice_line_key,
        invoice_key,
        source_name,
        document_number,
        document_type,
        direction,
        is_credit,
        document_date,
        line_kind,
        line_number,
        line_id,
        article_number,
        buyer_article_number,
        global_article_number,
        article_name,
        quantity,
        unit,
        unit_price,
        base_quantity,
        net_amount,
        tax_amount,
        tax_category,
        tax_rate_pct,
        document_currency,
        exchange_rate,
        document_net_amount,
        document_tax_amount,
        file_id,
        loaded_at
    from lines

)

select * from final
