with

figures as (

    select * from {{ ref('stg_search_console__figure') }}

),

files as (

    select * from {{ source('ops', 'file') }}

),

delivered as (

    select
        figures.*,
        files.as_of,
        files.sequence,
        -- The files of one zip lie in the archive as one.
        files.archive_path as delivery
    from figures
    left join files on figures.file_id = files.file_id

),

-- Only the file of the chart has days; they are the period of the other files that came with it.
periods as (

    select
        *,
        coalesce(
            search_date, first_day, min(search_date) over (partition by source_name, delivery)
        ) as period_start_date,
        coalesce(
            search_date, last_day, max(search_date) over (partition by source_name, delivery)
        ) as period_end_date
    from delivered

),

-- A period that comes again replaces itself, and so does a day of the chart.
newest as (

    select *
    from periods
    qualify rank() over (
        partition by source_name, report, period_start_date, period_end_date
        order by as_of desc nulls last, sequence desc nulls last, file_id desc
    ) = 1

)

select * from newest
