with

source as (

    select * from {{ rows_of(source('raw', 'matomo_visits')) }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        site_id,
        visit_id,
        visitor_id,
        first_action_at,
        last_action_at,
        visit_count,
        lower(referrer_type) as referrer_type,
        referrer_name,
        nullif(regexp_extract(referrer_url, '^https?://([^/:?#]+)', 1), '') as referrer_host,
        campaign_name,
        campaign_source,
        campaign_medium,
        lower(device_type) as device_type,
        country,
        upper(site_currency) as currency
    from source

)

select * from renamed
