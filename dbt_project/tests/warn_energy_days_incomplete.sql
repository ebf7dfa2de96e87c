{{ config(severity='warn') }}

-- A day has 96 quarter hours, that of the clock change in spring 92, that in autumn 100. The first and the last day of
-- a meter may be cut off.
with

company as (

    select * from {{ source('ops', 'company') }}

),

days as (

    select
        source_name,
        meter_code,
        energy_date,
        count(*) as quarters,
        energy_date in (
            min(energy_date) over (partition by source_name, meter_code),
            max(energy_date) over (partition by source_name, meter_code)
        ) as is_at_an_end
    from {{ ref('fct_energy_quarter') }}
    group by source_name, meter_code, energy_date

)

select
    days.source_name,
    days.meter_code,
    days.energy_date,
    days.quarters,
    date_diff(
        'minute',
        {{ utc_time('cast(days.energy_date as timestamp)', 'company.time_zone') }},
        {{ utc_time('cast(days.energy_date as timestamp) + interval 1 day', 'company.time_zone') }}
    ) // 15 as expected_quarters
from days
cross join company
where not days.is_at_an_end and quarters <> expected_quarters
