with

ad_costs as (

    select * from {{ ref('stg_ad_costs__cost') }}

),

google_ads as (

    select * from {{ ref('stg_google_ads__cost') }}

),

meta_ads as (

    select * from {{ ref('stg_meta_ads__cost') }}

),

files as (

    select * from {{ source('ops', 'file') }}

),

reported as (

    select
        source_name,
        file_id,
        file_line,
        cost_date as first_day,
        cost_date as last_day,
        platform,
        campaign,
        impressions,
        clicks,
        cost,
        currency,
        conversions
    from ad_costs
    union all
    select
        source_name,
        file_id,
        file_line,
        first_day,
        last_day,
        platform,
        campaign,
        impressions,
        clicks,
        cost,
        currency,
        conversions
    from google_ads
    union all
    select
        source_name,
        file_id,
        file_line,
        first_day,
        last_day,
        platform,
        campaign,
        impressions,
        clicks,
        cost,
        currency,
        conversions
    from meta_ads

),

-- A report of several days gives each the same part. The parts are differences of rounded running sums, so that they
-- add up to the whole exactly.
days as (

    select
        *,
        last_day - first_day + 1 as day_count,
        unnest(range(1, cast(last_day - first_day + 2 as bigint))) as day_number
    from reported

),

spread as (

    select
        source_name,
        file_id,
        file_line,
        platform,
        campaign,
        currency,
        cast(first_day + cast(day_number - 1 as integer) as date) as cost_date,
        day_count > 1 as is_spread,
        {{ part_of_period('cost', 4) }} as cost,
        cast({{ part_of_period('impressions', 0) }} as bigint) as impressions,
        cast({{ part_of_period('clicks', 0) }} as bigint) as clicks,
        {{ part_of_period('conversions', 4) }} as conversions
    from days

),

-- Platforms restate their figures, and reports overlap: of a campaign's day the newest delivery counts, whole.
newest as (

    select spread.*
    from spread
    left join files on spread.file_id = files.file_id
    qualify rank() over (
        partition by spread.source_name, spread.platform, spread.campaign, spread.cost_date
        order by files.as_of desc nulls last, files.sequence desc nulls last, spread.file_id desc
    ) = 1

)

select * from newest
