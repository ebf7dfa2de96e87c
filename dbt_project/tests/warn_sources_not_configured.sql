{{ config(severity='warn') }}

with

loaded as (

    select
        source_name,
        count(*) as line_count
    from {{ ref('stg_sales_lines__line') }}
    group by source_name
    union all
    select
        source_name,
        count(*) as line_count
    from {{ ref('stg_shopify_orders_csv__line') }}
    group by source_name
    union all
    select
        source_name,
        count(*) as line_count
    from {{ ref('stg_e_invoices__invoice') }}
    group by source_name
    union all
    select
        source_name,
        count(*) as line_count
    from {{ ref('int_sales__shop_document') }}
    group by source_name

)

select
    source_name,
    line_count
from loaded
where source_name not in (select source_name from {{ source('ops', 'source') }})
