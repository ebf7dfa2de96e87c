with

company as (

    select * from {{ source('ops', 'company') }}

),

holidays as (

    select
        holidays.holiday_date,
        string_agg(distinct holidays.holiday_name, ', ' order by holidays.holiday_name) as holiday_name
    from {{ source('ops', 'holiday') }} as holidays
    inner join company
        on
            holidays.country = company.country
            and (holidays.state is null or holidays.state = company.state)
    group by holidays.holiday_date

),

days as (

    select * from {{ ref('int_calendar__day') }}

),

fiscal as (

    select
        days.date_day,
        company.fiscal_year_start_month as start_month,
        -- The day moved back to where it would stand if the fiscal year began in January.
        days.date_day - to_months(company.fiscal_year_start_month - 1) as moved_day
    from days
    cross join company

),

final as (

    select
        fiscal.date_day,
        cast(year(fiscal.date_day) as integer) as year_number,
        cast(quarter(fiscal.date_day) as integer) as quarter_number,
        cast(month(fiscal.date_day) as integer) as month_number,
        strftime(fiscal.date_day, '%Y-%m') as year_month,
        monthname(fiscal.date_day) as month_name_en,
        list_extract(
            [
                'Januar', 'Februar', 'März', 'April', 'Mai', 'Juni',
                'Juli', 'August', 'September', 'Oktober', 'November', 'Dezember'
            ],
            month(fiscal.date_day)
        ) as month_name_de,
        strftime(fiscal.date_day, '%G-W%V') as iso_week,
        cast(isodow(fiscal.date_day) as integer) as weekday_number,
        dayname(fiscal.date_day) as weekday_name_en,
        list_extract(
            ['Montag', 'Dienstag', 'Mittwoch', 'Donnerstag', 'Freitag', 'Samstag', 'Sonntag'], isodow(fiscal.date_day)
        ) as weekday_name_de,
        cast(year(fiscal.moved_day) + case when fiscal.start_month > 1 then 1 else 0 end as integer) as fiscal_year,
        cast(month(fiscal.moved_day) as integer) as fiscal_period,
        cast(quarter(fiscal.moved_day) as integer) as fiscal_quarter,
        isodow(fiscal.date_day) >= 6 as is_weekend,
        holidays.holiday_date is not null as is_holiday,
        holidays.holiday_name,
        isodow(fiscal.date_day) < 6 and holidays.holiday_date is null as is_working_day
    from fiscal
    left join holidays on fiscal.date_day = holidays.holiday_date

)

select * from final
order by date_day
