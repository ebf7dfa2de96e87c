{{ config(severity='warn') }}

select
    lines.source_name,
    lines.product_key,
    lines.unit as unit_of_document,
    products.unit as unit_of_list,
    count(*) as sales_lines,
    min(lines.document_date) as first_date,
    max(lines.document_date) as last_date
from {{ ref('fct_sales_line') }} as lines
inner join {{ ref('dim_product_version') }} as products on lines.product_version_key = products.product_version_key
where
    lines.line_kind = 'product'
    and lines.cost_amount is null
    and products.unit_cost is not null
    and {{ units_differ('lines.unit', 'products.unit') }}
group by lines.source_name, lines.product_key, lines.unit, products.unit
