with

company as (

    select * from {{ source('ops', 'company') }}

),

states as (

    select
        states.*,
        company.time_zone,
        cast({{ local_time('states.started_at', 'company.time_zone') }} as date) as first_date,
        -- A state that ends at midnight belongs to the day before.
        cast(
            {{ local_time(
                'greatest(states.started_at, states.ended_at - interval 1 microsecond)', 'company.time_zone'
            ) }} as date
        ) as last_date
    from {{ ref('int_production__machine_state') }} as states
    cross join company

),

days as (

    select
        *,
        unnest(generate_series(cast(first_date as timestamp), cast(last_date as timestamp), interval 1 day)) as day_at
    from states

),

pieces as (

    select
        *,
        greatest(started_at, {{ utc_time('day_at', 'time_zone') }}) as piece_started_at,
        least(ended_at, {{ utc_time('day_at + interval 1 day', 'time_zone') }}) as piece_ended_at
    from days

),

final as (

    select
        file_id || ':' || file_line || ':' || cast(cast(day_at as date) as varchar) as machine_state_key,
        source_name,
        machine_code as machine_key,
        cast(day_at as date) as state_date,
        piece_started_at as started_at,
        piece_ended_at as ended_at,
        state,
        reason,
        state_origin,
        {{ minutes_between('piece_started_at', 'piece_ended_at') }} as duration_minutes,
        -- Planned working time: what availability is measured against.
        state in ('running', 'setup', 'down', 'idle') as is_planned_time,
        cast(day_at as date) > first_date as is_continued,
        file_id,
        loaded_at
    from pieces

)

select * from final
