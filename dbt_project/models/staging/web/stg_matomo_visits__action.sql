with

source as (

    select * from {{ rows_of(source('raw', 'matomo_visits')) }}
    where action_details is not null

),

listed as (

    select
        *,
        from_json(
            action_details,
            '[{
                "type": "VARCHAR", "timestamp": "VARCHAR", "url": "VARCHAR", "pageTitle": "VARCHAR",
                "timeSpent": "VARCHAR", "siteSearchKeyword": "VARCHAR", "eventAction": "VARCHAR",
                "productViewSku": "VARCHAR", "orderId": "VARCHAR", "revenue": "VARCHAR", "itemDetails": "JSON"
            }]'
        ) as actions
    from source

),

numbered as (

    select
        _source,
        _file_id,
        _line,
        unnest(actions) as action,
        unnest(range(1, len(actions) + 1)) as action_number
    from listed

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        numbered.action_number,
        action.type as action_type,
        make_timestamp(try_cast(action.timestamp as bigint) * 1000000) as action_at,
        action.url as page_location,
        nullif(action.pagetitle, '') as page_title,
        try_cast(action.timespent as bigint) * 1000 as engagement_ms,
        nullif(action.sitesearchkeyword, '') as search_term,
        nullif(action.eventaction, '') as event_action,
        nullif(action.productviewsku, '') as viewed_article_number,
        nullif(action.orderid, '') as order_number,
        try_cast(action.revenue as decimal(18, 4)) as revenue_amount,
        action.itemdetails as item_details
    from numbered

)

select * from renamed
