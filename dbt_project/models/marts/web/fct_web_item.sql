{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "web_event_key",
        "rows": ["ga4_events", "matomo_visits"],
        "file": "split_part(web_event_key, ':', 1)",
        "line": "split_part(web_event_key, ':', 2)",
        "facts": {"fct_web_event": {"key": "web_event_key", "column": "web_event_key"}}
    }}
) }}

with

items as (

    select * from {{ ref('int_web__item') }}

),

events as (

    select * from {{ rows_of(ref('fct_web_event')) }}

),

final as (

    select
        items.web_event_key || ':' || items.item_number as web_item_key,
        items.web_event_key,
        events.event_source,
        events.source_name,
        events.event_name,
        events.event_date,
        events.session_key,
        events.transaction_id,
        events.is_first_of_purchase,
        items.item_number,
        items.article_number,
        items.item_name,
        items.item_brand,
        items.item_variant,
        items.item_category,
        items.quantity,
        items.price_amount,
        items.item_revenue_amount,
        events.purchase_currency as item_currency,
        events.is_counted
    from items
    inner join events on items.web_event_key = events.web_event_key

)

select * from final
