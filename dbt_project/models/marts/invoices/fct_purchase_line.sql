with

lines as (

    select * from {{ ref('int_invoices__line') }}
    where direction = 'purchase'

),

partners as (

    select
        partner_identity,
        partner_key
    from {{ ref('business_partner') }}

),

final as (

    select
        lines.invoice_line_key as purchase_line_key,
        lines.invoice_key,
        lines.source_name,
        lines.document_number,
        lines.document_type,
        lines.is_credit,
        lines.document_date,
        coalesce(partners.partner_key, 'unknown') as supplier_key,
        lines.partner_country as supplier_country,
        lines.order_number,
        lines.line_kind,
        lines.line_number,
        lines.article_number as supplier_article_number,
        lines.buyer_article_number as article_number,
        lines.global_article_number,
        lines.article_name,
        lines.quantity,
        lines.unit,
        lines.net_amount,
        lines.tax_amount,
        lines.tax_category,
        lines.tax_rate_pct,
        lines.document_currency,
        lines.exchange_rate,
        lines.document_net_amount,
        lines.document_tax_amount,
        lines.file_id,
        lines.loaded_at
    from lines
    left join partners on lines.seller_identity = partners.partner_identity

)

select * from final
