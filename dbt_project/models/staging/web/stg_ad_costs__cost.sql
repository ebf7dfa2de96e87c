with

source as (

    select * from {{ source('raw', 'ad_costs') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        cost_date,
        coalesce(platform, _source) as platform,
        campaign,
        impressions,
        clicks,
        cost,
        upper(currency) as currency,
        conversions
    from source

)

select * from renamed
