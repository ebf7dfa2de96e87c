-- A slice is a source's day, which visits in logs do not leave. Purchases have slices of their own: one may be sent
-- again on another day.
{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "case when event_name = 'purchase' and transaction_id is not null
            then hash(source_name, transaction_id) else hash(source_name, event_date) end",
        "rows": ["ga4_events", "matomo_visits", "access_log"],
        "line": "split_part(web_event_key, ':', 2)",
        "fixed": ["int_calendar__utc_hour"],
        "hands_on": ["session_key", "web_event_key"]
    }}
) }}

with

ga4_events as (

    select * from {{ ref('int_web__ga4_event') }}

),

matomo_events as (

    select * from {{ ref('int_web__matomo_event') }}

),

requests as (

    select * from {{ ref('int_web__request') }}

),

-- Of several sources that measure the same visits only one counts.
reference_sources as (

    select source_name
    from {{ source('ops', 'source') }}
    where role = 'web_reference'

),

events as (

    select
        file_id || ':' || file_line as web_event_key,
        'ga4' as event_source,
        source_name,
        event_name,
        event_at,
        event_date,
        visitor_key,
        session_key,
        session_number,
        visitor_key is not null as has_consent,
        false as is_bot,
        is_page_view,
        page_host,
        page_path,
        page_title,
        referrer_host,
        source,
        medium,
        campaign,
        first_source,
        first_medium,
        first_campaign,
        search_term,
        engagement_ms,
        transaction_id,
        is_first_of_purchase,
        purchase_revenue as purchase_revenue_amount,
        null as abandoned_cart_amount,
        currency as purchase_currency,
        device_category,
        country,
        null as http_method,
        null as http_status,
        null as response_bytes,
        file_id,
        loaded_at
    from ga4_events
    union all
    select
        file_id || ':' || file_line || ':' || action_number as web_event_key,
        'matomo' as event_source,
        source_name,
        event_name,
        event_at,
        event_date,
        visitor_key,
        session_key,
        session_number,
        null as has_consent,
        false as is_bot,
        is_page_view,
        page_host,
        page_path,
        page_title,
        referrer_host,
        source,
        medium,
        campaign,
        null as first_source,
        null as first_medium,
        null as first_campaign,
        search_term,
        engagement_ms,
        transaction_id,
        is_first_of_purchase,
        purchase_revenue as purchase_revenue_amount,
        abandoned_cart_amount,
        currency as purchase_currency,
        device_category,
        country,
        null as http_method,
        null as http_status,
        null as response_bytes,
        file_id,
        loaded_at
    from matomo_events
    union all
    select
        file_id || ':' || file_line as web_event_key,
        'access_log' as event_source,
        source_name,
        'request' as event_name,
        event_at,
        event_date,
        visitor_key,
        session_key,
        null as session_number,
        null as has_consent,
        is_bot,
        is_page_view,
        page_host,
        page_path,
        null as page_title,
        referrer_host,
        null as source,
        null as medium,
        null as campaign,
        null as first_source,
        null as first_medium,
        null as first_campaign,
        null as search_term,
        null as engagement_ms,
        null as transaction_id,
        false as is_first_of_purchase,
        null as purchase_revenue_amount,
        null as abandoned_cart_amount,
        null as purchase_currency,
        null as device_category,
        null as country,
        http_method,
        http_status,
        response_bytes,
        file_id,
        loaded_at
    from requests

),

final as (

    select
        *,
        source_name not in (select reference_sources.source_name from reference_sources) as is_counted
    from events

)

select * from final
