with

times as (

    select
        machine_key,
        state_date as production_date,
        sum(case when is_planned_time then duration_minutes else 0 end) as planned_minutes,
        sum(case when state = 'running' then duration_minutes else 0 end) as running_minutes,
        sum(case when state = 'setup' then duration_minutes else 0 end) as setup_minutes,
        sum(case when state = 'down' then duration_minutes else 0 end) as down_minutes,
        sum(case when state = 'idle' then duration_minutes else 0 end) as idle_minutes
    from {{ ref('fct_machine_state') }}
    group by machine_key, state_date

),

-- Only if the standard time of every piece is known is the sum of them a standard time.
pieces as (

    select
        operations.machine_key,
        operations.operation_date as production_date,
        sum(operations.good_quantity) as good_quantity,
        sum(operations.scrap_quantity) as scrap_quantity,
        case
            when bool_and(products.cycle_minutes is not null)
                then
                    sum(
                        cast(products.cycle_minutes as decimal(28, 4))
                        * (coalesce(operations.good_quantity, 0) + coalesce(operations.scrap_quantity, 0))
                    )
        end as ideal_minutes
    from {{ ref('fct_operation') }} as operations
    left join {{ ref('dim_product') }} as products on operations.product_key = products.product_key
    where
        not operations.is_repeated
        and coalesce(operations.good_quantity, operations.scrap_quantity) is not null
    group by operations.machine_key, operations.operation_date

),

joined as (

    select
        coalesce(times.machine_key, pieces.machine_key) as machine_key,
        coalesce(times.production_date, pieces.production_date) as production_date,
        times.planned_minutes,
        times.running_minutes,
        times.setup_minutes,
        times.down_minutes,
        times.idle_minutes,
        pieces.good_quantity,
        pieces.scrap_quantity,
        pieces.ideal_minutes,
        times.running_minutes / nullif(times.planned_minutes, 0) as availability,
        pieces.ideal_minutes / nullif(times.running_minutes, 0) as performance,
        coalesce(pieces.good_quantity, 0)
        / nullif(coalesce(pieces.good_quantity, 0) + coalesce(pieces.scrap_quantity, 0), 0) as quality
    from times
    full join pieces
        on times.machine_key = pieces.machine_key and times.production_date = pieces.production_date

),

final as (

    select
        machine_key || ':' || cast(production_date as varchar) as machine_day_key,
        machine_key,
        production_date,
        cast(planned_minutes as decimal(18, 4)) as planned_minutes,
        cast(running_minutes as decimal(18, 4)) as running_minutes,
        cast(setup_minutes as decimal(18, 4)) as setup_minutes,
        cast(down_minutes as decimal(18, 4)) as down_minutes,
        cast(idle_minutes as decimal(18, 4)) as idle_minutes,
        cast(good_quantity as decimal(18, 4)) as good_quantity,
        cast(scrap_quantity as decimal(18, 4)) as scrap_quantity,
        cast(ideal_minutes as decimal(18, 4)) as ideal_minutes,
        100 * availability as availability_pct,
        100 * performance as performance_pct,
        100 * quality as quality_pct,
        100 * availability * performance * quality as oee_pct,
        coalesce(performance > 1, false) as is_performance_implausible
    from joined

)

select * from final
order by production_date, machine_key
