-- Every delivered e-invoice of a configured source is in the marts once, and its lines add up to it unless the document
-- itself does not.
with

sources as (

    select source_name from {{ source('ops', 'source') }}

),

expected as (

    select
        'all' as source_name,
        'deliveries' as measure,
        cast(count(*) as decimal(38, 4)) as amount
    from {{ ref('stg_e_invoices__invoice') }}
    where source_name in (select source_name from sources)
    union all
    select
        source_name,
        'net amount' as measure,
        sum(document_net_amount) as amount
    from {{ ref('fct_invoice') }}
    where not has_deviating_totals
    group by source_name
    union all
    select
        source_name,
        'purchases' as measure,
        sum(document_net_amount) as amount
    from {{ ref('fct_invoice') }}
    where direction = 'purchase' and not has_deviating_totals
    group by source_name

),

sound as (

    select invoice_key from {{ ref('fct_invoice') }}
    where not has_deviating_totals

),

lines as (

    select * from {{ ref('fct_invoice_line') }}
    where invoice_key in (select invoice_key from sound)

),

purchase_lines as (

    select * from {{ ref('fct_purchase_line') }}
    where invoice_key in (select invoice_key from sound)

),

actual as (

    select
        'all' as source_name,
        'deliveries' as measure,
        cast(coalesce(sum(delivery_count), 0) as decimal(38, 4)) as amount
    from {{ ref('fct_invoice') }}
    union all
    select
        source_name,
        'net amount' as measure,
        sum(document_net_amount) as amount
    from lines
    group by source_name
    union all
    select
        source_name,
        'purchases' as measure,
        sum(document_net_amount) as amount
    from purchase_lines
    group by source_name

)

{{ disagreements('expected', 'actual') }}
