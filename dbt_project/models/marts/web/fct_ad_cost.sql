with

company as (

    select * from {{ source('ops', 'company') }}

),

sources as (

    select * from {{ source('ops', 'source') }}

),

rates as (

    select * from {{ ref('int_reference__exchange_rate') }}

),

costs as (

    select
        costs.*,
        coalesce(costs.currency, sources.currency, company.currency) as document_currency
    from {{ ref('int_web__ad_cost') }} as costs
    left join sources on costs.source_name = sources.source_name
    cross join company

),

valued as (

    select
        costs.*,
        rates.exchange_rate
    from costs
    left join rates on costs.cost_date = rates.rate_date and costs.document_currency = rates.currency

),

-- Platforms split a campaign's day into ad groups or devices; here it is one row again.
final as (

    select
        concat_ws(':', source_name, cost_date, platform, campaign, document_currency) as ad_cost_key,
        source_name,
        cost_date,
        platform,
        campaign,
        document_currency,
        cast({{ in_company_currency('sum(cost)', 'min(exchange_rate)') }} as decimal(18, 4)) as cost_amount,
        cast(sum(cost) as decimal(18, 4)) as document_cost_amount,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(conversions) as decimal(18, 4)) as conversions,
        bool_or(is_spread) as is_spread
    from valued
    group by source_name, cost_date, platform, campaign, document_currency

)

select * from final
