with

source as (

    select * from {{ source('raw', 'exchange_rates') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        published_on,
        currency,
        units_per_base,
        base_currency,
        rate_name
    from source

)

select * from renamed
