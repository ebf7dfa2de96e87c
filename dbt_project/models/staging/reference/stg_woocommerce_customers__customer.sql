with

source as (

    select * from {{ source('raw', 'woocommerce_customers') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        customer_id,
        lower(email) as email,
        nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '') as customer_name,
        company as company_name,
        phone,
        street,
        postal_code,
        city,
        country,
        created_at as listed_at,
        coalesce(updated_at, created_at) as written_at
    from source

)

select * from renamed
