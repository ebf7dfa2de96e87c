{{ config(severity='warn') }}

with

numbered as (

    select
        *,
        case when is_self_billed then buyer_key else seller_key end as issuer_key
    from {{ ref('fct_invoice') }}

)

select
    issuer_key,
    document_number,
    document_date,
    type_code,
    count(*) as invoices,
    sum(document_gross_amount) as document_gross_amount
from numbered
group by 1, 2, 3, 4
having count(*) > 1
