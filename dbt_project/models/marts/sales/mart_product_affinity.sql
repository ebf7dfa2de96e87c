{%- set least_orders_together = 5 %}

with

baskets as (

    select distinct
        document_key,
        product_key
    from {{ ref('fct_sales_line') }}
    where is_revenue and not is_refund and line_kind = 'product' and product_key not in ('none', 'unknown')

),

all_orders as (

    select count(distinct document_key) as orders from baskets

),

products as (

    select
        product_key,
        count(*) as orders
    from baskets
    group by product_key

),

-- Each pair once: counting them is most of the work.
counted as (

    select
        one.product_key,
        other.product_key as other_product_key,
        count(*) as orders_together
    from baskets as one
    inner join baskets as other on one.document_key = other.document_key and one.product_key < other.product_key
    group by one.product_key, other.product_key
    having count(*) >= {{ least_orders_together }}

),

pairs as (

    select
        product_key,
        other_product_key,
        orders_together
    from counted
    union all
    select
        other_product_key as product_key,
        product_key as other_product_key,
        orders_together
    from counted

),

final as (

    select
        pairs.product_key || ':' || pairs.other_product_key as pair_key,
        pairs.product_key,
        pairs.other_product_key,
        products.orders as product_orders,
        others.orders as other_product_orders,
        pairs.orders_together,
        100.0 * pairs.orders_together / all_orders.orders as support_pct,
        100.0 * pairs.orders_together / products.orders as confidence_pct,
        1.0 * pairs.orders_together * all_orders.orders / (products.orders * others.orders) as lift
    from pairs
    cross join all_orders
    inner join products on pairs.product_key = products.product_key
    inner join products as others on pairs.other_product_key = others.product_key

)

select * from final
order by product_key asc, lift desc
