with

orders as (

    select
        cast(date_trunc('month', orders.order_date) as date) as order_month,
        touches.first_channel,
        touches.last_channel,
        orders.revenue_net_amount,
        orders.contribution_amount
    from {{ ref('fct_order') }} as orders
    inner join {{ ref('int_sales__order_touch') }} as touches on orders.order_key = touches.order_key
    where touches.is_seen_on_web

),

credited as (

    select
        order_month,
        first_channel as web_channel,
        1 as first_touch_orders,
        revenue_net_amount as first_touch_revenue,
        contribution_amount as first_touch_contribution,
        0 as last_touch_orders,
        0 as last_touch_revenue,
        0 as last_touch_contribution
    from orders
    union all
    select
        order_month,
        last_channel as web_channel,
        0 as first_touch_orders,
        0 as first_touch_revenue,
        0 as first_touch_contribution,
        1 as last_touch_orders,
        revenue_net_amount as last_touch_revenue,
        contribution_amount as last_touch_contribution
    from orders

),

final as (

    select
        strftime(order_month, '%Y-%m') || ':' || web_channel as attribution_key,
        order_month,
        web_channel,
        cast(sum(first_touch_orders) as bigint) as first_touch_orders,
        cast(sum(first_touch_revenue) as decimal(18, 4)) as first_touch_revenue_amount,
        cast(coalesce(sum(first_touch_contribution), 0) as decimal(18, 4)) as first_touch_contribution_amount,
        cast(sum(last_touch_orders) as bigint) as last_touch_orders,
        cast(sum(last_touch_revenue) as decimal(18, 4)) as last_touch_revenue_amount,
        cast(coalesce(sum(last_touch_contribution), 0) as decimal(18, 4)) as last_touch_contribution_amount
    from credited
    group by order_month, web_channel

)

select * from final
order by order_month, web_channel
