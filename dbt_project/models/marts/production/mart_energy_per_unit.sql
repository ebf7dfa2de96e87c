with

readings as (

    select
        readings.*,
        coalesce(meters.machine_code, machines.machine_key) as machine_key,
        meters.cost_centre
    from {{ ref('fct_energy_quarter') }} as readings
    left join {{ ref('energy_meters') }} as meters
        on readings.source_name = meters.source_name and readings.meter_code = meters.meter_code
    -- Without an entry, a meter that is called like a machine is that machine's.
    left join {{ ref('dim_machine') }} as machines
        on readings.meter_code = machines.machine_key and meters.meter_code is null

),

states as (

    select * from {{ ref('fct_machine_state') }}

),

reported as (

    select
        min(state_date) as first_date,
        max(state_date) as last_date
    from states

),

-- The quarter hours in which a machine made something or was set up.
busy as (

    select distinct
        machine_key,
        unnest(
            generate_series(
                time_bucket(interval 15 minute, started_at),
                time_bucket(interval 15 minute, ended_at - interval 1 microsecond),
                interval 15 minute
            )
        ) as quarter_at
    from states
    where
        state in ('running', 'setup')
        and ended_at > started_at
        and state_date between (select min(readings.energy_date) from readings)
        and (select max(readings.energy_date) from readings)

),

works_busy as (

    select distinct quarter_at from busy

),

-- Outside production: nothing ran at the meter's machine or, at a meter of the works, at any machine. Before the first
-- and after the last day of machine states nobody knows.
judged as (

    select
        readings.*,
        date_diff('second', readings.started_at, readings.ended_at) as seconds,
        readings.energy_date between reported.first_date and reported.last_date
        and coalesce(busy.quarter_at, works_busy.quarter_at) is null as is_outside
    from readings
    cross join reported
    left join busy
        on
            readings.machine_key = busy.machine_key
            and time_bucket(interval 15 minute, readings.started_at) = busy.quarter_at
    left join works_busy
        on
            readings.machine_key is null
            and time_bucket(interval 15 minute, readings.started_at) = works_busy.quarter_at

),

days as (

    select
        source_name,
        meter_code,
        energy_date,
        any_value(machine_key) as machine_key,
        any_value(cost_centre) as cost_centre,
        sum(energy_kwh) as energy_kwh,
        sum(seconds) as seconds,
        coalesce(sum(energy_kwh) filter (where is_outside), 0) as outside_kwh,
        coalesce(sum(seconds) filter (where is_outside), 0) as outside_seconds
    from judged
    group by source_name, meter_code, energy_date

),

output as (

    select
        machine_key,
        production_date,
        sum(good_quantity) as good_quantity
    from {{ ref('fct_shift_output') }}
    group by machine_key, production_date

),

-- What leaves the last operation of its article is finished.
operations as (

    select
        operation_date,
        good_quantity,
        try_cast(operation_number as bigint) as place,
        max(try_cast(operation_number as bigint)) over (partition by product_key) as last_place
    from {{ ref('fct_operation') }}
    where not is_repeated

),

finished as (

    select
        operation_date as production_date,
        sum(good_quantity) as good_quantity
    from operations
    where place = last_place
    group by operation_date

),

joined as (

    select
        days.*,
        days.outside_kwh * 3600 / nullif(days.outside_seconds, 0) as base_load_kw,
        coalesce(output.good_quantity, finished.good_quantity, 0) as good_quantity
    from days
    left join output on days.machine_key = output.machine_key and days.energy_date = output.production_date
    left join finished on days.machine_key is null and days.energy_date = finished.production_date

),

final as (

    select
        source_name || ':' || meter_code || ':' || cast(energy_date as varchar) as energy_unit_key,
        source_name,
        meter_code,
        case when machine_key is null then 'works' else 'machine' end as meter_scope,
        machine_key,
        cost_centre,
        energy_date,
        cast(energy_kwh as decimal(18, 6)) as energy_kwh,
        cast(seconds / 3600.0 as decimal(18, 4)) as measured_hours,
        cast(outside_kwh as decimal(18, 6)) as outside_kwh,
        cast(outside_seconds / 3600.0 as decimal(18, 4)) as outside_hours,
        base_load_kw,
        base_load_kw * seconds / 3600.0 as base_load_kwh,
        cast(good_quantity as decimal(18, 4)) as good_quantity,
        cast(
            case
                when row_number() over (partition by machine_key, energy_date order by source_name, meter_code) = 1
                    then good_quantity
                else 0
            end as decimal(18, 4)
        ) as additive_good_quantity,
        cast(energy_kwh as double) / nullif(good_quantity, 0) as kwh_per_good_piece,
        (cast(energy_kwh as double) - base_load_kw * seconds / 3600.0) / nullif(good_quantity, 0)
            as production_kwh_per_good_piece
    from joined

)

select * from final
order by energy_date, meter_code
