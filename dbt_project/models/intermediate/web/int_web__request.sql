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
        {{ is_bot('user_agent') }} as is_bot,
        -- A short number to sort millions of requests by; it goes no further than this model.
        row_number() over () as visitor_number
    from requests
    group by source_name, client_address, user_agent, request_date

),

visits as (

    select
        requests.* exclude (client_address, user_agent),
        visitors.visitor_number
    from requests
    inner join visitors
        on
            requests.source_name = visitors.source_name
            and requests.client_address = visitors.client_address
            and requests.user_agent is not distinct from visitors.user_agent
            and requests.request_date = visitors.request_date

),

-- A new session after 30 minutes without a request. Which of several requests of one moment comes first does not
-- matter: the running sum below takes them together.
intervals as (

    select
        *,
        coalesce(
            requested_at - lag(requested_at) over (
                partition by visitor_number order by requested_at
            ) > interval 30 minutes,
            true
        ) as is_session_start
    from visits

),

numbered as (

    select
        *,
        sum(case when is_session_start then 1 else 0 end) over (
            partition by visitor_number order by requested_at
        ) as session_in_day
    from intervals

),

final as (

    select
        numbered.source_name,
        numbered.file_id,
        numbered.file_line,
        numbered.loaded_at,
        numbered.requested_at as event_at,
        numbered.request_date as event_date,
        visitors.visitor_key,
        numbered.session_in_day,
        visitors.visitor_key || '-' || numbered.session_in_day as session_key,
        numbered.host as page_host,
        numbered.page_path,
        -- A page, not one of the files it is made of.
        coalesce(
            numbered.http_method = 'GET'
            and numbered.http_status < 400
            and not regexp_matches(
                numbered.page_path,
                '[.](css|js|mjs|map|json|xml|txt|ico|png|jpe?g|gif|svg|webp|avif|woff2?|ttf|eot|otf|mp[34]|pdf|zip)$',
                'i'
            ),
            false
        ) as is_page_view,
        numbered.referrer_host,
        numbered.http_method,
        numbered.http_status,
        numbered.response_bytes,
        visitors.is_bot
    from numbered
    inner join visitors on numbered.visitor_number = visitors.visitor_number

)

select * from final
