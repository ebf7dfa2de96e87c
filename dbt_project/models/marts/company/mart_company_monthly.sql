with

months as (

    select
        cast(date_trunc('month', date_day) as date) as month_date,
        any_value(fiscal_year) as fiscal_year,
        any_value(fiscal_period) as fiscal_period,
        count(*) filter (where is_working_day) as working_days
    from {{ ref('dim_date') }}
    group by month_date

),

orders as (

    select
        cast(date_trunc('month', order_date) as date) as month_date,
        count(*) filter (where is_counted and not is_credit) as orders,
        count(distinct customer_key) filter (where is_counted and not is_credit and customer_key <> 'unknown')
            as customers,
        count(*) filter (where customer_order_number = 1) as new_customers,
        sum(contribution_amount) as contribution_amount
    from {{ ref('fct_order') }}
    group by month_date

),

days as (

    select
        cast(date_trunc('month', company_date) as date) as month_date,
        min(company_date) as first_date,
        max(company_date) as last_date,
        sum(revenue_net_amount) as revenue_net_amount,
        sum(refund_net_amount) as refund_net_amount,
        sum(good_quantity) as good_quantity,
        sum(scrap_quantity) as scrap_quantity,
        sum(planned_machine_minutes) as planned_machine_minutes,
        sum(running_machine_minutes) as running_machine_minutes,
        sum(web_sessions) as web_sessions,
        sum(web_purchases) as web_purchases,
        sum(ad_cost_amount) as ad_cost_amount
    from {{ ref('mart_company_daily') }}
    group by month_date

),

-- A plan of the whole company counts as it is; else the plans of its parts are added.
plans as (

    select
        target_month as month_date,
        plan,
        coalesce(
            sum(amount) filter (where channel is null and product_group is null), sum(amount)
        ) as plan_revenue_amount
    from {{ ref('stg_targets__target') }}
    where measure in ('umsatz', 'nettoumsatz', 'revenue', 'net revenue', 'revenue_net_amount')
    group by target_month, plan

),

-- Of several plans the first by name, so that budget and forecast are never added.
targets as (

    select * from plans
    qualify row_number() over (partition by month_date order by plan) = 1

),

joined as (

    select
        months.month_date,
        months.fiscal_year,
        months.fiscal_period,
        months.working_days,
        days.first_date,
        days.last_date,
        days.last_date < cast(months.month_date + interval 1 month - interval 1 day as date) as is_incomplete,
        coalesce(orders.orders, 0) as orders,
        coalesce(orders.customers, 0) as customers,
        coalesce(orders.new_customers, 0) as new_customers,
        days.revenue_net_amount,
        days.refund_net_amount,
        orders.contribution_amount,
        targets.plan_revenue_amount,
        days.good_quantity,
        days.scrap_quantity,
        days.planned_machine_minutes,
        days.running_machine_minutes,
        days.web_sessions,
        days.web_purchases,
        days.ad_cost_amount
    from months
    inner join days on months.month_date = days.month_date
    left join orders on months.month_date = orders.month_date
    left join targets on months.month_date = targets.month_date

),

compared as (

    select
        this.*,
        last_year.revenue_net_amount as previous_year_revenue_net_amount,
        sum(this.revenue_net_amount) over fiscal_year_so_far as fiscal_year_to_date_revenue_net_amount,
        sum(last_year.revenue_net_amount) over fiscal_year_so_far as previous_fiscal_year_to_date_revenue_net_amount
    from joined as this
    left join joined as last_year on this.month_date = last_year.month_date + interval 1 year
    window fiscal_year_so_far as (partition by this.fiscal_year order by this.month_date)

),

final as (

    select
        strftime(month_date, '%Y-%m') as company_month_key,
        month_date,
        fiscal_year,
        fiscal_period,
        working_days,
        is_incomplete,
        orders,
        customers,
        new_customers,
        cast(revenue_net_amount as decimal(18, 4)) as revenue_net_amount,
        cast(refund_net_amount as decimal(18, 4)) as refund_net_amount,
        cast(contribution_amount as decimal(18, 4)) as contribution_amount,
        cast(plan_revenue_amount as decimal(18, 4)) as plan_revenue_net_amount,
        100.0 * revenue_net_amount / nullif(plan_revenue_amount, 0) as plan_attainment_pct,
        cast(previous_year_revenue_net_amount as decimal(18, 4)) as previous_year_revenue_net_amount,
        100.0 * (revenue_net_amount / nullif(previous_year_revenue_net_amount, 0) - 1) as growth_pct,
        cast(fiscal_year_to_date_revenue_net_amount as decimal(18, 4)) as fiscal_year_to_date_revenue_net_amount,
        cast(previous_fiscal_year_to_date_revenue_net_amount as decimal(18, 4))
            as previous_fiscal_year_to_date_revenue_net_amount,
        cast(good_quantity as decimal(18, 4)) as good_quantity,
        cast(scrap_quantity as decimal(18, 4)) as scrap_quantity,
        100.0 * running_machine_minutes / nullif(planned_machine_minutes, 0) as machine_running_pct,
        cast(web_sessions as bigint) as web_sessions,
        cast(web_purchases as bigint) as web_purchases,
        cast(ad_cost_amount as decimal(18, 4)) as ad_cost_amount
    from compared

)

select * from final
order by month_date
