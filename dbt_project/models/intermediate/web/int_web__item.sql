with

ga4_items as (

    select * from {{ ref('stg_ga4_events__item') }}

),

matomo_items as (

    select * from {{ ref('stg_matomo_visits__item') }}

),

final as (

    select
        file_id || ':' || file_line as web_event_key,
        item_number,
        article_number,
        item_name,
        item_brand,
        item_variant,
        item_category,
        quantity,
        price_amount,
        item_revenue_amount
    from ga4_items
    union all
    select
        file_id || ':' || file_line || ':' || action_number as web_event_key,
        item_number,
        article_number,
        item_name,
        null as item_brand,
        null as item_variant,
        item_category,
        quantity,
        price_amount,
        cast(price_amount * quantity as decimal(18, 4)) as item_revenue_amount
    from matomo_items

)

select * from final
