{{ config(severity='warn') }}

select
    source_name,
    not_counted_reason,
    count(distinct document_key) as documents,
    sum(document_gross_amount) as document_gross_amount
from {{ ref('fct_sales_line') }}
where not_counted_reason <> 'write_off'
group by source_name, not_counted_reason
