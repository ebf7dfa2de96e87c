{{ config(severity='warn') }}

select
    source_name,
    document_currency,
    count(*) as entries,
    min(posting_date) as first_date,
    max(posting_date) as last_date
from {{ ref('fct_ledger_entry') }}
where amount is null
group by source_name, document_currency
