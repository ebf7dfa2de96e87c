with

ga4_events as (

    select * from {{ ref('int_web__ga4_event') }}

),

requests as (

    select * from {{ ref('int_web__request') }}

),

final as (

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
        search_term,
        engagement_ms,
        transaction_id,
        is_first_of_purchase,
        purchase_revenue as purchase_revenue_amount,
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
        null as search_term,
        null as engagement_ms,
        null as transaction_id,
        false as is_first_of_purchase,
        null as purchase_revenue_amount,
        null as purchase_currency,
        null as device_category,
        null as country,
        http_method,
        http_status,
        response_bytes,
        file_id,
        loaded_at
    from requests

)

select * from final
