-- Every raw row of production is in the marts once with its quantities, and states keep their time when they are split.
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
    union all
    select
        _source as source_name,
        'work orders' as measure,
        count(*) as amount
    from {{ source('raw', 'work_orders') }}
    group by _source
    union all
    select
        _source as source_name,
        'bookings' as measure,
        count(*) as amount
    from {{ source('raw', 'production_bookings') }}
    group by _source
    union all
    select
        _source as source_name,
        'booked scrap' as measure,
        coalesce(sum(scrap_quantity), 0) as amount
    from {{ source('raw', 'production_bookings') }}
    group by _source
    union all
    select
        _source as source_name,
        'listed scrap' as measure,
        sum(scrap_quantity) as amount
    from {{ source('raw', 'scrap_records') }}
    group by _source
    union all
    select
        _source as source_name,
        'downtimes' as measure,
        count(*) as amount
    from {{ source('raw', 'downtimes') }}
    group by _source
    union all
    select
        _source as source_name,
        'quarter hours' as measure,
        count(*) as amount
    from {{ source('raw', 'energy_readings') }}
    group by _source
    union all
    select
        _source as source_name,
        'energy' as measure,
        sum(coalesce(energy_kwh, cast(power_kw * 0.25 as decimal(18, 6)))) as amount
    from {{ source('raw', 'energy_readings') }}
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
    union all
    select
        source_name,
        'work orders' as measure,
        count(*) as amount
    from {{ ref('fct_work_order') }}
    group by source_name
    union all
    select
        source_name,
        'bookings' as measure,
        count(*) as amount
    from {{ ref('fct_production_booking') }}
    group by source_name
    union all
    select
        source_name,
        'booked scrap' as measure,
        sum(scrap_quantity) as amount
    from {{ ref('fct_scrap') }}
    where scrap_origin = 'booking'
    group by source_name
    union all
    select
        source_name,
        'listed scrap' as measure,
        sum(scrap_quantity) as amount
    from {{ ref('fct_scrap') }}
    where scrap_origin = 'list'
    group by source_name
    union all
    select
        source_name,
        'downtimes' as measure,
        count(*) as amount
    from {{ ref('fct_downtime') }}
    group by source_name
    union all
    select
        source_name,
        'quarter hours' as measure,
        count(*) as amount
    from {{ ref('fct_energy_quarter') }}
    group by source_name
    union all
    select
        source_name,
        'energy' as measure,
        sum(energy_kwh) as amount
    from {{ ref('fct_energy_quarter') }}
    group by source_name

)

{{ disagreements('expected', 'actual') }}
