with

-- As they are now; what they were on an earlier day stands in dim_customer_version.
customers as (

    select * from {{ ref('int_reference__customer_version') }}
    where is_current

),

sales as (

    select
        customer_key,
        min(document_date) as first_order_date,
        max(document_date) as last_order_date,
        count(distinct document_key) as order_count
    from {{ ref('fct_sales_line') }}
    where is_revenue and not is_refund
    group by customer_key

),

members as (

    select
        customer_key,
        is_listed,
        is_company,
        country,
        region,
        customer_group,
        customer_since_date
    from customers
    union all
    select
        'unknown' as customer_key,
        false as is_listed,
        null as is_company,
        null as country,
        null as region,
        null as customer_group,
        null as customer_since_date

),

final as (

    select
        members.customer_key,
        members.is_listed,
        members.is_company,
        members.country,
        members.region,
        members.customer_group,
        members.customer_since_date,
        sales.first_order_date,
        sales.last_order_date,
        coalesce(sales.order_count, 0) as order_count
    from members
    left join sales on members.customer_key = sales.customer_key

)

select * from final
