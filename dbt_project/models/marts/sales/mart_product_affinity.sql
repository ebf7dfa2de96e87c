{#- Less is chance: of many orders, each of two articles that have nothing to do with each other is in some together. #}
{%- set least_orders_together = 5 %}
{%- set one_order_in = 10000 %}
{#- What was bought together long ago says little of what to show today. #}
{%- set months = 36 %}

with

lines as (

    select
        document_key,
        product_key
    from {{ ref('fct_sales_line') }}
    where
        is_revenue
        and not is_refund
        and line_kind = 'product'
        and product_key not in ('none', 'unknown')
        and document_date > (
            select max(newest.document_date) - interval {{ months }} month
            from {{ ref('fct_sales_line') }} as newest
            where newest.is_revenue
        )

),

-- Numbers are paired several times as fast as texts.
numbered as (

    select
        product_key,
        cast(row_number() over (order by product_key) as integer) as product_number
    from lines
    group by product_key

),

-- A document is told by 64 bits of hash: among ten million, the chance that any two share them is 1 in 370,000.
baskets as (

    select distinct
        hash(lines.document_key) as document_hash,
        numbered.product_number
    from lines
    inner join numbered on lines.product_key = numbered.product_key

),

all_orders as (

    select count(distinct document_hash) as orders from baskets

),

products as (

    select
        numbered.product_number,
        numbered.product_key,
        count(*) as orders
    from baskets
    inner join numbered on baskets.product_number = numbered.product_number
    group by numbered.product_number, numbered.product_key

),

-- Each pair once: counting them is most of the work.
counted as (

    select
        one.product_number,
        other.product_number as other_product_number,
        count(*) as orders_together
    from baskets as one
    inner join baskets as other
        on one.document_hash = other.document_hash and one.product_number < other.product_number
    group by one.product_number, other.product_number
    having
        count(*) >= {{ least_orders_together }}
        and count(*) * {{ one_order_in }} >= (select all_orders.orders from all_orders)

),

pairs as (

    select
        product_number,
        other_product_number,
        orders_together
    from counted
    union all
    select
        other_product_number as product_number,
        product_number as other_product_number,
        orders_together
    from counted

),

final as (

    select
        products.product_key || ':' || others.product_key as pair_key,
        products.product_key,
        others.product_key as other_product_key,
        products.orders as product_orders,
        others.orders as other_product_orders,
        pairs.orders_together,
        100.0 * pairs.orders_together / all_orders.orders as support_pct,
        100.0 * pairs.orders_together / products.orders as confidence_pct,
        1.0 * pairs.orders_together * all_orders.orders / (products.orders * others.orders) as lift
    from pairs
    cross join all_orders
    inner join products on pairs.product_number = products.product_number
    inner join products as others on pairs.other_product_number = others.product_number

)

select * from final
order by product_key asc, lift desc
