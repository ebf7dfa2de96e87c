with

lines as (

    select * from {{ ref('int_sales__line') }}

),

customers as (

    select
        customer_identity,
        customer_key
    from {{ ref('customer_identity') }}

),

costs as (

    select * from {{ ref('int_reference__product_cost') }}

),

final as (

    select
        lines.sales_line_key,
        lines.source_name,
        lines.document_key,
        lines.document_number,
        lines.line_number,
        lines.document_type,
        lines.document_at,
        lines.document_date,
        coalesce(customers.customer_key, 'unknown') as customer_key,
        lines.product_key,
        lines.article_number,
        lines.channel,
        lines.country,
        lines.line_kind,
        lines.is_refund,
        lines.is_derived,
        lines.is_counted,
        lines.not_counted_reason,
        lines.is_revenue,
        lines.quantity,
        lines.unit,
        lines.net_amount,
        lines.tax_amount,
        lines.gross_amount,
        cast(round(cast(lines.quantity as decimal(28, 4)) * costs.unit_cost, 2) as decimal(18, 4)) as cost_amount,
        lines.tax_rate_pct,
        lines.document_currency,
        lines.exchange_rate,
        lines.document_net_amount,
        lines.document_tax_amount,
        lines.document_gross_amount,
        lines.file_id,
        lines.loaded_at
    from lines
    left join customers on lines.customer_identity = customers.customer_identity
    left join costs
        on
            lines.product_key = costs.product_key
            and lines.document_date between costs.valid_from and costs.valid_to
            and lines.line_kind = 'product'

)

select * from final
