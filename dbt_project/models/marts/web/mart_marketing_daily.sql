with

costs as (

    select
        cost_date as marketing_date,
        lower(trim(campaign)) as campaign_name,
        any_value(campaign) as campaign,
        string_agg(distinct platform, ', ' order by platform) as platforms,
        sum(cost_amount) as cost_amount,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(conversions) as reported_conversions
    from {{ ref('fct_ad_cost') }}
    group by cost_date, campaign_name

),

visits as (

    select
        session_date as marketing_date,
        lower(trim(campaign)) as campaign_name,
        any_value(campaign) as campaign,
        count(*) as sessions
    from {{ ref('fct_web_session') }}
    where is_counted and campaign not like '(%'
    group by session_date, campaign_name

),

sales as (

    select
        orders.order_date as marketing_date,
        lower(trim(touches.last_campaign)) as campaign_name,
        any_value(touches.last_campaign) as campaign,
        count(*) as orders,
        sum(orders.revenue_net_amount) as revenue_net_amount,
        sum(orders.contribution_amount) as contribution_amount
    from {{ ref('fct_order') }} as orders
    inner join {{ ref('int_sales__order_touch') }} as touches on orders.order_key = touches.order_key
    where touches.last_campaign is not null
    group by orders.order_date, campaign_name

),

days as (

    select
        marketing_date,
        campaign_name
    from costs
    union
    select
        marketing_date,
        campaign_name
    from visits
    union
    select
        marketing_date,
        campaign_name
    from sales

),

final as (

    select
        cast(days.marketing_date as varchar) || ':' || days.campaign_name as marketing_key,
        days.marketing_date,
        coalesce(costs.campaign, visits.campaign, sales.campaign) as campaign,
        costs.platforms,
        cast(coalesce(costs.cost_amount, 0) as decimal(18, 4)) as cost_amount,
        cast(coalesce(costs.impressions, 0) as bigint) as impressions,
        cast(coalesce(costs.clicks, 0) as bigint) as clicks,
        cast(coalesce(costs.reported_conversions, 0) as decimal(18, 4)) as reported_conversions,
        coalesce(visits.sessions, 0) as sessions,
        coalesce(sales.orders, 0) as orders,
        cast(coalesce(sales.revenue_net_amount, 0) as decimal(18, 4)) as revenue_net_amount,
        cast(coalesce(sales.contribution_amount, 0) as decimal(18, 4)) as contribution_amount,
        cast(coalesce(sales.contribution_amount, 0) - coalesce(costs.cost_amount, 0) as decimal(18, 4))
            as contribution_after_cost_amount,
        cast(costs.cost_amount / nullif(costs.clicks, 0) as decimal(18, 4)) as cost_per_click_amount
    from days
    left join costs on days.marketing_date = costs.marketing_date and days.campaign_name = costs.campaign_name
    left join visits on days.marketing_date = visits.marketing_date and days.campaign_name = visits.campaign_name
    left join sales on days.marketing_date = sales.marketing_date and days.campaign_name = sales.campaign_name

)

select * from final
order by marketing_date, campaign
