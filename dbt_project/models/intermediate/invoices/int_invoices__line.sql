-- Read by two facts.
{{ config(materialized="table") }}

with

invoices as (

    select * from {{ ref('int_invoices__invoice') }}

),

taxes as (

    select * from {{ ref('stg_e_invoices__tax') }}

),

printed_lines as (

    select * from {{ ref('int_invoices__printed_line') }}
    where is_counted

),

allowances as (

    select * from {{ ref('stg_e_invoices__allowance') }}

),

-- Everything an invoice's net amount is made of, as printed: lines, allowances and charges on the whole, and for
-- profiles without lines what the taxes were computed on, or at least the net amount.
parts as (

    select
        invoices.invoice_key,
        'item' as line_kind,
        printed_lines.line_number as part_number,
        printed_lines.line_id,
        printed_lines.article_name,
        printed_lines.article_number,
        printed_lines.buyer_article_number,
        printed_lines.global_article_number,
        printed_lines.quantity,
        printed_lines.unit,
        printed_lines.unit_price,
        printed_lines.base_quantity,
        printed_lines.net_amount,
        printed_lines.tax_category,
        printed_lines.tax_rate_pct
    from printed_lines
    inner join invoices
        on
            printed_lines.source_name = invoices.source_name
            and printed_lines.file_id = invoices.file_id
            and printed_lines.file_line = invoices.file_line
    union all
    select
        invoices.invoice_key,
        case when allowances.is_charge then 'charge' else 'allowance' end as line_kind,
        allowances.allowance_number as part_number,
        null as line_id,
        allowances.reason as article_name,
        null as article_number,
        null as buyer_article_number,
        null as global_article_number,
        null as quantity,
        null as unit,
        null as unit_price,
        null as base_quantity,
        case when allowances.is_charge then allowances.amount else -allowances.amount end as net_amount,
        allowances.tax_category,
        allowances.tax_rate_pct
    from allowances
    inner join invoices
        on
            allowances.source_name = invoices.source_name
            and allowances.file_id = invoices.file_id
            and allowances.file_line = invoices.file_line
    where invoices.line_count > 0
    union all
    select
        invoices.invoice_key,
        'summary' as line_kind,
        coalesce(taxes.tax_number, 1) as part_number,
        null as line_id,
        null as article_name,
        null as article_number,
        null as buyer_article_number,
        null as global_article_number,
        null as quantity,
        null as unit,
        null as unit_price,
        null as base_quantity,
        coalesce(taxes.taxable_amount, invoices.amount_sign * invoices.document_net_amount) as net_amount,
        taxes.tax_category,
        taxes.tax_rate_pct
    from invoices
    left join taxes
        on
            invoices.source_name = taxes.source_name
            and invoices.file_id = taxes.file_id
            and invoices.file_line = taxes.file_line
    where invoices.line_count = 0

),

breakdown as (

    select
        invoices.invoice_key,
        taxes.tax_category,
        taxes.tax_rate_pct,
        sum(taxes.tax_amount) as tax_amount
    from taxes
    inner join invoices
        on
            taxes.source_name = invoices.source_name
            and taxes.file_id = invoices.file_id
            and taxes.file_line = invoices.file_line
    group by invoices.invoice_key, taxes.tax_category, taxes.tax_rate_pct

),

weighted as (

    select
        parts.*,
        row_number() over so_far as place,
        sum(parts.net_amount) over so_far as running_net_amount,
        sum(parts.net_amount) over whole as whole_net_amount
    from parts
    window
        whole as (partition by parts.invoice_key, parts.tax_category, parts.tax_rate_pct),
        so_far as (
            partition by parts.invoice_key, parts.tax_category, parts.tax_rate_pct
            order by parts.line_kind desc, parts.part_number asc
        )

),

-- The VAT of a category and rate is computed on all its lines together; each gets its share, to the cent.
taxed as (

    select
        weighted.*,
        case
            when breakdown.invoice_key is not null
                then {{ share_of(
                    'breakdown.tax_amount',
                    'weighted.net_amount',
                    'weighted.running_net_amount',
                    'weighted.whole_net_amount',
                    'weighted.place',
                ) }}
            else
                cast(
                    round(cast(weighted.net_amount as decimal(28, 4)) * weighted.tax_rate_pct * 0.01, 2)
                    as decimal(18, 4)
                )
        end as tax_amount
    from weighted
    left join breakdown
        on
            weighted.invoice_key = breakdown.invoice_key
            and weighted.tax_category is not distinct from breakdown.tax_category
            and weighted.tax_rate_pct is not distinct from breakdown.tax_rate_pct

),

signed as (

    select
        taxed.* exclude (net_amount, tax_amount, quantity, invoice_key),
        invoices.*,
        invoices.amount_sign * taxed.quantity as quantity,
        cast(invoices.amount_sign * taxed.net_amount as decimal(18, 4)) as line_net_amount,
        cast(
            invoices.amount_sign * coalesce(
                taxed.tax_amount,
                -- Without a breakdown an invoice of one part has one tax.
                case when invoices.line_count = 0 then invoices.amount_sign * invoices.document_tax_amount end
            ) as decimal(18, 4)
        ) as line_tax_amount
    from taxed
    inner join invoices on taxed.invoice_key = invoices.invoice_key

),

final as (

    select
        invoice_key || ':' || line_kind || ':' || part_number as invoice_line_key,
        invoice_key,
        source_name,
        file_id,
        loaded_at,
        document_number,
        document_type,
        direction,
        is_credit,
        document_date,
        seller_identity,
        buyer_identity,
        partner_country,
        order_number,
        line_kind,
        part_number as line_number,
        line_id,
        article_number,
        buyer_article_number,
        global_article_number,
        article_name,
        cast(quantity as decimal(18, 4)) as quantity,
        unit,
        unit_price,
        base_quantity,
        tax_category,
        tax_rate_pct,
        document_currency,
        exchange_rate,
        {{ in_company_currency('line_net_amount', 'exchange_rate') }} as net_amount,
        {{ in_company_currency('line_tax_amount', 'exchange_rate') }} as tax_amount,
        line_net_amount as document_net_amount,
        line_tax_amount as document_tax_amount
    from signed

)

select * from final
