{{ config(severity='warn') }}

select
    source_name,
    document_currency,
    min(cost_date) as first_date,
    max(cost_date) as last_date,
    sum(document_cost_amount) as document_cost_amount
from {{ ref('fct_ad_cost') }}
where cost_amount is null
group by source_name, document_currency
