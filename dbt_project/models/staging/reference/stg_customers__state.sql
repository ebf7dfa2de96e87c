with

source as (

    select * from {{ source('history', 'customers') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _sequence as file_sequence,
        _first_at as first_at,
        _last_at as last_at,
        -- Spreadsheets and data frames write whole numbers as 17850.0.
        regexp_replace(customer_number, '^([0-9]+)[.]0+$', '\1') as customer_number,
        company_name,
        lower(email) as email,
        country,
        customer_group,
        region,
        vat_id
    from source

)

select * from renamed
