-- A slice is a file: a row is made of one reading.
{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "file_id",
        "rows": ["energy_readings"],
        "fixed": ["int_calendar__utc_hour"]
    }}
) }}

with

company as (

    select * from {{ source('ops', 'company') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

readings as (

    select * from {{ ref('stg_energy_readings__reading') }}

),

dated as (

    select
        readings.*,
        company.time_zone,
        readings.started_at + hours.utc_offset as local_started_at,
        date_trunc('day', readings.started_at + hours.utc_offset) as day_at
    from readings
    cross join company
    left join hours on date_trunc('hour', readings.started_at) = hours.hour_at

),

final as (

    select
        source_name || ':' || meter_code || ':' || cast(started_at as varchar) as energy_quarter_key,
        source_name,
        meter_code,
        started_at,
        ended_at,
        cast(day_at as date) as energy_date,
        local_started_at,
        -- From the day's first quarter on, so that the hour that comes twice has eight and the skipped one none.
        cast(date_diff('minute', {{ utc_time('day_at', 'time_zone') }}, started_at) // 15 + 1 as integer)
            as quarter_number,
        energy_kwh,
        power_kw,
        status,
        file_id,
        loaded_at
    from dated

)

select * from final
