{{ config(severity='warn') }}

select
    source_name,
    document_currency,
    case when exchange_rate is null then 'no exchange rate' else 'tax rate unknown' end as reason,
    count(*) as sales_lines,
    sum(document_net_amount) as document_net_amount,
    sum(document_gross_amount) as document_gross_amount
from {{ ref('fct_sales_line') }}
where is_counted and net_amount is null
group by 1, 2, 3
