{%- set cover_days = 90 %}
{%- set is_in_unit = "(lines.document_date >= products.unit_since_date or products.unit_since_date is null)" %}

with

products as (

    select * from {{ ref('dim_product') }}
    where product_key not in ('unknown', 'none')

),

lines as not materialized (

    select * from {{ ref('fct_sales_line') }}
    where is_revenue and line_kind = 'product'

),

last_day as (

    select max(document_date) as as_of_date from lines

),

sales as (

    select
        lines.product_key,
        min(lines.document_date) filter (where not lines.is_refund) as first_sale_date,
        max(lines.document_date) filter (where not lines.is_refund) as last_sale_date,
        sum(lines.net_amount) as revenue_net_amount,
        sum(lines.cost_amount) as cost_amount,
        sum(lines.net_amount) filter (where lines.cost_amount is not null) as revenue_with_cost_amount,
        -- Quantities count in the unit of today. What was counted in another one stays out of them, and out of them
        -- alone.
        sum(lines.quantity) filter (where not lines.is_refund and {{ is_in_unit }}) as sold_quantity,
        -sum(lines.quantity) filter (where lines.is_refund and {{ is_in_unit }}) as returned_quantity,
        sum(lines.quantity) filter (
            where lines.document_date > last_day.as_of_date - interval {{ cover_days }} day and {{ is_in_unit }}
        ) as recent_quantity
    from lines
    cross join last_day
    left join products on lines.product_key = products.product_key
    group by lines.product_key

),

-- Counted in two steps and by hashes, which among ten million lines is several times as fast as count(distinct).
articles_of_orders as (

    select distinct
        product_key,
        hash(document_key) as document_hash
    from lines
    where not is_refund

),

ordered as (

    select
        product_key,
        count(*) as orders
    from articles_of_orders
    group by product_key

),

articles_of_customers as (

    select distinct
        product_key,
        hash(customer_key) as customer_hash
    from lines
    where not is_refund and customer_key <> 'unknown'

),

bought as (

    select
        product_key,
        count(*) as customers
    from articles_of_customers
    group by product_key

),

-- What left the last operation of a work order was made; scrap may fall at any operation.
operations as (

    select
        operations.* exclude (good_quantity, scrap_quantity),
        case
            when operations.operation_date >= products.unit_since_date or products.unit_since_date is null
                then operations.good_quantity
        end as good_quantity,
        case
            when operations.operation_date >= products.unit_since_date or products.unit_since_date is null
                then operations.scrap_quantity
        end as scrap_quantity,
        dense_rank() over (
            partition by operations.source_name, operations.work_order_number
            order by
                try_cast(operations.operation_number as bigint) desc nulls last,
                operations.operation_number desc nulls last
        ) as place_from_end
    from {{ ref('fct_operation') }} as operations
    left join products on operations.product_key = products.product_key
    where not operations.is_repeated

),

made as (

    select
        product_key,
        sum(good_quantity) filter (where place_from_end = 1) as made_quantity,
        sum(scrap_quantity) as scrap_quantity
    from operations
    group by product_key

),

seen as (

    select
        upper(article_number) as product_key,
        count(*) filter (where event_name = 'view_item') as web_views,
        count(*) filter (where event_name = 'add_to_cart') as web_carts
    from {{ ref('fct_web_item') }}
    where is_counted
    group by upper(article_number)

),

final as (

    select
        products.product_key,
        products.article_number,
        products.article_name,
        products.product_group,
        products.is_own_make,
        products.list_price_net,
        products.unit,
        products.unit_since_date,
        last_day.as_of_date,
        sales.first_sale_date,
        sales.last_sale_date,
        coalesce(ordered.orders, 0) as orders,
        coalesce(bought.customers, 0) as customers,
        cast(coalesce(sales.sold_quantity, 0) as decimal(18, 4)) as sold_quantity,
        cast(coalesce(sales.returned_quantity, 0) as decimal(18, 4)) as returned_quantity,
        100.0 * coalesce(sales.returned_quantity, 0) / nullif(sales.sold_quantity, 0) as return_rate_pct,
        cast(coalesce(sales.revenue_net_amount, 0) as decimal(18, 4)) as revenue_net_amount,
        cast(sales.cost_amount as decimal(18, 4)) as cost_amount,
        cast(sales.revenue_with_cost_amount - sales.cost_amount as decimal(18, 4)) as contribution_amount,
        100.0
        * (sales.revenue_with_cost_amount - sales.cost_amount)
        / nullif(sales.revenue_with_cost_amount, 0) as contribution_margin_pct,
        cast(made.made_quantity as decimal(18, 4)) as made_quantity,
        cast(made.scrap_quantity as decimal(18, 4)) as scrap_quantity,
        coalesce(seen.web_views, 0) as web_views,
        coalesce(seen.web_carts, 0) as web_carts,
        products.stock_quantity,
        cast(coalesce(sales.recent_quantity, 0) as decimal(18, 4)) as sold_quantity_90_days,
        case
            when
                sales.recent_quantity > 0
                and coalesce(products.unit_since_date <= last_day.as_of_date - interval {{ cover_days }} day, true)
                then products.stock_quantity * {{ cover_days }} / sales.recent_quantity
        end as days_of_cover
    from products
    cross join last_day
    left join sales on products.product_key = sales.product_key
    left join ordered on products.product_key = ordered.product_key
    left join bought on products.product_key = bought.product_key
    left join made on products.product_key = made.product_key
    left join seen on products.product_key = seen.product_key

)

select * from final
