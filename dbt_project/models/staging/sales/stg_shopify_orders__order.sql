with

source as (

    select * from {{ source('raw', 'shopify_orders') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        order_id,
        order_name,
        coalesce(processed_at, created_at) as ordered_at,
        cancelled_at,
        lower(financial_status) as financial_status,
        coalesce(is_test, false) as is_test,
        upper(currency) as currency,
        coalesce(is_tax_included, false) as is_tax_included,
        total_price,
        total_tax,
        coalesce(total_discounts, 0) as total_discounts,
        coalesce(total_tip, 0) as total_tip,
        coalesce(total_duties, 0) as total_duties,
        coalesce(total_fees, 0) as total_fees,
        order_source,
        customer_id,
        lower(email) as email,
        billing_name as customer_name,
        billing_company as company_name,
        billing_zip as postal_code,
        billing_city as city,
        coalesce(billing_country, shipping_country) as customer_country,
        coalesce(shipping_country, billing_country) as delivery_country
    from source

)

select * from renamed
