-- The losses listed are the losses that OEE shows, minutes and pieces, for each machine, day and shift. And all the
-- time that machines reported is in a shift, up to the rounding of its rows to four decimals.
with

expected as (

    select
        machine_shift_key as source_name,
        'availability' as measure,
        planned_minutes - running_minutes as amount
    from {{ ref('mart_oee_daily') }}
    union all
    select
        machine_shift_key as source_name,
        'performance' as measure,
        rated_running_minutes - ideal_minutes as amount
    from {{ ref('mart_oee_daily') }}
    union all
    select
        machine_shift_key as source_name,
        'scrap' as measure,
        scrap_quantity as amount
    from {{ ref('mart_oee_daily') }}
    union all
    select
        'states' as source_name,
        'time not in a shift' as measure,
        cast(0 as decimal(18, 4)) as amount

),

losses as (

    select
        machine_key || ':' || cast(production_date as varchar) || ':' || shift_name as source_name,
        case loss_factor when 'quality' then 'scrap' else loss_factor end as measure,
        case loss_factor when 'quality' then lost_quantity else lost_minutes end as amount
    from {{ ref('mart_oee_loss_daily') }}

),

reported as (

    select sum(duration_minutes) as minutes
    from {{ ref('fct_machine_state') }}

),

placed as (

    select
        sum(duration_minutes) as minutes,
        count(*) as pieces
    from {{ ref('fct_shift_state') }}
    where state <> 'unreported'

),

states as (

    select count(*) as pieces
    from {{ ref('fct_machine_state') }}

),

actual as (

    select
        source_name,
        measure,
        sum(amount) as amount
    from losses
    group by source_name, measure
    union all
    select
        'states' as source_name,
        'time not in a shift' as measure,
        case
            when abs(reported.minutes - placed.minutes) > 0.0001 * (placed.pieces + states.pieces)
                then reported.minutes - placed.minutes
            else 0
        end as amount
    from reported
    cross join placed
    cross join states

)

{{ disagreements('expected', 'actual') }}
