-- A slice is a customer: a new order moves the numbers of those after it. Of unknown customers each order is one.
{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "case when customer_key = 'unknown' then order_key else customer_key end",
        "facts": {"fct_sales_line": {"key": "document_key", "column": "order_key"}},
        "references": {"int_reference__customer_version": {
            "key": "customer_key", "column": "customer_key", "of": ["customer_version_key", "valid_from", "valid_to"]
        }}
    }}
) }}

with

lines as (

    select * from {{ rows_of(ref('fct_sales_line')) }}

),

documents as (

    select
        document_key as order_key,
        min(source_name) as source_name,
        min(document_number) as document_number,
        -- A refund that comes later belongs to the order, but neither makes its day nor its kind.
        coalesce(
            arg_min(document_type, (document_at, sales_line_key)) filter (where not is_refund),
            arg_min(document_type, (document_at, sales_line_key))
        ) as document_type,
        coalesce(min(document_at) filter (where not is_refund), min(document_at)) as order_at,
        coalesce(min(document_date) filter (where not is_refund), min(document_date)) as order_date,
        coalesce(min(customer_key) filter (where customer_key <> 'unknown'), 'unknown') as customer_key,
        min(channel) as channel_key,
        min(country) as country,
        bool_or(is_counted) as is_counted,
        min(not_counted_reason) as not_counted_reason,
        not bool_or(not is_refund) as is_credit,
        count(*) filter (where line_kind = 'product' and not is_derived and not is_refund) as line_count,
        count(distinct product_key) filter (where line_kind = 'product' and not is_refund) as product_count,
        coalesce(sum(quantity) filter (where line_kind = 'product' and not is_refund), 0) as quantity,
        coalesce(sum(net_amount) filter (where line_kind = 'product' and not is_refund), 0) as product_net_amount,
        coalesce(sum(net_amount) filter (where line_kind = 'shipping' and not is_refund), 0) as shipping_net_amount,
        coalesce(sum(net_amount) filter (where line_kind = 'discount' and not is_refund), 0) as discount_net_amount,
        coalesce(sum(net_amount) filter (where is_refund), 0) as refund_net_amount,
        coalesce(sum(net_amount) filter (where is_revenue), 0) as revenue_net_amount,
        coalesce(sum(gross_amount) filter (where is_counted), 0) as gross_amount,
        sum(cost_amount) filter (where is_revenue) as cost_amount,
        coalesce(
            sum(net_amount) filter (
                where is_revenue and line_kind = 'product' and not is_derived and cost_amount is null
            ),
            0
        ) as revenue_without_cost_amount
    from lines
    group by document_key

),

customer_versions as (

    select
        customer_version_key,
        customer_key,
        valid_from,
        valid_to
    from {{ ref('int_reference__customer_version') }}

),

final as (

    select
        order_key,
        source_name,
        document_number,
        document_type,
        order_at,
        order_date,
        documents.customer_key,
        coalesce(customer_versions.customer_version_key, {{ first_version_key("'unknown'") }}) as customer_version_key,
        channel_key,
        country,
        is_counted,
        not_counted_reason,
        is_credit,
        case
            when documents.customer_key <> 'unknown' and is_counted and not is_credit
                then row_number() over customers_orders
        end as customer_order_number,
        case
            when documents.customer_key <> 'unknown' and is_counted and not is_credit
                then order_date - lag(order_date) over customers_orders
        end as days_since_previous_order,
        line_count,
        product_count,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(product_net_amount as decimal(18, 4)) as product_net_amount,
        cast(shipping_net_amount as decimal(18, 4)) as shipping_net_amount,
        cast(discount_net_amount as decimal(18, 4)) as discount_net_amount,
        cast(refund_net_amount as decimal(18, 4)) as refund_net_amount,
        cast(revenue_net_amount as decimal(18, 4)) as revenue_net_amount,
        cast(gross_amount as decimal(18, 4)) as gross_amount,
        cast(cost_amount as decimal(18, 4)) as cost_amount,
        -- Goods without a cost have no contribution; a refund that names no goods lessens it in full.
        cast(revenue_net_amount - revenue_without_cost_amount - cost_amount as decimal(18, 4)) as contribution_amount,
        cast(revenue_without_cost_amount as decimal(18, 4)) as revenue_without_cost_amount
    from documents
    left join customer_versions
        on
            documents.customer_key = customer_versions.customer_key
            and documents.order_date between customer_versions.valid_from and customer_versions.valid_to
    window
        customers_orders as (
            partition by documents.customer_key, is_counted and not is_credit order by order_at, order_key
        )

)

select * from final
