{%- set lookback_days = 90 %}

with

orders as (

    select * from {{ ref('fct_order') }}
    where is_counted and not is_credit

),

purchases as (

    select
        transaction_id,
        any_value(visitor_key) as visitor_key,
        any_value(session_key) as session_key,
        min(event_at) as purchased_at
    from {{ ref('fct_web_event') }}
    where is_first_of_purchase and is_counted and transaction_id is not null
    group by transaction_id

),

-- A shop's number of an order may carry a mark in front that its analytics leave out.
matched as (

    select
        orders.order_key,
        purchases.visitor_key,
        purchases.session_key,
        purchases.purchased_at
    from orders
    inner join purchases on ltrim(orders.document_number, '#') = ltrim(purchases.transaction_id, '#')
    qualify row_number() over (partition by orders.order_key order by purchases.purchased_at) = 1

),

sessions as (

    select
        visitor_key,
        started_at,
        channel,
        -- Analytics write what is no campaign in brackets, such as (organic).
        case when campaign not like '(%' then campaign end as campaign
    from {{ ref('fct_web_session') }}
    where is_counted and visitor_key is not null

),

-- The visitor's sessions up to the purchase. What comes directly tells nothing of how the visitor was won.
touches as (

    select
        matched.order_key,
        sessions.started_at,
        struct_pack(channel := sessions.channel, campaign := sessions.campaign) as visit,
        sessions.channel = 'direct' as is_direct
    from matched
    inner join sessions
        on
            matched.visitor_key = sessions.visitor_key
            and matched.purchased_at >= sessions.started_at
            and matched.purchased_at - interval {{ lookback_days }} day < sessions.started_at

),

chosen as (

    select
        order_key,
        count(*) as sessions_before,
        arg_min(visit, started_at) as first_visit,
        arg_max(visit, started_at) filter (where not is_direct) as last_visit
    from touches
    group by order_key

),

final as (

    select
        orders.order_key,
        matched.order_key is not null as is_seen_on_web,
        coalesce(chosen.sessions_before, 0) as sessions_before,
        coalesce(chosen.first_visit.channel, 'unknown') as first_channel,
        chosen.first_visit.campaign as first_campaign,
        case
            when chosen.order_key is null then 'unknown'
            else coalesce(chosen.last_visit.channel, 'direct')
        end as last_channel,
        chosen.last_visit.campaign as last_campaign
    from orders
    left join matched on orders.order_key = matched.order_key
    left join chosen on orders.order_key = chosen.order_key

)

select * from final
