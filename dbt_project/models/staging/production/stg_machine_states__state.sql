with

source as (

    select * from {{ source('raw', 'machine_states') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        machine_code,
        started_at,
        ended_at,
        state,
        reason
    from source

)

select * from renamed
