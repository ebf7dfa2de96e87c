with

source as (

    select * from {{ rows_of(source('raw', 'ga4_events')) }}

),

-- Parameters come as a list of a key and a value that is filled in one of four places. Two lists keep the first of
-- parameters that are repeated, where a map would fail.
parsed as (

    select
        *,
        from_json(
            event_params,
            '[{"key": "VARCHAR", "value": {
                "string_value": "VARCHAR", "int_value": "VARCHAR", "double_value": "VARCHAR", "float_value": "VARCHAR"
            }}]'
        ) as params
    from source

),

listed as (

    select
        *,
        -- The session's own source, where Google states it; links that carry campaign parameters outweigh guesses.
        case
            when json_extract_string(session_traffic_source_last_click, '$.manual_campaign.source') is not null
                then session_traffic_source_last_click -> 'manual_campaign'
            else session_traffic_source_last_click -> 'cross_channel_campaign'
        end as last_click,
        list_transform(params, lambda p: p.key) as param_keys,
        list_transform(
            params,
            lambda p: coalesce(
                p.value.string_value, p.value.int_value, p.value.double_value, p.value.float_value
            )
        ) as param_values
    from parsed

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        event_date as property_date,
        event_at,
        event_name,
        user_pseudo_id,
        {{ ga4_param('ga_session_id') }} as ga_session_id,
        try_cast({{ ga4_param('ga_session_number') }} as bigint) as session_number,
        try_cast({{ ga4_param('engagement_time_msec') }} as bigint) as engagement_ms,
        {{ ga4_param('page_location') }} as page_location,
        {{ ga4_param('page_title') }} as page_title,
        {{ ga4_param('page_referrer') }} as page_referrer,
        {{ ga4_param('search_term') }} as search_term,
        lower(
            coalesce(last_click ->> 'source', collected_traffic_source ->> 'manual_source', {{ ga4_param('source') }})
        ) as source,
        lower(
            coalesce(last_click ->> 'medium', collected_traffic_source ->> 'manual_medium', {{ ga4_param('medium') }})
        ) as medium,
        coalesce(
            last_click ->> 'campaign_name',
            collected_traffic_source ->> 'manual_campaign_name',
            {{ ga4_param('campaign') }}
        ) as campaign,
        lower(traffic_source ->> 'source') as first_source,
        lower(traffic_source ->> 'medium') as first_medium,
        traffic_source ->> 'name' as first_campaign,
        coalesce(collected_traffic_source ->> 'gclid', {{ ga4_param('gclid') }}) as google_click_id,
        nullif(
            coalesce(ecommerce ->> 'transaction_id', {{ ga4_param('transaction_id') }}), '(not set)'
        ) as transaction_id,
        try_cast(
            coalesce(ecommerce ->> 'purchase_revenue', {{ ga4_param('value') }}) as decimal(18, 4)
        ) as purchase_revenue,
        try_cast(
            coalesce(ecommerce ->> 'refund_value', {{ ga4_param('value') }}) as decimal(18, 4)
        ) as refund_value,
        upper({{ ga4_param('currency') }}) as currency,
        device ->> 'category' as device_category,
        geo ->> 'country' as country
    from listed

)

select * from renamed
