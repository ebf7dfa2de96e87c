with

source as (

    select * from {{ source('raw', 'scrap_reasons') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        reason_code,
        reason_name,
        changed_date
    from source

)

select * from renamed
