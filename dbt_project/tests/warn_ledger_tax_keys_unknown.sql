{{ config(severity='warn') }}

select
    source_name,
    tax_key,
    count(distinct booking_key) as bookings
from {{ ref('fct_ledger_entry') }}
where tax_kind = 'unknown'
group by source_name, tax_key
