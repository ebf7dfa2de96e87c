with

figures as (

    select * from {{ ref('int_web__search_figure') }}

),

final as (

    select
        file_id || ':' || file_line as search_query_key,
        source_name,
        report,
        item,
        period_start_date,
        period_end_date,
        clicks,
        impressions,
        ctr_pct,
        average_position,
        file_id,
        loaded_at
    from figures

)

select * from final
