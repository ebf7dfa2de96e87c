{{ config(severity='warn') }}

with

loaded as (

    select
        _source as source_name,
        count(*) as raw_rows
    from {{ source('raw', 'sales_lines') }}
    group by _source
    union all
    select
        _source as source_name,
        count(*) as raw_rows
    from {{ source('raw', 'shopify_orders_csv') }}
    group by _source

)

select
    source_name,
    raw_rows
from loaded
where source_name not in (select source_name from {{ source('ops', 'source') }})
