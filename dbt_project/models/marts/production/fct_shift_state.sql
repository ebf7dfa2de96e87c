with

windows as (

    select * from {{ ref('int_production__shift_window') }}

),

states as (

    select * from {{ ref('fct_machine_state') }}

),

-- Up to here machines have reported; what is planned after it is still to come.
reported_until as (

    select max(ended_at) as reported_until from states

),

pieces as (

    select
        states.machine_key,
        windows.production_date,
        windows.shift_name,
        windows.planning,
        states.state,
        states.reason,
        date_diff(
            'millisecond',
            greatest(states.started_at, windows.started_at),
            least(states.ended_at, windows.ended_at)
        ) as milliseconds
    from states
    inner join windows
        on
            states.state_date = windows.local_date
            and states.started_at < windows.ended_at
            and states.ended_at > windows.started_at

),

reported as (

    select
        machine_key,
        production_date,
        shift_name,
        state,
        coalesce(reason, 'unknown') as reason,
        sum(milliseconds) as milliseconds,
        sum(
            case
                when planning = 'planned' and state not in ('planned_stop', 'off') then milliseconds
                when planning = 'by_state' and state in ('running', 'setup', 'down', 'idle') then milliseconds
                -- In breaks and outside the shifts nobody is expected to work; whoever does, works as planned.
                when state in ('running', 'setup') then milliseconds
                else 0
            end
        ) as planned_milliseconds,
        sum(case when planning = 'planned' then milliseconds else 0 end) as shift_milliseconds
    from pieces
    group by machine_key, production_date, shift_name, state, coalesce(reason, 'unknown')

),

-- What the calendar plans for a shift in which the machine said anything at all, and it did not tell.
machine_shifts as (

    select
        machine_key,
        production_date,
        shift_name,
        sum(shift_milliseconds) as shift_milliseconds
    from reported
    group by machine_key, production_date, shift_name

),

planned as (

    select
        windows.production_date,
        windows.shift_name,
        sum(
            greatest(
                date_diff(
                    'millisecond', windows.started_at, least(windows.ended_at, reported_until.reported_until)
                ),
                0
            )
        ) as shift_milliseconds
    from windows
    cross join reported_until
    where windows.planning = 'planned'
    group by windows.production_date, windows.shift_name

),

unreported as (

    select
        machine_shifts.machine_key,
        machine_shifts.production_date,
        machine_shifts.shift_name,
        planned.shift_milliseconds - machine_shifts.shift_milliseconds as milliseconds
    from machine_shifts
    inner join planned
        on
            machine_shifts.production_date = planned.production_date
            and machine_shifts.shift_name = planned.shift_name
    where planned.shift_milliseconds <> machine_shifts.shift_milliseconds

),

all_states as (

    select
        machine_key,
        production_date,
        shift_name,
        state,
        reason,
        milliseconds,
        planned_milliseconds,
        shift_milliseconds
    from reported
    union all
    select
        machine_key,
        production_date,
        shift_name,
        'unreported' as state,
        'unknown' as reason,
        milliseconds,
        milliseconds as planned_milliseconds,
        milliseconds as shift_milliseconds
    from unreported

),

final as (

    select
        machine_key || ':' || cast(production_date as varchar) || ':' || shift_name || ':' || state || ':' || reason
            as shift_state_key,
        machine_key,
        production_date,
        shift_name,
        state,
        reason,
        cast(milliseconds / 60000.0 as decimal(18, 4)) as duration_minutes,
        cast(planned_milliseconds / 60000.0 as decimal(18, 4)) as planned_minutes,
        cast(shift_milliseconds / 60000.0 as decimal(18, 4)) as shift_minutes
    from all_states

)

select * from final
