with

source as (

    select * from {{ source('raw', 'meta_ads') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        coalesce(cost_date, first_day) as first_day,
        coalesce(cost_date, last_day) as last_day,
        'meta_ads' as platform,
        campaign,
        impressions,
        clicks,
        coalesce(cost, 0) as cost,
        currency,
        results as conversions
    from source

)

select * from renamed
