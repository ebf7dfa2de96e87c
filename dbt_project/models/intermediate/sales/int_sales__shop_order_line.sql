-- A table: read for the lines themselves, for the calendar and for the names of articles.
{{ config(materialized="table") }}

with

sources as (

    select source_name from {{ source('ops', 'source') }}
    where role = 'sales'

),

documents as (

    select documents.*
    from {{ ref('int_sales__shop_document') }} as documents
    inner join sources on documents.source_name = sources.source_name

),

charges as (

    select
        *,
        null as unit,
        false as is_credit,
        cast(null as timestamp) as charged_at
    from {{ ref('int_sales__shopify_charge') }}
    union all by name
    select
        *,
        null as unit,
        false as is_credit,
        cast(null as timestamp) as charged_at
    from {{ ref('int_sales__woocommerce_charge') }}
    union all by name
    select
        *,
        null as unit
    from {{ ref('int_sales__shopware_charge') }}
    union all by name
    select
        *,
        false as is_credit,
        cast(null as timestamp) as charged_at
    from {{ ref('int_sales__lexware_charge') }}

),

charged as (

    select
        source_name,
        document_id,
        cast(sum(gross_amount) as decimal(18, 4)) as gross_amount,
        cast(sum(tax_amount) as decimal(18, 4)) as tax_amount
    from charges
    group by source_name, document_id

),

-- What a document says beyond its charges: a refund without lines, cents lost in rounding, lines that do not add up.
rests as (

    select
        documents.source_name,
        documents.document_id,
        documents.is_refund,
        coalesce(documents.gross_amount - coalesce(charged.gross_amount, 0), 0) as gross_amount,
        documents.tax_amount - coalesce(charged.tax_amount, 0) as known_tax_amount,
        -- A refund says nothing of its tax: what its lines bear holds for all of it, otherwise what the order bore.
        coalesce(charged.tax_amount / nullif(charged.gross_amount, 0), documents.order_tax_share) as tax_share
    from documents
    left join charged
        on documents.source_name = charged.source_name and documents.document_id = charged.document_id

),

rest_charges as (

    select
        source_name,
        document_id,
        case when is_refund then document_id || ':rest' else 'rest' end as part,
        case when gross_amount > 0 and not is_refund then 'other' else 'discount' end as line_kind,
        gross_amount,
        cast(coalesce(known_tax_amount, round(gross_amount * tax_share, 2)) as decimal(18, 4)) as tax_amount
    from rests
    where gross_amount <> 0 or known_tax_amount <> 0

),

all_charges as (

    select * from charges
    union all by name
    select
        source_name,
        document_id,
        part,
        null as line_number,
        true as is_derived,
        line_kind,
        0 as quantity,
        gross_amount - tax_amount as net_amount,
        tax_amount,
        gross_amount,
        false as is_credit
    from rest_charges

),

final as (

    select
        documents.source_name,
        documents.file_id,
        documents.file_line,
        documents.loaded_at,
        documents.document_id,
        all_charges.part,
        documents.document_number,
        all_charges.line_number,
        documents.document_type,
        coalesce(all_charges.charged_at, documents.document_at) as document_at,
        documents.customer_identity,
        documents.country,
        all_charges.article_number,
        all_charges.article_name,
        all_charges.line_kind,
        documents.is_refund or all_charges.is_credit as is_refund,
        all_charges.is_derived,
        documents.not_counted_reason,
        cast(all_charges.quantity as decimal(18, 4)) as quantity,
        all_charges.unit,
        cast(all_charges.tax_rate_pct as decimal(18, 4)) as tax_rate_pct,
        cast(all_charges.net_amount as decimal(18, 4)) as document_net_amount,
        cast(all_charges.tax_amount as decimal(18, 4)) as document_tax_amount,
        cast(all_charges.gross_amount as decimal(18, 4)) as document_gross_amount,
        documents.currency,
        documents.channel
    from all_charges
    inner join documents
        on all_charges.source_name = documents.source_name and all_charges.document_id = documents.document_id

)

select * from final
