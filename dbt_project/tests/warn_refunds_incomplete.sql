{{ config(severity='warn') }}

select
    source_name,
    order_name as document_number,
    'the order is not known' as reason
from {{ ref('int_sales__shopify_refund') }}
where not is_order_known
union all
select
    source_name,
    order_number as document_number,
    case when is_order_known then 'day and lines are not known' else 'the order is not known' end as reason
from {{ ref('int_sales__woocommerce_refund') }}
where not is_order_known or not has_own_date
union all
select
    source_name,
    order_number as document_number,
    'the amount of a partial refund is not known' as reason
from {{ ref('stg_shopware_orders__order') }}
where has_partial_refund and order_state <> 'cancelled'
