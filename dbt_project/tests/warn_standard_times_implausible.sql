{{ config(severity='warn') }}

select
    machine_key,
    count(*) as machine_days,
    max(performance_pct) as highest_performance_pct
from {{ ref('mart_oee_daily') }}
where is_performance_implausible
group by machine_key
