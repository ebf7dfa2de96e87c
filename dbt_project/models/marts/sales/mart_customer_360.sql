with

customers as (

    select * from {{ ref('dim_customer') }}

),

orders as (

    select * from {{ ref('fct_order') }}
    where is_counted and customer_key <> 'unknown'

),

-- Recency is counted from the last day with a sale, so that the figures of a day stay what they were.
last_day as (

    select max(order_date) as as_of_date from orders

),

usual_intervals as (

    select
        customer_key,
        cast(round(median(days_since_previous_order)) as integer) as usual_days_between_orders
    from orders
    where days_since_previous_order > 0
    group by customer_key
    having count(*) >= 2

),

totals as (

    select
        customer_key,
        min(order_date) filter (where not is_credit) as first_order_date,
        max(order_date) filter (where not is_credit) as last_order_date,
        count(*) filter (where not is_credit) as order_count,
        count(distinct channel_key) as channel_count,
        arg_max(channel_key, order_at) as last_channel_key,
        sum(revenue_net_amount) as revenue_net_amount,
        sum(refund_net_amount) as refund_net_amount,
        sum(contribution_amount) as contribution_amount
    from orders
    group by customer_key

),

-- RFM (Hughes, Strategic Database Marketing): fifths of all customers with an order, 5 the best, by recency, frequency
-- and money; the order of the customer keys settles ties, so that the same data give the same fifths.
scored as (

    select
        totals.*,
        last_day.as_of_date,
        last_day.as_of_date - totals.last_order_date as recency_days,
        ntile(5) over (order by totals.last_order_date, totals.customer_key) as recency_score,
        ntile(5) over (order by totals.order_count, totals.last_order_date, totals.customer_key) as frequency_score,
        ntile(5) over (order by totals.revenue_net_amount, totals.customer_key) as monetary_score
    from totals
    cross join last_day
    where totals.order_count > 0

),

final as (

    select
        customers.customer_key,
        customers.is_listed,
        customers.is_company,
        customers.country,
        customers.region,
        customers.customer_group,
        scored.as_of_date,
        scored.first_order_date,
        scored.last_order_date,
        scored.recency_days,
        coalesce(scored.order_count, 0) as order_count,
        scored.channel_count,
        scored.last_channel_key,
        cast(coalesce(scored.revenue_net_amount, 0) as decimal(18, 4)) as revenue_net_amount,
        cast(coalesce(scored.refund_net_amount, 0) as decimal(18, 4)) as refund_net_amount,
        cast(scored.contribution_amount as decimal(18, 4)) as contribution_amount,
        cast(scored.revenue_net_amount / scored.order_count as decimal(18, 4)) as revenue_per_order_amount,
        -- Of what was sold; a customer whose refunds exceed his purchases stays above 100.
        -100.0
        * scored.refund_net_amount
        / nullif(scored.revenue_net_amount - scored.refund_net_amount, 0) as return_rate_pct,
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,
        case
            when scored.customer_key is null then 'no_order'
            when scored.order_count = 1 and scored.recency_score >= 4 then 'new'
            when scored.recency_score >= 4 and scored.frequency_score >= 4 then 'champion'
            when scored.recency_score >= 3 and scored.frequency_score >= 3 then 'loyal'
            when scored.recency_score >= 3 then 'promising'
            when scored.frequency_score >= 4 or scored.monetary_score >= 4 then 'at_risk'
            else 'lost'
        end as segment,
        usual_intervals.usual_days_between_orders,
        cast(scored.last_order_date + usual_intervals.usual_days_between_orders as date) as expected_next_order_date
    from customers
    left join scored on customers.customer_key = scored.customer_key
    left join usual_intervals on customers.customer_key = usual_intervals.customer_key
    where customers.customer_key <> 'unknown'

)

select * from final
