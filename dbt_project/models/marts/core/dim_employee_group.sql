with

members as (

    select * from {{ ref('employee_group_member') }}

),

groups as (

    select
        employee_group_key,
        count(*) as person_count
    from members
    where employee_group_key <> 'unknown'
    group by employee_group_key

),

final as (

    select
        employee_group_key,
        employee_group_key as employee_group_name,
        employee_group_key = 'other' as is_merged,
        person_count
    from groups
    union all
    select
        'unknown' as employee_group_key,
        'unknown' as employee_group_name,
        false as is_merged,
        null as person_count

)

select * from final
