with

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

requests as not materialized (

    select
        requests.*,
        cast(requests.requested_at + hours.utc_offset as date) as request_date
    from {{ ref('stg_access_log__request') }} as requests
    left join hours on date_trunc('hour', requests.requested_at) = hours.hour_at

),

-- An address and a browser for one day: enough to tell visits apart, too little to follow a person.
visitors as (

    select
        source_name,
        client_address,
        user_agent,
        request_date,
        {{ pseudonym("concat_ws('|', source_name, client_address, user_agent, request_date)") }} as visitor_key,
        {{ is_bot('user_agent') }} as is_bot
    from requests
    group by source_name, client_address, user_agent, request_date

),

-- A new session after 30 minutes without a request.
intervals as (

    select
        requests.*,
        visitors.visitor_key,
        visitors.is_bot,
        coalesce(
            requests.requested_at - lag(requests.requested_at) over same_visitor > interval 30 minutes, true
        ) as is_session_start
    from requests
    left join visitors
        on
            requests.source_name = visitors.source_name
            and requests.client_address = visitors.client_address
            and requests.user_agent is not distinct from visitors.user_agent
            and requests.request_date = visitors.request_date
    window same_visitor as (
        partition by visitors.visitor_key order by requests.requested_at, requests.file_id, requests.file_line
    )

),

numbered as (

    select
        *,
        sum(case when is_session_start then 1 else 0 end) over (
            partition by visitor_key order by requested_at, file_id, file_line
        ) as session_in_day
    from intervals

),

final as (

    select
        source_name,
        file_id,
        file_line,
        loaded_at,
        requested_at as event_at,
        request_date as event_date,
        visitor_key,
        session_in_day,
        visitor_key || '-' || session_in_day as session_key,
        host as page_host,
        page_path,
        -- A page, not one of the files it is made of.
        coalesce(http_method = 'GET', false)
        and http_status < 400
        and not regexp_matches(
            page_path,
            '[.](css|js|mjs|map|json|xml|txt|ico|png|jpe?g|gif|svg|webp|avif|bmp|woff2?|ttf|eot|otf|mp[34]|webm|pdf|zip)$',
            'i'
        ) as is_page_view,
        referrer_host,
        http_method,
        http_status,
        response_bytes,
        is_bot
    from numbered

)

select * from final
