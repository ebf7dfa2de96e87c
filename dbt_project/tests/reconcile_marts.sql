-- What the daily marts show adds up to what the facts hold: no day, channel or machine is lost on the way.
with

expected as (

    select
        'sales' as source_name,
        'revenue by channel' as measure,
        coalesce(sum(net_amount), 0) as amount
    from {{ ref('fct_sales_line') }}
    where is_revenue
    union all
    select
        'company' as source_name,
        'revenue' as measure,
        coalesce(sum(net_amount), 0) as amount
    from {{ ref('fct_sales_line') }}
    where is_revenue
    union all
    select
        'meters' as source_name,
        'energy' as measure,
        coalesce(sum(energy_kwh), 0) as amount
    from {{ ref('fct_energy_quarter') }}
    union all
    select
        'company' as source_name,
        'web sessions' as measure,
        count(*) as amount
    from {{ ref('fct_web_session') }}
    where event_source <> 'access_log' and is_counted
    union all
    select
        'company' as source_name,
        'web purchases' as measure,
        count(*) as amount
    from {{ ref('fct_web_event') }}
    where is_first_of_purchase and is_counted
    union all
    select
        'company' as source_name,
        'advertising' as measure,
        coalesce(sum(cost_amount), 0) as amount
    from {{ ref('fct_ad_cost') }}

),

actual as (

    select
        'sales' as source_name,
        'revenue by channel' as measure,
        sum(revenue_net_amount) as amount
    from {{ ref('mart_sales_daily') }}
    union all
    select
        'company' as source_name,
        'revenue' as measure,
        sum(revenue_net_amount) as amount
    from {{ ref('mart_company_daily') }}
    union all
    select
        'meters' as source_name,
        'energy' as measure,
        sum(energy_kwh) as amount
    from {{ ref('mart_energy_per_unit') }}
    union all
    select
        'company' as source_name,
        'web sessions' as measure,
        sum(web_sessions) as amount
    from {{ ref('mart_company_daily') }}
    union all
    select
        'company' as source_name,
        'web purchases' as measure,
        sum(web_purchases) as amount
    from {{ ref('mart_company_daily') }}
    union all
    select
        'company' as source_name,
        'advertising' as measure,
        sum(ad_cost_amount) as amount
    from {{ ref('mart_company_daily') }}

)

{{ disagreements('expected', 'actual') }}
