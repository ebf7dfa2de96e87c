-- Every raw booking, state and inspection is in the marts once, and states keep their time when they are split.
with

expected as (

    select
        _source as source_name,
        'operations' as measure,
        count(*) as amount
    from {{ source('raw', 'work_order_operations') }}
    group by _source
    union all
    select
        _source as source_name,
        'operation minutes' as measure,
        sum({{ minutes_between('started_at', 'ended_at') }}) as amount
    from {{ source('raw', 'work_order_operations') }}
    group by _source
    union all
    select
        _source as source_name,
        'machine states' as measure,
        count(*) as amount
    from {{ source('raw', 'machine_states') }}
    group by _source
    union all
    select
        _source as source_name,
        'machine milliseconds' as measure,
        sum(date_diff('millisecond', started_at, ended_at)) as amount
    from {{ source('raw', 'machine_states') }}
    group by _source
    union all
    select
        _source as source_name,
        'inspections' as measure,
        count(*) as amount
    from {{ source('raw', 'inspections') }}
    group by _source

),

actual as (

    select
        source_name,
        'operations' as measure,
        count(*) as amount
    from {{ ref('fct_operation') }}
    group by source_name
    union all
    select
        source_name,
        'operation minutes' as measure,
        sum(duration_minutes) as amount
    from {{ ref('fct_operation') }}
    group by source_name
    union all
    select
        source_name,
        'machine states' as measure,
        count(*) as amount
    from {{ ref('fct_machine_state') }}
    where not is_continued and state_origin = 'reported'
    group by source_name
    union all
    select
        source_name,
        'machine milliseconds' as measure,
        sum(date_diff('millisecond', started_at, ended_at)) as amount
    from {{ ref('fct_machine_state') }}
    where state_origin = 'reported'
    group by source_name
    union all
    select
        source_name,
        'inspections' as measure,
        count(*) as amount
    from {{ ref('fct_inspection') }}
    group by source_name

)

{{ disagreements('expected', 'actual') }}
