-- The semantic models of models/metrics/ measure these; dbt learns from these lines that they come first.
-- depends_on: {{ ref('fct_sales_line') }}
-- depends_on: {{ ref('fct_order') }}
-- depends_on: {{ ref('mart_oee_daily') }}
-- depends_on: {{ ref('mart_work_order_lead_time') }}
-- depends_on: {{ ref('mart_quality_daily') }}
-- depends_on: {{ ref('mart_energy_per_unit') }}
-- depends_on: {{ ref('mart_web_funnel_daily') }}
-- depends_on: {{ ref('mart_marketing_daily') }}
-- depends_on: {{ ref('mart_company_monthly') }}
-- depends_on: {{ ref('dim_channel') }}
-- depends_on: {{ ref('dim_product') }}
-- depends_on: {{ ref('dim_product_version') }}
-- depends_on: {{ ref('dim_machine') }}
with

measured as (

    {{ metric_daily_rows() }}

),

final as (

    select
        concat_ws(
            ':', semantic_model, metric_date, channel, product_group, machine_key, shift, characteristic, web_channel,
            campaign
        ) as metric_day_key,
        *
    from measured

)

select * from final
order by semantic_model, metric_date
