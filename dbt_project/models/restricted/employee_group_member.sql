{%- set smallest_group = 3 %}

with

bookings as (

    select
        employee_number as employee,
        machine_code
    from {{ ref('stg_work_order_operations__operation') }}
    union all
    select
        worker as employee,
        machine_code
    from {{ ref('stg_production_bookings__booking') }}

),

-- Where somebody books most often; of equal places the first by name, so that the same data give the same groups.
persons as (

    select
        employee,
        coalesce(machine_code, 'unknown') as work_place
    from bookings
    where employee is not null
    group by employee, coalesce(machine_code, 'unknown')
    qualify row_number() over (partition by employee order by count(*) desc, work_place asc) = 1

),

sized as (

    select
        work_place,
        count(*) as persons,
        coalesce(
            sum(count(*)) over (order by count(*), work_place rows between unbounded preceding and 1 preceding), 0
        ) as persons_in_smaller
    from persons
    group by work_place

),

-- Who stands in a small group must not be found by what is left over either: while the others together are too few, the
-- next group joins them.
merged as (

    select
        work_place,
        persons,
        persons < {{ smallest_group }} or persons_in_smaller between 1 and {{ smallest_group - 1 }} as is_merged
    from sized

),

final as (

    select
        persons.employee,
        case
            when not merged.is_merged then merged.work_place
            when count(*) filter (where merged.is_merged) over () < {{ smallest_group }} then 'unknown'
            else 'other'
        end as employee_group_key
    from persons
    inner join merged on persons.work_place = merged.work_place

)

select * from final
