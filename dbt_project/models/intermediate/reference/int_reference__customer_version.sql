-- Read for every line that names a customer; a view would work out the versions anew each time.
{{ config(materialized="table") }}

with

company as (

    select * from {{ source('ops', 'company') }}

),

-- Of several identities of a customer the customer list's entry counts.
customers as (

    select *
    from {{ ref('customer_identity') }}
    qualify
        row_number() over (
            partition by customer_key order by list_source_name is null asc, is_listed desc, customer_identity asc
        ) = 1

),

-- Of a day the last state counts.
states as (

    select
        customers.customer_key,
        states.country,
        states.region,
        states.customer_group,
        cast({{ local_time('states.first_at', 'company.time_zone') }} as date) as valid_from
    from {{ ref('stg_customers__state') }} as states
    inner join customers
        on states.source_name = customers.list_source_name and states.customer_number = customers.customer_number
    cross join company
    qualify
        row_number() over (
            partition by customers.customer_key, valid_from order by states.first_at desc, states.file_sequence desc
        ) = 1

),

-- Whom no list tells of, or one that kept nothing, is what is known of him now, for all time.
known as (

    select
        customers.customer_key,
        states.valid_from,
        case when states.customer_key is null then customers.region else states.region end as region,
        case when states.customer_key is null then customers.customer_group else states.customer_group end
            as customer_group,
        coalesce(states.country, customers.country) as country,
        customers.is_listed,
        customers.is_company,
        customers.customer_since_date
    from customers
    left join states on customers.customer_key = states.customer_key

),

versions as (

    select
        *,
        row(country, region, customer_group) as known_state
    from known
    qualify known_state is distinct from lag(known_state) over (partition by customer_key order by valid_from)

),

begun as (

    select
        *,
        -- The first state known stands for the time before it.
        cast(row_number() over (partition by customer_key order by valid_from) as integer) as version_number,
        case when version_number = 1 then date '1900-01-01' else valid_from end as first_day
    from versions

),

final as (

    select
        {{ version_key('customer_key', 'first_day') }} as customer_version_key,
        customer_key,
        version_number,
        first_day as valid_from,
        coalesce(
            cast(lead(first_day) over (partition by customer_key order by first_day) - interval 1 day as date),
            date '2199-12-31'
        ) as valid_to,
        country,
        region,
        customer_group,
        is_listed,
        is_company,
        customer_since_date
    from begun

)

select
    final.*,
    {{ is_current('final.valid_from', 'final.valid_to') }} as is_current
from final
