{{ config(severity='warn') }}

select
    source_name,
    document_number,
    document_date,
    direction,
    deviation,
    document_gross_amount
from {{ ref('fct_invoice') }}
where has_deviating_totals
