{{ config(severity='warn') }}

{%- set days_reported = 90 %}

-- Another name alone is a new name. Another VAT id with it, or without one another address, is another customer.
with

newest as (

    select max(last_at) as delivered_at from {{ ref('stg_customers__state') }}

),

states as (

    select
        source_name,
        customer_number,
        first_at,
        company_name,
        coalesce(vat_id, email) as known_by,
        lag(company_name) over (partition by source_name, customer_number order by first_at, file_sequence)
            as name_before,
        lag(coalesce(vat_id, email)) over (
            partition by source_name, customer_number order by first_at, file_sequence
        ) as known_by_before
    from {{ ref('stg_customers__state') }}

)

select
    states.source_name,
    customers.customer_key,
    cast(states.first_at as date) as delivered_date
from states
cross join newest
left join {{ ref('customer_identity') }} as customers
    on states.source_name = customers.list_source_name and states.customer_number = customers.customer_number
where
    states.first_at > newest.delivered_at - interval {{ days_reported }} day
    and lower(states.company_name) <> lower(states.name_before)
    and lower(states.known_by) <> lower(states.known_by_before)
