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

document_lines as (

    select * from {{ ref('int_sales__document_line') }}

),

shopify_lines as (

    select * from {{ ref('int_sales__shopify_line') }}

),

all_lines as (

    select
        document_lines.source_name,
        document_lines.file_id,
        document_lines.file_line,
        document_lines.loaded_at,
        cast(null as varchar) as derived_from,
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
        derived_from,
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

),

dated as (

    select
        all_lines.*,
        all_lines.derived_from is not null as is_derived,
        cast(all_lines.document_at + hours.utc_offset as date) as document_date,
        coalesce(all_lines.currency, sources.currency, company.currency) as document_currency,
        -- Amounts in other currencies stay empty in the company's until there are exchange rates; a test reports them.
        case
            when coalesce(all_lines.currency, sources.currency, company.currency) = company.currency
                then cast(1 as decimal(18, 8))
        end as exchange_rate
    from all_lines
    inner join sources on all_lines.source_name = sources.source_name
    cross join company
    left join hours on date_trunc('hour', all_lines.document_at) = hours.hour_at

),

final as (

    select
        file_id || ':' || file_line || coalesce(':' || derived_from, '') as sales_line_key,
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
        -- At the rate 1 the amount itself: a multiplication would only cost time.
        case when exchange_rate = 1 then document_net_amount end as net_amount,
        case when exchange_rate = 1 then document_tax_amount end as tax_amount,
        case when exchange_rate = 1 then document_gross_amount end as gross_amount
    from dated

)

select * from final
