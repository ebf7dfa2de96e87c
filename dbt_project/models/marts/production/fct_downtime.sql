with

downtimes as (

    select * from {{ ref('stg_downtimes__downtime') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

final as (

    select
        downtimes.file_id || ':' || downtimes.file_line as downtime_key,
        downtimes.source_name,
        downtimes.machine_code as machine_key,
        coalesce(downtimes.downtime_date, cast(downtimes.started_at + hours.utc_offset as date)) as downtime_date,
        downtimes.shift,
        downtimes.reason,
        downtimes.started_at,
        downtimes.ended_at,
        coalesce(downtimes.minutes, {{ minutes_between('downtimes.started_at', 'downtimes.ended_at') }}) as minutes,
        downtimes.file_id,
        downtimes.loaded_at
    from downtimes
    left join hours on date_trunc('hour', downtimes.started_at) = hours.hour_at

)

select * from final
