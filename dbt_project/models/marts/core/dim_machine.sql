with

company as (

    select * from {{ source('ops', 'company') }}

),

-- A machine may stand in several lists; the newest entry counts.
listed as (

    select * from {{ ref('stg_work_places__work_place') }}
    qualify row_number() over (partition by machine_code order by loaded_at desc, file_id desc, file_line desc) = 1

),

mentioned as (

    select
        machine_code as machine_key,
        started_at,
        true as has_states,
        false as has_operations
    from {{ ref('int_production__machine_state') }}
    union all
    select
        machine_code as machine_key,
        observed_at as started_at,
        false as has_states,
        false as has_operations
    from {{ ref('int_production__signal') }}
    union all
    select
        coalesce(machine_code, 'unknown') as machine_key,
        started_at,
        false as has_states,
        true as has_operations
    from {{ ref('stg_work_order_operations__operation') }}
    union all
    select
        coalesce(machine_code, 'unknown') as machine_key,
        booked_at as started_at,
        false as has_states,
        true as has_operations
    from {{ ref('stg_production_bookings__booking') }}
    union all
    select
        coalesce(machine_code, 'unknown') as machine_key,
        cast(scrap_date as timestamp) as started_at,
        false as has_states,
        false as has_operations
    from {{ ref('stg_scrap_records__record') }}
    union all
    select
        machine_code as machine_key,
        coalesce(started_at, cast(downtime_date as timestamp)) as started_at,
        false as has_states,
        false as has_operations
    from {{ ref('stg_downtimes__downtime') }}
    union all
    select
        machine_code as machine_key,
        null as started_at,
        false as has_states,
        false as has_operations
    from listed
    union all
    select
        'unknown' as machine_key,
        null as started_at,
        false as has_states,
        false as has_operations

),

machines as (

    select
        machine_key,
        bool_or(has_states) as has_states,
        bool_or(has_operations) as has_operations,
        min(started_at) as first_used_at,
        max(started_at) as last_used_at
    from mentioned
    group by machine_key

),

final as (

    select
        machines.machine_key,
        nullif(machines.machine_key, 'unknown') as machine_code,
        listed.machine_name,
        listed.hourly_cost,
        listed.weekly_hours,
        machines.has_states,
        machines.has_operations,
        cast({{ local_time('machines.first_used_at', 'company.time_zone') }} as date) as first_used_date,
        cast({{ local_time('machines.last_used_at', 'company.time_zone') }} as date) as last_used_date
    from machines
    left join listed on machines.machine_key = listed.machine_code
    cross join company

)

select * from final
