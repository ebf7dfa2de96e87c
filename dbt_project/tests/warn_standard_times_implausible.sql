{{ config(severity='warn') }}

-- By the day: within a shift a piece too many or too few says nothing of its standard time.
with

days as (

    select
        machine_key,
        production_date,
        sum(ideal_minutes) / nullif(sum(rated_running_minutes), 0) as performance
    from {{ ref('mart_oee_daily') }}
    group by machine_key, production_date

)

select
    machine_key,
    count(*) as machine_days,
    max(performance) as highest_performance
from days
where performance > 1
group by machine_key
