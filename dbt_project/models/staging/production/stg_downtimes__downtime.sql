with

source as (

    select * from {{ source('raw', 'downtimes') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        machine_code,
        downtime_date,
        shift,
        reason,
        started_at,
        ended_at,
        minutes
    from source

)

select * from renamed
