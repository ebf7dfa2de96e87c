with

numberings as (

    select * from {{ ref('customer_numbering') }}

),

company as (

    select * from {{ source('ops', 'company') }}

),

sources as (

    select * from {{ source('ops', 'source') }}
    where role = 'sales'

),

files as (

    select * from {{ source('ops', 'file') }}

),

listed as (

    select
        {{ identity_of_number('customers.customer_number', 'numberings.numbering') }} as customer_identity,
        customers.*
    from {{ ref('stg_customers__customer') }} as customers
    left join numberings on customers.source_name = numberings.source_name
    left join files on customers.file_id = files.file_id
    -- One list may be kept twice; the entry of the newest file counts. When a file was loaded says nothing: a rebuild
    -- loads all of them at once.
    qualify row_number() over (
        partition by customer_identity
        order by
            files.as_of desc nulls last, files.sequence desc, customers.file_id desc, customers.file_line desc
    ) = 1

),

-- Who bought by number, as the newest document names them.
numbered_buyers as (

    select
        {{ identity_of_number('lines.customer_number', 'numberings.numbering') }} as customer_identity,
        any_value(lines.customer_number) as customer_number,
        arg_max(lines.customer_name, lines.document_at) as customer_name,
        arg_max(lines.country, lines.document_at) as country
    from {{ ref('stg_sales_lines__line') }} as lines
    inner join sources on lines.source_name = sources.source_name
    left join numberings on lines.source_name = numberings.source_name
    where lines.customer_number is not null
    group by 1

),

-- Orders of shops, and their lists of customers: whom a shop lists is one by the same address under which he buys.
shop_records as (

    select
        source_name,
        {{ identity_of_email('email') }} as customer_identity,
        false as is_listed,
        email,
        customer_name,
        company_name,
        null as phone,
        null as street,
        postal_code,
        city,
        customer_country,
        null as listed_at,
        created_at as written_at
    from {{ ref('stg_shopify_orders_csv__order') }}
    union all
    select
        source_name,
        customer_identity,
        false as is_listed,
        email,
        customer_name,
        company_name,
        null as phone,
        null as street,
        postal_code,
        city,
        customer_country,
        null as listed_at,
        document_at as written_at
    from {{ ref('int_sales__shop_document') }}
    union all
    select
        source_name,
        coalesce({{ identity_of_email('email') }}, 'shopify:' || customer_id) as customer_identity,
        true as is_listed,
        email,
        customer_name,
        company_name,
        phone,
        street,
        postal_code,
        city,
        country as customer_country,
        listed_at,
        written_at
    from {{ ref('stg_shopify_customers__customer') }}
    union all
    select
        source_name,
        {{ identity_of_email('email') }} as customer_identity,
        true as is_listed,
        email,
        customer_name,
        company_name,
        phone,
        street,
        postal_code,
        city,
        country as customer_country,
        listed_at,
        written_at
    from {{ ref('stg_woocommerce_customers__customer') }}

),

shop_buyers as (

    select
        records.customer_identity,
        bool_or(records.is_listed) as is_listed,
        any_value(records.email) as email,
        arg_max(records.customer_name, records.written_at) as customer_name,
        arg_max(records.company_name, records.written_at) as company_name,
        arg_max(records.phone, records.written_at) as phone,
        arg_max(records.street, records.written_at) as street,
        arg_max(records.postal_code, records.written_at) as postal_code,
        arg_max(records.city, records.written_at) as city,
        arg_max(records.customer_country, records.written_at) as country,
        cast({{ local_time('min(records.listed_at)', 'any_value(company.time_zone)') }} as date) as customer_since_date
    from shop_records as records
    cross join company
    left join sources on records.source_name = sources.source_name
    where records.customer_identity is not null and (records.is_listed or sources.source_name is not null)
    group by 1

),

-- A shop customer whose address the list gives to one customer is that customer. An address that several share (info@)
-- tells nothing.
listed_addresses as (

    select
        {{ identity_of_email('email') }} as customer_identity,
        any_value(customer_identity) as listed_identity
    from listed
    where email is not null
    group by 1
    having count(*) = 1

),

identities as (

    select customer_identity from listed
    union
    select customer_identity from numbered_buyers
    union
    select customer_identity from shop_buyers

),

final as (

    select
        identities.customer_identity,
        coalesce(listed_addresses.listed_identity, identities.customer_identity) as matched_identity,
        {{ pseudonym('matched_identity') }} as customer_key,
        listed.customer_identity is not null or coalesce(shop_buyers.is_listed, false) as is_listed,
        listed.source_name as list_source_name,
        coalesce(listed.customer_number, numbered_buyers.customer_number) as customer_number,
        coalesce(
            listed.company_name, numbered_buyers.customer_name, shop_buyers.company_name, shop_buyers.customer_name
        ) as customer_name,
        coalesce(listed.contact_name, shop_buyers.customer_name) as contact_name,
        coalesce(listed.email, shop_buyers.email) as email,
        coalesce(listed.phone, shop_buyers.phone) as phone,
        coalesce(listed.street, shop_buyers.street) as street,
        coalesce(listed.postal_code, shop_buyers.postal_code) as postal_code,
        coalesce(listed.city, shop_buyers.city) as city,
        listed.vat_id,
        coalesce(listed.country, numbered_buyers.country, shop_buyers.country) as country,
        listed.region,
        listed.customer_group,
        coalesce(listed.customer_since_date, shop_buyers.customer_since_date) as customer_since_date,
        case
            when coalesce(listed.vat_id, listed.contact_name, shop_buyers.company_name) is not null then true
            -- Vouchers name companies and people alike.
            when starts_with(shop_buyers.customer_identity, 'lexware:') then null
            when shop_buyers.customer_identity is not null then false
        end as is_company
    from identities
    left join listed on identities.customer_identity = listed.customer_identity
    left join listed_addresses on identities.customer_identity = listed_addresses.customer_identity
    left join numbered_buyers on identities.customer_identity = numbered_buyers.customer_identity
    left join shop_buyers on identities.customer_identity = shop_buyers.customer_identity

)

select * from final
