{%- set three_sigma = 0.00135 %}

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
        earlier_failed / earlier_inspected as usual_rate,
        -- Nothing failed, or everything, is no certainty: half an inspection more or less.
        least(greatest(earlier_failed, 0.5), earlier_inspected - 0.5) / earlier_inspected as assumed_rate
    from compared
    where earlier_inspected >= 100

),

-- The numbers of failures up to the day's, one by one, with the binomial probability of each.
outcomes as (

    select
        *,
        unnest(range(cast(failed + 1 as bigint))) as outcome
    from centred

),

probabilities as (

    select
        quality_date,
        characteristic,
        outcome < failed as is_fewer,
        exp(
            lgamma(inspected + 1) - lgamma(outcome + 1) - lgamma(inspected - outcome + 1)
            + outcome * ln(assumed_rate) + (inspected - outcome) * ln(1 - assumed_rate)
        ) as probability
    from outcomes

),

chances as (

    select
        quality_date,
        characteristic,
        1 - coalesce(sum(probability) filter (where is_fewer), 0) as chance_of_as_many,
        sum(probability) as chance_of_as_few
    from probabilities
    group by quality_date, characteristic

),

limited as (

    select
        inspections.*,
        inspections.failed / inspections.inspected as failure_rate,
        centred.usual_rate,
        3 * sqrt(centred.usual_rate * (1 - centred.usual_rate) / inspections.inspected) as distance,
        least(chances.chance_of_as_many, chances.chance_of_as_few) < {{ three_sigma }} as is_beyond_chance
    from inspections
    left join centred
        on
            inspections.quality_date = centred.quality_date
            and inspections.characteristic = centred.characteristic
    left join chances
        on
            inspections.quality_date = chances.quality_date
            and inspections.characteristic = chances.characteristic

),

final as (

    select
        cast(quality_date as varchar) || ':' || characteristic as quality_key,
        quality_date,
        characteristic,
        inspected,
        failed,
        100.0 * failure_rate as failure_rate_pct,
        100.0 * usual_rate as usual_rate_pct,
        100.0 * greatest(usual_rate - distance, 0) as lower_limit_pct,
        100.0 * least(usual_rate + distance, 1) as upper_limit_pct,
        coalesce(abs(failure_rate - usual_rate) > distance and is_beyond_chance, false) as is_out_of_control
    from limited

)

select * from final
order by quality_date, characteristic
