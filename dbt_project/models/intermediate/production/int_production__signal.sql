{{ config(materialized="table") }}

with

observations as (

    select
        *,
        lag(observed_at) over (partition by source_name, machine_code order by observed_at, file_id, file_line)
            as previous_observed_at,
        max(observed_at) over (partition by source_name, machine_code) as last_observed_at
    from {{ ref('stg_machine_observations__observation') }}
    where is_valid

),

meanings as (

    select
        source_name,
        lower(signal) as signal,
        signal_value,
        try_cast(signal_value as decimal(18, 4)) as numeric_value,
        meaning
    from {{ ref('machine_signals') }}

),

final as (

    select
        observations.*,
        meanings.meaning
    from observations
    inner join meanings
        on
            lower(observations.signal) = meanings.signal
            and observations.source_name = coalesce(meanings.source_name, observations.source_name)
            and (
                meanings.signal_value = '*'
                or lower(observations.value) = lower(meanings.signal_value)
                or observations.numeric_value = meanings.numeric_value
            )
    -- What is said of one source goes before what is said of all, and a value before any value.
    qualify
        row_number() over (
            partition by observations.file_id, observations.file_line
            order by meanings.source_name nulls last, meanings.signal_value = '*'
        ) = 1

)

select * from final
