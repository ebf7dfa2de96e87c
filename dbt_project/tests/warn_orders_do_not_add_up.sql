{{ config(severity='warn') }}

select
    source_name,
    document_number,
    document_at,
    document_gross_amount as missing_gross_amount,
    currency
from {{ ref('int_sales__shop_order_line') }}
-- A few cents come from rounding.
where part = 'rest' and abs(document_gross_amount) > 0.05
