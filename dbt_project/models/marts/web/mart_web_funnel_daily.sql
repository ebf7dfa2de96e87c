with

sessions as (

    select
        session_date as funnel_date,
        channel,
        count(*) as sessions,
        sum(case when product_view_count > 0 then 1 else 0 end) as product_view_sessions,
        sum(case when add_to_cart_count > 0 then 1 else 0 end) as add_to_cart_sessions,
        sum(case when checkout_count > 0 then 1 else 0 end) as checkout_sessions,
        sum(purchase_count) as purchases,
        sum(purchase_revenue_amount) as purchase_revenue_amount,
        0 as events_without_consent
    from {{ ref('fct_web_session') }}
    where event_source <> 'access_log' and is_counted
    group by session_date, channel

),

-- Who did not agree to be recognised has no session, but what was bought was bought.
without_session as (

    select
        event_date as funnel_date,
        'unassigned' as channel,
        0 as sessions,
        0 as product_view_sessions,
        0 as add_to_cart_sessions,
        0 as checkout_sessions,
        sum(case when is_first_of_purchase then 1 else 0 end) as purchases,
        coalesce(sum(case when is_first_of_purchase then purchase_revenue_amount end), 0) as purchase_revenue_amount,
        sum(case when has_consent then 0 else 1 end) as events_without_consent
    from {{ ref('fct_web_event') }}
    where event_source <> 'access_log' and is_counted and session_key is null
    group by event_date

),

funnel as (

    select * from sessions
    union all
    select * from without_session

),

final as (

    select
        cast(funnel_date as varchar) || ':' || channel as funnel_key,
        funnel_date,
        channel,
        cast(sessions as bigint) as sessions,
        cast(product_view_sessions as bigint) as product_view_sessions,
        cast(add_to_cart_sessions as bigint) as add_to_cart_sessions,
        cast(checkout_sessions as bigint) as checkout_sessions,
        cast(purchases as bigint) as purchases,
        cast(purchase_revenue_amount as decimal(18, 4)) as purchase_revenue_amount,
        100.0 * purchases / nullif(sessions, 0) as conversion_rate_pct,
        cast(events_without_consent as bigint) as events_without_consent
    from funnel

)

select * from final
order by funnel_date, channel
