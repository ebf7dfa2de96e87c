{{ config(materialized="table") }}

with

company as (

    select * from {{ source('ops', 'company') }}

),

shifts as (

    select * from {{ source('ops', 'shift') }}

),

breaks as (

    select * from {{ source('ops', 'shift_break') }}

),

closures as (

    select * from {{ source('ops', 'closure') }}

),

holidays as (

    select distinct holidays.holiday_date
    from {{ source('ops', 'holiday') }} as holidays
    inner join company
        on
            holidays.country = company.country
            and (holidays.state is null or holidays.state = company.state)

),

days as (

    select date_day from {{ ref('int_calendar__day') }}

),

-- A shift belongs to the day on which it begins, whether it ends on that day or on the next.
planned_shifts as (

    select
        days.date_day as production_date,
        shifts.shift_name,
        shifts.start_time,
        days.date_day + shifts.start_time as local_started_at,
        days.date_day + shifts.end_time
        + case when shifts.end_time <= shifts.start_time then interval 1 day else interval 0 day end as local_ended_at
    from days
    inner join shifts on isodow(days.date_day) = shifts.weekday
    left join holidays on days.date_day = holidays.holiday_date
    where
        (holidays.holiday_date is null or shifts.is_on_holidays)
        and not exists (
            select 1 from closures
            where days.date_day between closures.first_date and closures.last_date
        )

),

worked as (

    select
        planned_shifts.production_date,
        planned_shifts.shift_name,
        {{ utc_time('planned_shifts.local_started_at', 'company.time_zone') }} as started_at,
        {{ utc_time('planned_shifts.local_ended_at', 'company.time_zone') }} as ended_at
    from planned_shifts
    cross join company

),

-- A break that begins at an earlier hour than its shift lies after midnight.
local_breaks as (

    select
        planned_shifts.production_date
        + breaks.start_time
        + case when breaks.start_time < planned_shifts.start_time then interval 1 day else interval 0 day end
            as local_started_at,
        planned_shifts.production_date
        + breaks.end_time
        + case when breaks.end_time <= planned_shifts.start_time then interval 1 day else interval 0 day end
            as local_ended_at
    from planned_shifts
    inner join breaks on planned_shifts.shift_name = breaks.shift_name

),

paused as (

    select
        {{ utc_time('local_breaks.local_started_at', 'company.time_zone') }} as started_at,
        {{ utc_time('local_breaks.local_ended_at', 'company.time_zone') }} as ended_at
    from local_breaks
    cross join company

),

-- Everything at which something begins or ends; between two of these moments nothing changes.
moments as (

    select {{ utc_time('cast(days.date_day as timestamp)', 'company.time_zone') }} as moment_at
    from days
    cross join company
    union
    select {{ utc_time('cast(max(days.date_day) + 1 as timestamp)', 'any_value(company.time_zone)') }} as moment_at
    from days
    cross join company
    union
    select started_at as moment_at from worked
    union
    select ended_at as moment_at from worked
    union
    select started_at as moment_at from paused
    union
    select ended_at as moment_at from paused

),

windows as (

    select
        moments.moment_at as started_at,
        lead(moments.moment_at) over (order by moments.moment_at) as ended_at,
        cast({{ local_time('moments.moment_at', 'company.time_zone') }} as date) as local_date
    from moments
    cross join company

),

final as (

    select
        windows.started_at,
        windows.ended_at,
        windows.local_date,
        coalesce(worked.production_date, windows.local_date) as production_date,
        case
            when worked.shift_name is not null then worked.shift_name
            when (select count(*) from shifts) = 0 then 'all_day'
            else 'outside'
        end as shift_name,
        case
            when paused.started_at is not null then 'break'
            when worked.shift_name is not null then 'planned'
            when (select count(*) from shifts) = 0 then 'by_state'
            else 'outside'
        end as planning,
        date_diff('millisecond', windows.started_at, windows.ended_at) as duration_milliseconds
    from windows
    left join worked on windows.started_at >= worked.started_at and windows.started_at < worked.ended_at
    left join paused on windows.started_at >= paused.started_at and windows.started_at < paused.ended_at
    where windows.ended_at is not null

)

select * from final
order by started_at
