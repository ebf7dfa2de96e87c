{{ config(severity='warn') }}

select
    consultant_number,
    client_number,
    account_number,
    chart_of_accounts
from {{ ref('dim_account') }}
where account_class = 'unknown'
