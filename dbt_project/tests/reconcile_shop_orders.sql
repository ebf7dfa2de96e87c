-- Orders, invoices and credit notes of the APIs are in the marts with the total and the tax that their files say, and
-- with every line; refunds with what was refunded.
with

sources as (

    select source_name from {{ source('ops', 'source') }}
    where role = 'sales'

),

documents as (

    select
        _source as source_name,
        total_price as gross_amount,
        coalesce(total_tax, 0) as tax_amount,
        json_array_length(line_items) as lines
    from {{ source('raw', 'shopify_orders') }}
    union all
    select
        _source as source_name,
        total as gross_amount,
        coalesce(total_tax, 0) as tax_amount,
        json_array_length(line_items) as lines
    from {{ source('raw', 'woocommerce_orders') }}
    union all
    select
        _source as source_name,
        amount_total as gross_amount,
        amount_total - amount_net as tax_amount,
        len(list_filter(try_cast(line_items as json[]), lambda l: (l ->> '$.parentId') is null)) as lines
    from {{ source('raw', 'shopware_orders') }}
    union all
    select
        _source as source_name,
        case when document_type = 'credit_note' then -abs(total_gross) else total_gross end as gross_amount,
        case when document_type = 'credit_note' then -abs(total_tax) else total_tax end as tax_amount,
        len(list_filter(try_cast(line_items as json[]), lambda l: lower(l ->> '$.type') <> 'text')) as lines
    from {{ source('raw', 'lexware_invoices') }}

),

refunds as (

    select
        source_name,
        -paid_back_amount as gross_amount
    from {{ ref('int_sales__shopify_refund') }}
    union all
    select
        source_name,
        -amount as gross_amount
    from {{ ref('int_sales__woocommerce_refund') }}
    union all
    select
        source_name,
        -amount_total as gross_amount
    from {{ ref('stg_shopware_orders__order') }}
    where is_refunded and source_name in (select source_name from sources)

),

expected as (

    select
        source_name,
        'gross amount' as measure,
        sum(gross_amount) as amount
    from documents
    where source_name in (select source_name from sources)
    group by source_name
    union all
    select
        source_name,
        'tax amount' as measure,
        sum(tax_amount) as amount
    from documents
    where source_name in (select source_name from sources)
    group by source_name
    union all
    select
        source_name,
        'lines' as measure,
        sum(lines) as amount
    from documents
    where source_name in (select source_name from sources)
    group by source_name
    union all
    select
        source_name,
        'refunds' as measure,
        sum(gross_amount) as amount
    from refunds
    -- Of a refund that lists no payments nothing else tells the amount.
    where gross_amount is not null
    group by source_name

),

refunds_without_payments as (

    select
        source_name,
        document_id
    from {{ ref('int_sales__shop_document') }}
    where is_refund and gross_amount is null

),

-- A line's key is its file, its row there and its place in the document: line:1, shipping:1, refund:<number>:line:1.
lines as (

    select
        source_name,
        document_gross_amount,
        document_tax_amount,
        regexp_replace(sales_line_key, '^[^:]*:[0-9]+:', '') as part
    from {{ ref('fct_sales_line') }}
    where source_name in (select source_name from {{ ref('int_sales__shop_document') }})

),

actual as (

    select
        source_name,
        'gross amount' as measure,
        sum(document_gross_amount) as amount
    from lines
    where not starts_with(part, 'refund:')
    group by source_name
    union all
    select
        source_name,
        'tax amount' as measure,
        sum(document_tax_amount) as amount
    from lines
    where not starts_with(part, 'refund:')
    group by source_name
    union all
    select
        source_name,
        'lines' as measure,
        count(*) as amount
    from lines
    where starts_with(part, 'line:')
    group by source_name
    union all
    select
        lines.source_name,
        'refunds' as measure,
        sum(lines.document_gross_amount) as amount
    from lines
    left join refunds_without_payments
        on
            lines.source_name = refunds_without_payments.source_name
            and starts_with(lines.part, refunds_without_payments.document_id || ':')
    where starts_with(lines.part, 'refund:') and refunds_without_payments.document_id is null
    group by lines.source_name

)

{{ disagreements('expected', 'actual') }}
