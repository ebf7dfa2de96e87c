{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "session_key",
        "facts": {"fct_web_event": {"key": "session_key", "column": "session_key"}}
    }}
) }}

with

events as (

    select
        *,
        -- Events of one moment are common; the key decides among them, so that every run gives the same.
        (event_at, web_event_key) as place
    from {{ rows_of(ref('fct_web_event')) }}
    where session_key is not null

),

sessions as (

    select
        session_key,
        min(event_source) as event_source,
        min(source_name) as source_name,
        bool_and(is_counted) as is_counted,
        min(visitor_key) as visitor_key,
        bool_or(is_bot) as is_bot,
        min(session_number) as session_number,
        min(event_date) as session_date,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        count(*) as event_count,
        sum(case when is_page_view then 1 else 0 end) as page_view_count,
        sum(case when event_name = 'view_item' then 1 else 0 end) as product_view_count,
        sum(case when event_name = 'add_to_cart' then 1 else 0 end) as add_to_cart_count,
        sum(case when event_name = 'begin_checkout' then 1 else 0 end) as checkout_count,
        sum(case when is_first_of_purchase then 1 else 0 end) as purchase_count,
        sum(case when is_first_of_purchase then purchase_revenue_amount end) as purchase_revenue_amount,
        sum(case when event_name = 'abandoned_cart' then 1 else 0 end) as abandoned_cart_count,
        sum(engagement_ms) as engagement_ms,
        arg_min(page_path, place) filter (is_page_view) as landing_page_path,
        arg_min(referrer_host, place) as referrer_host,
        arg_min(device_category, place) as device_category,
        arg_min(country, place) as country,
        -- Source, medium and campaign of the first event that names one, taken together.
        arg_min({ 'source': source, 'medium': medium, 'campaign': campaign }, place)
        filter (source is not null or medium is not null) as origin,
        arg_min({ 'source': first_source, 'medium': first_medium, 'campaign': first_campaign }, place)
        filter (first_source is not null or first_medium is not null) as first_touch
    from events
    group by session_key

),

named as (

    select
        *,
        -- A log holds no source; a visit that brings none is direct.
        case when event_source <> 'access_log' then coalesce(origin.source, '(direct)') end as source,
        case when event_source <> 'access_log' then coalesce(origin.medium, '(none)') end as medium,
        origin.campaign,
        first_touch.source as first_source,
        first_touch.medium as first_medium,
        first_touch.campaign as first_campaign
    from sessions

),

final as (

    select
        session_key,
        event_source,
        source_name,
        visitor_key,
        session_number,
        is_bot,
        session_date,
        started_at,
        ended_at,
        cast(date_diff('millisecond', started_at, ended_at) / 1000.0 as decimal(18, 3)) as duration_seconds,
        case when event_source <> 'access_log' then {{ channel_group('source', 'medium') }} end as channel,
        source,
        medium,
        campaign,
        case
            when first_source is not null then {{ channel_group('first_source', 'first_medium') }}
        end as first_channel,
        first_source,
        first_medium,
        first_campaign,
        referrer_host,
        landing_page_path,
        device_category,
        country,
        event_count,
        cast(page_view_count as bigint) as page_view_count,
        cast(product_view_count as bigint) as product_view_count,
        cast(add_to_cart_count as bigint) as add_to_cart_count,
        cast(checkout_count as bigint) as checkout_count,
        cast(purchase_count as bigint) as purchase_count,
        cast(coalesce(purchase_revenue_amount, 0) as decimal(18, 4)) as purchase_revenue_amount,
        cast(abandoned_cart_count as bigint) as abandoned_cart_count,
        cast(engagement_ms / 1000.0 as decimal(18, 3)) as engagement_seconds,
        is_counted
    from named

)

select * from final
