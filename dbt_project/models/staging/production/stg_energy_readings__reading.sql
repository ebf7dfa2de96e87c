with

source as (

    select * from {{ rows_of(source('raw', 'energy_readings')) }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        coalesce(meter_code, _source) as meter_code,
        -- Who names one end of a quarter of an hour names both, and mean power in it tells its energy.
        coalesce(started_at, ended_at - interval 15 minute) as started_at,
        coalesce(ended_at, started_at + interval 15 minute) as ended_at,
        coalesce(energy_kwh, cast(power_kw * 0.25 as decimal(18, 6))) as energy_kwh,
        coalesce(power_kw, cast(energy_kwh * 4 as decimal(18, 6))) as power_kw,
        status
    from source

)

select * from renamed
