with

events as not materialized (

    select * from {{ ref('stg_ga4_events__event') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

-- Visitors are few beside events, and hashing is dear.
browsers as (

    select distinct user_pseudo_id
    from events
    where user_pseudo_id is not null

),

visitors as (

    select
        user_pseudo_id,
        {{ pseudonym('user_pseudo_id') }} as visitor_key
    from browsers

),

-- Google's own click id outweighs the source that was written down: with automatic tagging the latter may say organic.
attributed as (

    select
        *,
        google_click_id is not null or coalesce(page_location like '%gclid=%', false) as is_google_click
    from events

),

-- A purchase is sent again when its page is loaded again; the first time counts. Without a number each counts.
first_purchases as (

    select
        file_id,
        file_line
    from events
    where event_name = 'purchase'
    qualify row_number() over (
        partition by source_name, coalesce(transaction_id, file_id || ':' || file_line)
        order by event_at, file_id, file_line
    ) = 1

),

final as (

    select
        attributed.source_name,
        attributed.file_id,
        attributed.file_line,
        attributed.loaded_at,
        attributed.event_name,
        attributed.event_at,
        cast(attributed.event_at + hours.utc_offset as date) as event_date,
        visitors.visitor_key,
        -- A session is known only where the visitor agreed to be recognised.
        visitors.visitor_key || '-' || attributed.ga_session_id as session_key,
        attributed.session_number,
        nullif(regexp_extract(attributed.page_location, '^[a-z]+://([^/:?#]+)', 1), '') as page_host,
        nullif(regexp_extract(attributed.page_location, '^[a-z]+://[^/?#]+([^?#]*)', 1), '') as page_path,
        attributed.page_title,
        attributed.event_name = 'page_view' as is_page_view,
        nullif(regexp_extract(attributed.page_referrer, '^[a-z]+://([^/:?#]+)', 1), '') as referrer_host,
        case when attributed.is_google_click then 'google' else attributed.source end as source,
        case when attributed.is_google_click then 'cpc' else attributed.medium end as medium,
        attributed.campaign,
        attributed.first_source,
        attributed.first_medium,
        attributed.first_campaign,
        attributed.engagement_ms,
        attributed.search_term,
        case when attributed.event_name in ('purchase', 'refund') then attributed.transaction_id end as transaction_id,
        first_purchases.file_id is not null as is_first_of_purchase,
        case attributed.event_name
            when 'purchase' then attributed.purchase_revenue
            when 'refund' then -abs(attributed.refund_value)
        end as purchase_revenue,
        attributed.currency,
        attributed.device_category,
        attributed.country
    from attributed
    left join hours on date_trunc('hour', attributed.event_at) = hours.hour_at
    left join visitors on attributed.user_pseudo_id = visitors.user_pseudo_id
    left join first_purchases
        on attributed.file_id = first_purchases.file_id and attributed.file_line = first_purchases.file_line

)

select * from final
