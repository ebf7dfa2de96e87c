{{ config(severity='warn') }}

with

states as (

    select
        *,
        lag(ended_at) over (partition by source_name, machine_key order by started_at, ended_at) as ended_before
    from {{ ref('fct_machine_state') }}

)

select
    source_name,
    machine_key,
    started_at,
    ended_at,
    ended_before
from states
where started_at < ended_before
