{{ config(severity='warn') }}

select
    source_name,
    order_name,
    created_at
from {{ ref('stg_shopify_orders_csv__order') }}
where total is null and subtotal is null
