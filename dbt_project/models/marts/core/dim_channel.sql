with

lines as (

    select
        channel,
        source_name,
        min(document_date) as first_sale_date,
        max(document_date) as last_sale_date
    from {{ ref('fct_sales_line') }}
    group by channel, source_name

),

final as (

    select
        channel as channel_key,
        channel as channel_name,
        string_agg(source_name, ', ' order by source_name) as source_names,
        min(first_sale_date) as first_sale_date,
        max(last_sale_date) as last_sale_date
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
