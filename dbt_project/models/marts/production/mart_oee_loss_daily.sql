with

machine_shifts as (

    select * from {{ ref('mart_oee_daily') }}

),

stops as (

    select
        machine_key,
        production_date,
        shift_name,
        'availability' as loss_factor,
        state as loss_kind,
        reason,
        planned_minutes as lost_minutes,
        cast(null as decimal(18, 4)) as lost_quantity
    from {{ ref('fct_shift_state') }}
    where state <> 'running' and planned_minutes <> 0

),

-- Running slower than the standard time; less than 0 where that time is wrong.
slow as (

    select
        machine_key,
        production_date,
        shift_name,
        'performance' as loss_factor,
        'speed' as loss_kind,
        'unknown' as reason,
        rated_running_minutes - ideal_minutes as lost_minutes,
        cast(null as decimal(18, 4)) as lost_quantity
    from machine_shifts
    where rated_running_minutes <> ideal_minutes

),

rejected as (

    select
        machine_key,
        production_date,
        shift_name,
        scrap_reason as reason,
        sum(scrap_quantity) as lost_quantity
    from {{ ref('fct_shift_output') }}
    where scrap_quantity <> 0
    group by machine_key, production_date, shift_name, scrap_reason

),

-- The standard time in which the pieces were made in vain, as a share: what is left of planned time is its OEE.
scrap as (

    select
        rejected.machine_key,
        rejected.production_date,
        rejected.shift_name,
        'quality' as loss_factor,
        'scrap' as loss_kind,
        rejected.reason,
        cast(
            machine_shifts.ideal_minutes
            * (rejected.lost_quantity / (machine_shifts.good_quantity + machine_shifts.scrap_quantity))
            as decimal(18, 4)
        ) as lost_minutes,
        cast(rejected.lost_quantity as decimal(18, 4)) as lost_quantity
    from rejected
    inner join machine_shifts
        on
            rejected.machine_key = machine_shifts.machine_key
            and rejected.production_date = machine_shifts.production_date
            and rejected.shift_name = machine_shifts.shift_name

),

losses as (

    select * from stops
    union all
    select * from slow
    union all
    select * from scrap

),

final as (

    select
        machine_key || ':' || cast(production_date as varchar) || ':' || shift_name || ':' || loss_kind || ':' || reason
            as loss_key,
        machine_key,
        production_date,
        shift_name,
        loss_factor,
        loss_kind,
        reason,
        cast(lost_minutes as decimal(18, 4)) as lost_minutes,
        lost_quantity
    from losses

)

select * from final
order by production_date, machine_key, shift_name, loss_kind, reason
