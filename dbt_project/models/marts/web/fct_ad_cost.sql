with

company as (

    select * from {{ source('ops', 'company') }}

),

sources as (

    select * from {{ source('ops', 'source') }}

),

costs as (

    select
        costs.*,
        coalesce(costs.currency, sources.currency, company.currency) as document_currency,
        coalesce(costs.currency, sources.currency, company.currency) = company.currency as is_company_currency
    from {{ ref('stg_ad_costs__cost') }} as costs
    left join sources on costs.source_name = sources.source_name
    cross join company

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
        cast(sum(case when is_company_currency then cost end) as decimal(18, 4)) as cost_amount,
        cast(sum(cost) as decimal(18, 4)) as document_cost_amount,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(conversions) as decimal(18, 4)) as conversions
    from costs
    group by source_name, cost_date, platform, campaign, document_currency

)

select * from final
