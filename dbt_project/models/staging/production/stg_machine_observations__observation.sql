with

source as (

    select * from {{ source('raw', 'machine_observations') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        coalesce(machine_code, _source) as machine_code,
        observed_at,
        signal,
        value,
        -- Either mark counts as decimal: tags are written in the notation of the panel's language.
        try_cast(replace(regexp_extract(value, '^[+-]?[0-9]+([.,][0-9]+)?$'), ',', '.') as decimal(18, 4))
            as numeric_value,
        coalesce(lower(quality) not like 'bad%', true) as is_valid,
        level,
        native_code,
        native_severity,
        qualifier
    from source

)

select * from renamed
