-- Every raw line is in the marts once, and the money of every source is what its files say: net by line for documents,
-- total less refunds for shop orders, credit notes taken off.
with

sources as (

    select source_name from {{ source('ops', 'source') }}
    where role = 'sales'

),

-- Held by reconcile_shop_orders.
api_sources as (

    select distinct source_name from {{ ref('int_sales__shop_document') }}

),

printed_lines as (

    select
        *,
        -- Computed where it is asked for only; for all lines it is most of the work.
        case
            when net_amount is null then {{ line_amount('quantity', 'unit_price', 'discount_pct') }}
        end as computed_amount
    from {{ source('raw', 'sales_lines') }}
    where _source in (select source_name from sources)

),

document_lines as (

    select
        _source as source_name,
        document_number,
        coalesce(document_type, 'invoice') as document_type,
        document_type in ('credit_note', 'cancellation') as is_reversal,
        coalesce(
            net_amount,
            gross_amount - tax_amount,
            {{ net_in_gross('gross_amount', 'tax_rate_pct') }},
            case when price_basis = 'gross' then computed_amount - tax_amount end,
            case when price_basis = 'gross' then {{ net_in_gross('computed_amount', 'tax_rate_pct') }} end,
            case when coalesce(price_basis, 'net') = 'net' then computed_amount end
        ) as net_amount
    from printed_lines

),

-- Only what takes back has a sign that is that of its whole document.
documents as (

    select
        source_name,
        sum(net_amount) as net_amount
    from document_lines
    where is_reversal is not true
    group by source_name
    union all
    select
        source_name,
        -abs(sum(net_amount)) as net_amount
    from document_lines
    where is_reversal
    group by source_name, document_number, document_type

),

orders as (

    select
        _source as source_name,
        -- An order whose first row was refused has no total; what is left of it stands as listed.
        coalesce(max(total) - coalesce(max(refunded_amount), 0), sum(round(lineitem_quantity * lineitem_price, 2)))
            as gross_amount
    from {{ source('raw', 'shopify_orders_csv') }}
    where _source in (select source_name from sources)
    group by _source, order_name

),

expected as (

    select
        source_name,
        'rows' as measure,
        count(*) as amount
    from document_lines
    group by source_name
    union all
    select
        source_name,
        'net amount' as measure,
        sum(net_amount) as amount
    from documents
    group by source_name
    union all
    select
        _source as source_name,
        'rows' as measure,
        count(*) as amount
    from {{ source('raw', 'shopify_orders_csv') }}
    where _source in (select source_name from sources)
    group by _source
    union all
    select
        source_name,
        'gross amount' as measure,
        sum(gross_amount) as amount
    from orders
    group by source_name

),

actual as (

    select
        source_name,
        'rows' as measure,
        count(*) as amount
    from {{ ref('fct_sales_line') }}
    where not is_derived and source_name not in (select source_name from api_sources)
    group by source_name
    union all
    select
        source_name,
        'net amount' as measure,
        sum(document_net_amount) as amount
    from {{ ref('fct_sales_line') }}
    where document_type <> 'order' and source_name not in (select source_name from api_sources)
    group by source_name
    union all
    select
        source_name,
        'gross amount' as measure,
        sum(document_gross_amount) as amount
    from {{ ref('fct_sales_line') }}
    where document_type = 'order' and source_name not in (select source_name from api_sources)
    group by source_name

)

{{ disagreements('expected', 'actual') }}
