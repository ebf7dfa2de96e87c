with

inspections as (

    select
        inspection_date as quality_date,
        characteristic,
        count(*) as inspected,
        count(*) filter (where result = 'fail') as failed
    from {{ ref('fct_inspection') }}
    -- Measurements without a time belong to no day.
    where result in ('pass', 'fail') and inspection_date is not null
    group by inspection_date, characteristic

),

-- The process as it was: a day does not judge itself.
compared as (

    select
        *,
        sum(inspected) over earlier as earlier_inspected,
        sum(failed) over earlier as earlier_failed
    from inspections
    window earlier as (
        partition by characteristic order by quality_date
        range between interval 90 day preceding and interval 1 day preceding
    )

),

centred as (

    select
        *,
        case when earlier_inspected >= 100 then earlier_failed / earlier_inspected end as usual_rate
    from compared

),

final as (

    select
        cast(quality_date as varchar) || ':' || characteristic as quality_key,
        quality_date,
        characteristic,
        inspected,
        failed,
        100.0 * failed / inspected as failure_rate_pct,
        100.0 * usual_rate as usual_rate_pct,
        100.0 * greatest(usual_rate - 3 * sqrt(usual_rate * (1 - usual_rate) / inspected), 0) as lower_limit_pct,
        100.0 * least(usual_rate + 3 * sqrt(usual_rate * (1 - usual_rate) / inspected), 1) as upper_limit_pct,
        coalesce(
            abs(failed / inspected - usual_rate) > 3 * sqrt(usual_rate * (1 - usual_rate) / inspected), false
        ) as is_out_of_control
    from centred

)

select * from final
order by quality_date, characteristic
