{{ config(severity='warn') }}

select
    source_name,
    document_number,
    document_date,
    document_gross_amount,
    document_currency
from {{ ref('fct_invoice') }}
where direction = 'unknown'
