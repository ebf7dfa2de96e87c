with

source as (

    select * from {{ source('raw', 'woocommerce_orders') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        order_id,
        order_number,
        order_url,
        lower(status) as status,
        upper(currency) as currency,
        created_at as ordered_at,
        updated_at,
        total,
        total_tax,
        nullif(customer_id, '0') as customer_id,
        lower(email) as email,
        nullif(trim(coalesce(billing_first_name, '') || ' ' || coalesce(billing_last_name, '')), '') as customer_name,
        billing_company as company_name,
        billing_postcode as postal_code,
        billing_city as city,
        coalesce(billing_country, shipping_country) as customer_country,
        coalesce(shipping_country, billing_country) as delivery_country
    from source

)

select * from renamed
