with

lines as (

    select * from {{ ref('fct_sales_line') }}

),

final as (

    select
        channel as channel_key,
        channel as channel_name,
        string_agg(distinct source_name, ', ' order by source_name) as source_names,
        min(document_date) as first_sale_date,
        max(document_date) as last_sale_date
    from lines
    group by channel
    union all
    select
        'unknown' as channel_key,
        'unknown' as channel_name,
        null as source_names,
        null as first_sale_date,
        null as last_sale_date
    where 'unknown' not in (select lines.channel from lines)

)

select * from final
