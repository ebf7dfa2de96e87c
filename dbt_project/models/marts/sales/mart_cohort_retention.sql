with

orders as (

    select
        customer_key,
        cast(date_trunc('month', order_date) as date) as order_month,
        count(*) as orders,
        sum(revenue_net_amount) as revenue_net_amount
    from {{ ref('fct_order') }}
    where is_counted and not is_credit and customer_key <> 'unknown'
    group by customer_key, order_month

),

cohorts as (

    select
        customer_key,
        min(order_month) as cohort_month
    from orders
    group by customer_key

),

sizes as (

    select
        cohort_month,
        count(*) as cohort_customers
    from cohorts
    group by cohort_month

),

activity as (

    select
        cohorts.cohort_month,
        orders.order_month,
        count(*) as active_customers,
        cast(sum(orders.orders) as bigint) as orders,
        cast(sum(orders.revenue_net_amount) as decimal(18, 4)) as revenue_net_amount
    from orders
    inner join cohorts on orders.customer_key = cohorts.customer_key
    group by cohorts.cohort_month, orders.order_month

),

-- A month in which nobody of a cohort came back is a row too: 0 % and not unknown.
months as (

    select distinct order_month from orders

),

final as (

    select
        strftime(sizes.cohort_month, '%Y-%m')
        || ':'
        || cast(date_diff('month', sizes.cohort_month, months.order_month) as varchar) as cohort_key,
        sizes.cohort_month,
        date_diff('month', sizes.cohort_month, months.order_month) as months_since_first,
        sizes.cohort_customers,
        coalesce(activity.active_customers, 0) as active_customers,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.revenue_net_amount, 0) as revenue_net_amount,
        100.0 * coalesce(activity.active_customers, 0) / sizes.cohort_customers as retention_pct
    from sizes
    inner join months on sizes.cohort_month <= months.order_month
    left join activity
        on sizes.cohort_month = activity.cohort_month and months.order_month = activity.order_month

)

select * from final
order by cohort_month, months_since_first
