with

source as (

    select * from {{ source('raw', 'work_places') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        machine_code,
        machine_name,
        hourly_cost,
        weekly_hours
    from source

)

select * from renamed
