with

company as (

    select * from {{ source('ops', 'company') }}

),

readings as (

    select
        *,
        lag(numeric_value) over (
            partition by source_name, machine_code, signal
            order by observed_at, file_id, file_line
        ) as previous_value
    from {{ ref('int_production__signal') }}
    where meaning = 'part_count' and numeric_value is not null

),

-- A counter that reads less than before was set to 0 and has counted since. The first reading says nothing of when its
-- parts were made.
counted as (

    select
        *,
        case when numeric_value >= previous_value then numeric_value - previous_value else numeric_value end as parts
    from readings
    where previous_value is not null

),

final as (

    select
        counted.file_id || ':' || counted.file_line as part_count_key,
        counted.source_name,
        counted.machine_code as machine_key,
        counted.signal,
        counted.observed_at as counted_at,
        cast({{ local_time('counted.observed_at', 'company.time_zone') }} as date) as count_date,
        cast(counted.numeric_value as decimal(18, 4)) as counter_value,
        cast(counted.parts as decimal(18, 4)) as parts,
        counted.file_id,
        counted.loaded_at
    from counted
    cross join company
    where counted.parts > 0

)

select * from final
