with

visits as (

    select * from {{ ref('stg_matomo_visits__visit') }}

),

actions as (

    select * from {{ ref('stg_matomo_visits__action') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

browsers as (

    select distinct visitor_id
    from visits
    where visitor_id is not null

),

visitors as (

    select
        visitor_id,
        {{ pseudonym('visitor_id') }} as visitor_key
    from browsers

),

-- A visit that was exported without its actions still is a visit.
events as (

    select
        visits.*,
        actions.* exclude (source_name, file_id, file_line, action_number),
        coalesce(actions.action_number, 0) as action_number,
        coalesce(actions.action_at, visits.first_action_at) as event_at,
        case
            when actions.action_number is null then 'session_start'
            when actions.action_type = 'action' and actions.viewed_article_number is not null then 'view_item'
            when actions.action_type = 'event' then coalesce(actions.event_action, 'event')
            else coalesce(names.event_name, actions.action_type)
        end as event_name,
        visits.source_name || '-' || visits.site_id || '-' || visits.visit_id as visit_number
    from visits
    left join actions on visits.file_id = actions.file_id and visits.file_line = actions.file_line
    left join (
        values
        ('action', 'page_view'),
        ('search', 'view_search_results'),
        ('download', 'file_download'),
        ('outlink', 'click'),
        ('ecommerceOrder', 'purchase'),
        ('ecommerceAbandonedCart', 'abandoned_cart')
    ) as names (action_type, event_name)
        on actions.action_type = names.action_type

),

-- An order that is tracked again when its page is loaded again is the same order; the first time counts.
first_purchases as (

    select
        file_id,
        file_line,
        action_number
    from events
    where event_name = 'purchase'
    qualify row_number() over (
        partition by source_name, coalesce(order_number, file_id || ':' || file_line || ':' || action_number)
        order by event_at, visit_number, action_number
    ) = 1

),

final as (

    select
        events.source_name,
        events.file_id,
        events.file_line,
        events.action_number,
        events.loaded_at,
        events.event_name,
        events.event_at,
        cast(events.event_at + hours.utc_offset as date) as event_date,
        coalesce(visitors.visitor_key, events.visit_number) as visitor_key,
        coalesce(visitors.visitor_key || '-', '') || events.visit_number as session_key,
        events.visit_count as session_number,
        coalesce(events.action_type = 'action', false) as is_page_view,
        nullif(regexp_extract(events.page_location, '^[a-z]+://([^/:?#]+)', 1), '') as page_host,
        nullif(regexp_extract(events.page_location, '^[a-z]+://[^/?#]+([^?#]*)', 1), '') as page_path,
        events.page_title,
        events.referrer_host,
        case events.referrer_type
            when 'direct' then '(direct)'
            when 'campaign' then lower(coalesce(events.campaign_source, events.referrer_name))
            else lower(events.referrer_name)
        end as source,
        case events.referrer_type
            when 'direct' then '(none)'
            when 'search' then 'organic'
            when 'website' then 'referral'
            when 'campaign' then lower(coalesce(events.campaign_medium, 'campaign'))
            else events.referrer_type
        end as medium,
        case
            when events.referrer_type = 'campaign' then coalesce(events.campaign_name, events.referrer_name)
        end as campaign,
        events.engagement_ms,
        events.search_term,
        events.order_number as transaction_id,
        first_purchases.file_id is not null as is_first_of_purchase,
        case when events.event_name = 'purchase' then events.revenue_amount end as purchase_revenue,
        case when events.event_name = 'abandoned_cart' then events.revenue_amount end as abandoned_cart_amount,
        events.currency,
        case when events.device_type in ('smartphone', 'phablet') then 'mobile' else events.device_type end
            as device_category,
        events.country
    from events
    left join hours on date_trunc('hour', events.event_at) = hours.hour_at
    left join visitors on events.visitor_id = visitors.visitor_id
    left join first_purchases
        on
            events.file_id = first_purchases.file_id
            and events.file_line = first_purchases.file_line
            and events.action_number = first_purchases.action_number

)

select * from final
