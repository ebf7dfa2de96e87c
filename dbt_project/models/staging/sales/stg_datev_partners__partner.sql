with

source as (

    select * from {{ source('raw', 'datev_partners') }}

),

renamed as (

    select
        _source as source_name,
        _loaded_at as loaded_at,
        consultant_number,
        client_number,
        account_number,
        partner_type,
        coalesce(company_name, nullif(concat_ws(' ', first_name, last_name), ''), other_name, short_name)
            as partner_name,
        vat_country || vat_number as vat_id,
        street,
        postal_code,
        city,
        country,
        phone,
        email,
        customer_number
    from source

)

select * from renamed
