{{ config(severity='warn') }}

select
    source_name,
    work_order_number,
    operation_name,
    machine_key,
    started_at,
    duration_minutes
from {{ ref('fct_operation') }}
where is_repeated
