with

reported as (

    select * from {{ ref('stg_machine_states__state') }}

),

signals as (

    select * from {{ ref('int_production__signal') }}
    where meaning <> 'part_count'

),

-- A state lasts until the next one. Where the log begins anew, nobody knows what was in between: the state ends with
-- the last that was observed before. The last state of all ends with the last observation.
observed as (

    select
        *,
        coalesce(
            lead(case when meaning = 'session' then coalesce(previous_observed_at, observed_at) else observed_at end)
                over (partition by source_name, machine_code order by observed_at, file_id, file_line),
            last_observed_at
        ) as ended_at
    from signals

),

final as (

    select
        source_name,
        file_id,
        file_line,
        loaded_at,
        machine_code,
        started_at,
        ended_at,
        state,
        reason,
        'reported' as state_origin
    from reported
    union all
    select
        source_name,
        file_id,
        file_line,
        loaded_at,
        machine_code,
        observed_at as started_at,
        ended_at,
        meaning as state,
        value as reason,
        'observed' as state_origin
    from observed
    where meaning not in ('session', 'unknown')

)

select * from final
