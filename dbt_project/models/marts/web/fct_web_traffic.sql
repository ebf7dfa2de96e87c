with

figures as (

    select * from {{ ref('stg_plausible__figure') }}

),

final as (

    select
        file_id || ':' || file_line as web_traffic_key,
        source_name,
        report,
        visit_date,
        item,
        visitors,
        visits,
        pageviews,
        bounces,
        visit_duration_seconds,
        events,
        file_id,
        loaded_at
    from figures

)

select * from final
