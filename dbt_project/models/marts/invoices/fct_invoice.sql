with

invoices as (

    select * from {{ ref('int_invoices__invoice') }}

),

partners as (

    select
        partner_identity,
        partner_key
    from {{ ref('business_partner') }}

),

final as (

    select
        invoices.invoice_key,
        invoices.source_name,
        invoices.document_number,
        invoices.document_type,
        invoices.type_code,
        invoices.direction,
        invoices.direction_basis,
        invoices.is_credit,
        invoices.is_self_billed,
        invoices.document_date,
        invoices.due_date,
        invoices.delivery_date,
        invoices.period_start,
        invoices.period_end,
        coalesce(sellers.partner_key, 'unknown') as seller_key,
        coalesce(buyers.partner_key, 'unknown') as buyer_key,
        coalesce(others.partner_key, 'unknown') as partner_key,
        invoices.partner_country,
        invoices.order_number,
        invoices.sales_order_number,
        invoices.project_number,
        invoices.preceding_document_number,
        invoices.payment_means_code,
        invoices.payment_terms,
        invoices.cash_discount_days,
        invoices.cash_discount_pct,
        invoices.line_count,
        invoices.delivery_count,
        invoices.deviation is not null as has_deviating_totals,
        invoices.deviation,
        invoices.net_amount,
        invoices.tax_amount,
        invoices.gross_amount,
        invoices.prepaid_amount,
        invoices.payable_amount,
        invoices.document_currency,
        invoices.exchange_rate,
        invoices.document_net_amount,
        invoices.document_tax_amount,
        invoices.document_gross_amount,
        invoices.document_prepaid_amount,
        invoices.document_payable_amount,
        invoices.file_id,
        invoices.loaded_at
    from invoices
    left join partners as sellers on invoices.seller_identity = sellers.partner_identity
    left join partners as buyers on invoices.buyer_identity = buyers.partner_identity
    left join partners as others on invoices.partner_identity = others.partner_identity

)

select * from final
