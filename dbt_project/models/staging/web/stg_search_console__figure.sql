with

source as (

    select * from {{ source('raw', 'search_console') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        report,
        coalesce(query, page, country, device, appearance, cast(search_date as varchar)) as item,
        search_date,
        first_day,
        last_day,
        clicks,
        impressions,
        ctr_pct,
        average_position
    from source

)

select * from renamed
