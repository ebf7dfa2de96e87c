{{ config(severity='warn') }}

select
    source_name,
    movement_type,
    count(*) as movements,
    min(payment_date) as first_date,
    max(payment_date) as last_date
from {{ ref('fct_payment') }}
where movement_kind = 'other' and is_counted
group by source_name, movement_type
