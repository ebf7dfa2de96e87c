{{ config(severity='warn') }}

with

sold as (

    select
        product_key,
        count(*) as sales_lines,
        min(document_date) as first_date,
        max(document_date) as last_date
    from {{ ref('fct_sales_line') }}
    where is_counted and line_kind = 'product' and not is_derived
    group by product_key

)

select
    sold.product_key,
    sold.sales_lines,
    sold.first_date,
    sold.last_date
from sold
inner join {{ ref('dim_product') }} as products on sold.product_key = products.product_key
where
    products.is_unlisted
    -- A company without an article list has nothing to complete.
    and exists (
        select 1 from {{ ref('dim_product') }}
        where not is_unlisted
    )
