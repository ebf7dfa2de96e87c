-- A slice is a day.
{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "cast(sales_date as varchar)",
        "facts": {"fct_sales_line": {"key": "document_date", "column": "cast(sales_date as varchar)"}}
    }}
) }}

with

counted_lines as (

    select * from {{ rows_of(ref('fct_sales_line')) }}
    where is_counted

),

final as (

    select
        cast(document_date as varchar) || ':' || channel as sales_day_key,
        document_date as sales_date,
        channel,
        count(distinct case when is_revenue and not is_refund then document_key end) as orders,
        count(distinct case when is_revenue and not is_refund and customer_key <> 'unknown' then customer_key end)
            as customers,
        cast(sum(case when line_kind = 'product' then quantity else 0 end) as decimal(18, 4)) as quantity,
        cast(coalesce(sum(case when line_kind = 'product' then net_amount end), 0) as decimal(18, 4))
            as product_net_amount,
        cast(coalesce(sum(case when is_revenue then net_amount end), 0) as decimal(18, 4)) as revenue_net_amount,
        cast(coalesce(sum(case when is_revenue then tax_amount end), 0) as decimal(18, 4)) as revenue_tax_amount,
        cast(coalesce(sum(case when is_revenue then gross_amount end), 0) as decimal(18, 4)) as revenue_gross_amount,
        cast(coalesce(sum(case when is_revenue and is_refund then net_amount end), 0) as decimal(18, 4))
            as refund_net_amount,
        cast(coalesce(sum(case when not is_revenue then net_amount end), 0) as decimal(18, 4)) as other_net_amount
    from counted_lines
    group by document_date, channel

)

select * from final
