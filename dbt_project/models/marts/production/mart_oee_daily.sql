with

times as (

    select
        machine_key,
        production_date,
        shift_name,
        sum(shift_minutes) as shift_minutes,
        sum(case when state = 'planned_stop' then shift_minutes else 0 end) as planned_stop_minutes,
        sum(case when state = 'off' then shift_minutes else 0 end) as off_minutes,
        sum(planned_minutes) as planned_minutes,
        sum(case when state = 'running' then planned_minutes else 0 end) as running_minutes,
        sum(case when state = 'setup' then planned_minutes else 0 end) as setup_minutes,
        sum(case when state = 'down' then planned_minutes else 0 end) as down_minutes,
        sum(case when state = 'idle' then planned_minutes else 0 end) as idle_minutes,
        sum(case when state = 'unreported' then planned_minutes else 0 end) as unreported_minutes
    from {{ ref('fct_shift_state') }}
    group by machine_key, production_date, shift_name

),

pieces as (

    select
        machine_key,
        production_date,
        shift_name,
        sum(good_quantity) as good_quantity,
        sum(scrap_quantity) as scrap_quantity,
        case when not bool_or(is_without_standard_time) then sum(standard_minutes) end as ideal_minutes
    from {{ ref('fct_shift_output') }}
    group by machine_key, production_date, shift_name

),

joined as (

    select
        coalesce(times.machine_key, pieces.machine_key) as machine_key,
        coalesce(times.production_date, pieces.production_date) as production_date,
        coalesce(times.shift_name, pieces.shift_name) as shift_name,
        times.shift_minutes,
        times.planned_stop_minutes,
        times.off_minutes,
        times.planned_minutes,
        times.running_minutes,
        times.setup_minutes,
        times.down_minutes,
        times.idle_minutes,
        times.unreported_minutes,
        pieces.good_quantity,
        pieces.scrap_quantity,
        pieces.ideal_minutes,
        case when pieces.ideal_minutes is not null then times.running_minutes end as rated_running_minutes,
        times.running_minutes / nullif(times.planned_minutes, 0) as availability,
        pieces.ideal_minutes / nullif(times.running_minutes, 0) as performance,
        pieces.good_quantity / nullif(pieces.good_quantity + pieces.scrap_quantity, 0) as quality
    from times
    full join pieces
        on
            times.machine_key = pieces.machine_key
            and times.production_date = pieces.production_date
            and times.shift_name = pieces.shift_name

),

final as (

    select
        machine_key || ':' || cast(production_date as varchar) || ':' || shift_name as machine_shift_key,
        machine_key,
        production_date,
        shift_name,
        cast(shift_minutes as decimal(18, 4)) as shift_minutes,
        cast(planned_stop_minutes as decimal(18, 4)) as planned_stop_minutes,
        cast(off_minutes as decimal(18, 4)) as off_minutes,
        cast(planned_minutes as decimal(18, 4)) as planned_minutes,
        cast(running_minutes as decimal(18, 4)) as running_minutes,
        cast(setup_minutes as decimal(18, 4)) as setup_minutes,
        cast(down_minutes as decimal(18, 4)) as down_minutes,
        cast(idle_minutes as decimal(18, 4)) as idle_minutes,
        cast(unreported_minutes as decimal(18, 4)) as unreported_minutes,
        cast(good_quantity as decimal(18, 4)) as good_quantity,
        cast(scrap_quantity as decimal(18, 4)) as scrap_quantity,
        cast(ideal_minutes as decimal(18, 4)) as ideal_minutes,
        cast(rated_running_minutes as decimal(18, 4)) as rated_running_minutes,
        100 * availability as availability_pct,
        100 * performance as performance_pct,
        100 * quality as quality_pct,
        100 * availability * performance * quality as oee_pct,
        coalesce(performance > 1, false) as is_performance_implausible
    from joined

)

select * from final
order by production_date, machine_key, shift_name
