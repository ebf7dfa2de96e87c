-- A slice is a document: the sign of a credit note is known from all of its lines only.
{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "document_key",
        "line": "split_part(sales_line_key, ':', 2)",
        "rows": ["sales_lines", "shopify_orders_csv"],
        "references": {
            "int_sales__shop_order_line": {
                "key": "source_name || ':' || document_number", "column": "document_key", "is_narrowed": true
            },
            "customer_identity": {
                "key": "customer_key", "column": "customer_key", "of": ["customer_identity", "customer_key"]
            },
            "int_reference__customer_version": {
                "key": "customer_key", "column": "customer_key",
                "of": ["customer_version_key", "valid_from", "valid_to"]
            },
            "int_reference__product_version": {
                "key": "product_key", "column": "product_key",
                "of": ["product_version_key", "valid_from", "valid_to", "unit", "unit_cost"]
            },
            "int_reference__exchange_rate": {
                "key": "case when rate_name <> 'company currency' then currency || rate_date end",
                "column": "case when exchange_rate is distinct from 1 then document_currency || document_date end",
                "of": ["exchange_rate"]
            }
        },
        "fixed": ["int_calendar__utc_hour"],
        "hands_on": ["document_key", "document_date"]
    }}
) }}

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

customer_versions as (

    select
        customer_version_key,
        customer_key,
        valid_from,
        valid_to
    from {{ ref('int_reference__customer_version') }}

),

product_versions as (

    select
        product_version_key,
        product_key,
        valid_from,
        valid_to,
        unit,
        unit_cost
    from {{ ref('int_reference__product_version') }}

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
        coalesce(customer_versions.customer_version_key, {{ first_version_key("'unknown'") }}) as customer_version_key,
        lines.product_key,
        coalesce(product_versions.product_version_key, {{ first_version_key('lines.product_key') }})
            as product_version_key,
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
        coalesce(lines.unit, product_versions.unit) as unit,
        lines.net_amount,
        lines.tax_amount,
        lines.gross_amount,
        -- Metres at the cost of a roll would be a wrong cost, so it stays empty.
        case
            when lines.line_kind = 'product' and not {{ units_differ('lines.unit', 'product_versions.unit') }}
                then
                    cast(
                        round(cast(lines.quantity as decimal(28, 4)) * product_versions.unit_cost, 2) as decimal(18, 4)
                    )
        end as cost_amount,
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
    left join customer_versions
        on
            customers.customer_key = customer_versions.customer_key
            and lines.document_date between customer_versions.valid_from and customer_versions.valid_to
    left join product_versions
        on
            lines.product_key = product_versions.product_key
            and lines.document_date between product_versions.valid_from and product_versions.valid_to

)

select * from final
