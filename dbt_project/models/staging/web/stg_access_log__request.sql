with

source as (

    select * from {{ rows_of(source('raw', 'access_log')) }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        host,
        client_address,
        requested_at,
        -- Scanners send bytes that are no request; those have neither method nor path.
        coalesce(method, nullif(regexp_extract(request, '^([A-Z]+) ', 1), '')) as http_method,
        nullif(
            coalesce(
                regexp_extract(path, '^([^ ?#]+)', 1), regexp_extract(request, '^[A-Z]+ ([^ ?#]+)', 1)
            ), ''
        ) as page_path,
        status as http_status,
        response_bytes,
        nullif(regexp_extract(referrer, '^https?://([^/:?#]+)', 1), '') as referrer_host,
        user_agent
    from source

)

select * from renamed
