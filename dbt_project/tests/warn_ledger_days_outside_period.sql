{{ config(severity='warn') }}

select
    source_name,
    file_id,
    booking_key,
    posting_date
from {{ ref('fct_ledger_entry') }}
where not is_in_period and booking_key || ':account' = ledger_entry_key
