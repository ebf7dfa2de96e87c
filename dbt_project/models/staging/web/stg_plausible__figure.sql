with

source as (

    select * from {{ source('raw', 'plausible') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        report,
        visit_date,
        coalesce(
            page, traffic_source, country, device, browser, operating_system, event_name, hostname
        ) as item,
        visitors,
        visits,
        pageviews,
        bounces,
        visit_duration_seconds,
        events
    from source

)

select * from renamed
