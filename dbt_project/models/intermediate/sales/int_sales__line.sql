with

company as (

    select * from {{ source('ops', 'company') }}

),

-- Only sources with the role sales count. Ledgers and purchases tell of the same goods again.
sources as (

    select * from {{ source('ops', 'source') }}
    where role = 'sales'

),

numberings as (

    select * from {{ ref('customer_numbering') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

rates as (

    select * from {{ ref('int_reference__exchange_rate') }}

),

document_lines as (

    select * from {{ ref('int_sales__document_line') }}

),

shopify_lines as (

    select * from {{ ref('int_sales__shopify_line') }}

),

shop_order_lines as (

    select * from {{ rows_of(ref('int_sales__shop_order_line')) }}

),

all_lines as (

    select
        document_lines.source_name,
        document_lines.file_id,
        document_lines.file_line,
        document_lines.loaded_at,
        cast(null as varchar) as line_part,
        false as is_derived,
        document_lines.document_number,
        document_lines.line_number,
        document_lines.document_type,
        document_lines.document_at,
        {{ identity_of_number('document_lines.customer_number', 'numberings.numbering') }} as customer_identity,
        document_lines.country,
        document_lines.article_number,
        document_lines.article_name,
        document_lines.line_kind,
        document_lines.is_refund,
        case when document_lines.line_kind = 'write_off' then 'write_off' end as not_counted_reason,
        document_lines.quantity,
        document_lines.unit,
        document_lines.tax_rate_pct,
        document_lines.document_net_amount,
        document_lines.document_tax_amount,
        document_lines.document_gross_amount,
        document_lines.currency,
        document_lines.channel
    from document_lines
    left join numberings on document_lines.source_name = numberings.source_name
    union all
    select
        source_name,
        file_id,
        file_line,
        loaded_at,
        derived_from as line_part,
        derived_from is not null as is_derived,
        document_number,
        line_number,
        'order' as document_type,
        document_at,
        {{ identity_of_email('email') }} as customer_identity,
        country,
        article_number,
        article_name,
        line_kind,
        is_refund,
        not_counted_reason,
        quantity,
        null as unit,
        tax_rate_pct,
        document_net_amount,
        document_tax_amount,
        document_gross_amount,
        currency,
        channel
    from shopify_lines
    union all
    select
        source_name,
        file_id,
        file_line,
        loaded_at,
        part as line_part,
        is_derived,
        document_number,
        line_number,
        document_type,
        document_at,
        customer_identity,
        country,
        article_number,
        article_name,
        line_kind,
        is_refund,
        not_counted_reason,
        quantity,
        unit,
        tax_rate_pct,
        document_net_amount,
        document_tax_amount,
        document_gross_amount,
        currency,
        channel
    from shop_order_lines

),

dated as (

    select
        all_lines.*,
        cast(all_lines.document_at + hours.utc_offset as date) as document_date,
        coalesce(all_lines.currency, sources.currency, company.currency) as document_currency,
        company.currency as company_currency
    from all_lines
    inner join sources on all_lines.source_name = sources.source_name
    cross join company
    left join hours on date_trunc('hour', all_lines.document_at) = hours.hour_at

),

valued as (

    select
        dated.*,
        -- Amounts on a day without a rate stay empty in the company's currency; a test reports them.
        case
            when dated.document_currency = dated.company_currency then cast(1 as decimal(18, 8))
            else rates.exchange_rate
        end as exchange_rate
    from dated
    left join rates
        on
            dated.document_currency <> dated.company_currency
            and dated.document_date = rates.rate_date
            and dated.document_currency = rates.currency

),

final as (

    select
        file_id || ':' || file_line || coalesce(':' || line_part, '') as sales_line_key,
        source_name,
        file_id,
        loaded_at,
        source_name || ':' || document_number as document_key,
        document_number,
        line_number,
        document_type,
        document_at,
        document_date,
        customer_identity,
        country,
        case
            when is_derived or line_kind not in ('product', 'write_off') then 'none'
            else coalesce(upper(article_number), 'unknown')
        end as product_key,
        article_number,
        article_name,
        coalesce(channel, source_name) as channel,
        line_kind,
        is_refund,
        is_derived,
        not_counted_reason is null as is_counted,
        not_counted_reason,
        -- The one definition of revenue by kind of line: fees and other charges are income of another sort.
        not_counted_reason is null and line_kind in ('product', 'shipping', 'discount', 'tip') as is_revenue,
        quantity,
        unit,
        tax_rate_pct,
        document_currency,
        exchange_rate,
        document_net_amount,
        document_tax_amount,
        document_gross_amount,
        {{ in_company_currency('document_net_amount', 'exchange_rate') }} as net_amount,
        {{ in_company_currency('document_tax_amount', 'exchange_rate') }} as tax_amount,
        {{ in_company_currency('document_gross_amount', 'exchange_rate') }} as gross_amount
    from valued

)

select * from final
