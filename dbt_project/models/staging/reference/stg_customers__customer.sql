with

source as (

    select * from {{ source('raw', 'customers') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        -- Spreadsheets and data frames write whole numbers as 17850.0.
        regexp_replace(customer_number, '^([0-9]+)[.]0+$', '\1') as customer_number,
        company_name,
        contact_name,
        lower(email) as email,
        phone,
        street,
        postal_code,
        city,
        country,
        customer_group,
        region,
        vat_id,
        customer_since_date
    from source

)

select * from renamed
