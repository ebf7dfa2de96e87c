-- A view: what it shows is measured between the build and the publishing, which turns it into a table.
{{ config(materialized='view') }}

with

sources as (

    select * from {{ source('ops', 'source_state') }}

),

marts as (

    select * from {{ source('ops', 'mart_state') }}

),

-- Which sources the rows of a mart come from.
origins as (

    select
        marts.mart_name,
        sources.source_name,
        sources.owner,
        sources.freshness,
        sources.loaded_rows,
        sources.quarantined_rows
    from marts
    inner join sources on list_contains(marts.raw_tables, sources.table_name)

),

mart_origins as (

    select
        mart_name,
        string_agg(distinct owner, ', ' order by owner) as owner,
        string_agg(source_name, ', ' order by source_name) as origins,
        string_agg(source_name, ', ' order by source_name) filter (where freshness <> 'on_time') as late_origins,
        sum(loaded_rows) as loaded_rows,
        sum(quarantined_rows) as quarantined_rows
    from origins
    group by mart_name

),

tests as (

    select
        table_name,
        count(*) as test_count,
        count(*) filter (where status = 'pass') as tests_passed,
        count(*) filter (where status = 'warn') as tests_warned
    from {{ source('ops', 'test_result') }}
    group by table_name

),

assets as (

    select
        'source:' || source_name as data_asset_key,
        'source' as asset_kind,
        source_name as asset_name,
        'raw.' || table_name as tested_as,
        domain,
        title_en,
        title_de,
        grain_en,
        null as grain_de,
        owner,
        personal_class,
        first_date,
        last_date,
        row_count,
        archive_bytes as stored_bytes,
        newest_at,
        late_after_hours,
        freshness,
        case when freshness <> 'on_time' then source_name end as late_origins,
        null as origins,
        loaded_rows,
        quarantined_rows,
        readers,
        measured_at
    from sources
    union all
    select
        'mart:' || marts.mart_name as data_asset_key,
        'mart' as asset_kind,
        marts.mart_name as asset_name,
        marts.mart_name as tested_as,
        marts.domain,
        marts.title_en,
        marts.title_de,
        -- The grain is the first sentence of what is said of a mart.
        regexp_extract(marts.grain_en, '^(.*?[.])( |$)', 1) as grain_en,
        regexp_extract(marts.grain_de, '^(.*?[.])( |$)', 1) as grain_de,
        mart_origins.owner,
        marts.personal_class,
        marts.first_date,
        marts.last_date,
        marts.row_count,
        marts.stored_bytes,
        null as newest_at,
        null as late_after_hours,
        case
            when mart_origins.mart_name is null then null
            when mart_origins.late_origins is null then 'on_time'
            else 'late'
        end as freshness,
        mart_origins.late_origins,
        mart_origins.origins,
        mart_origins.loaded_rows,
        mart_origins.quarantined_rows,
        marts.readers,
        marts.measured_at
    from marts
    left join mart_origins on marts.mart_name = mart_origins.mart_name

),

final as (

    select
        assets.data_asset_key,
        assets.asset_kind,
        assets.asset_name,
        assets.domain,
        assets.title_en,
        assets.title_de,
        assets.grain_en,
        assets.grain_de,
        assets.owner,
        assets.personal_class,
        assets.first_date,
        assets.last_date,
        cast(date_diff('day', assets.first_date, assets.last_date) + 1 as integer) as history_days,
        assets.row_count,
        -- Under four weeks there is no month to speak of. 30.4375 days are a month on average.
        case
            when date_diff('day', assets.first_date, assets.last_date) >= 27
                then
                    cast(
                        assets.row_count * 30.4375
                        / (date_diff('day', assets.first_date, assets.last_date) + 1) as decimal(18, 1)
                    )
        end as rows_per_month,
        cast(assets.stored_bytes as bigint) as stored_bytes,
        cast(assets.newest_at as timestamp) as newest_at,
        cast(assets.late_after_hours as integer) as late_after_hours,
        assets.freshness,
        assets.late_origins,
        cast(assets.origins as varchar) as origins,
        cast(coalesce(assets.quarantined_rows, 0) as bigint) as quarantined_rows,
        cast(
            100.0 * assets.quarantined_rows / nullif(assets.loaded_rows + assets.quarantined_rows, 0)
            as decimal(9, 4)
        ) as quarantined_pct,
        cast(coalesce(tests.test_count, 0) as integer) as test_count,
        cast(coalesce(tests.tests_passed, 0) as integer) as tests_passed,
        cast(coalesce(tests.tests_warned, 0) as integer) as tests_warned,
        cast(len(assets.readers) as integer) as reader_count,
        array_to_string(assets.readers, ', ') as readers,
        assets.measured_at
    from assets
    left join tests on assets.tested_as = tests.table_name

)

select * from final
