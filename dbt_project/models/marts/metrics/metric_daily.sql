-- The semantic models of models/metrics/ measure these; dbt learns from these lines that they come first.
-- depends_on: {{ ref('fct_sales_line') }}
-- depends_on: {{ ref('fct_order') }}
-- depends_on: {{ ref('dim_channel') }}
-- depends_on: {{ ref('dim_product') }}
with

measured as (

    {{ metric_daily_rows() }}

),

final as (

    select
        concat_ws(':', semantic_model, metric_date, channel, product_group) as metric_day_key,
        *
    from measured

)

select * from final
order by semantic_model, metric_date
