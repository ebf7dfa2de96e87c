{{ config(severity='warn') }}

select
    source_name,
    document_number,
    preceding_document_number,
    document_date,
    document_gross_amount
from {{ ref('fct_invoice') }}
where document_type = 'correction' and document_gross_amount > 0
