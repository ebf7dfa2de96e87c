with

source as (

    select * from {{ rows_of(source('raw', 'shopify_orders_csv')) }}

),

-- What belongs to the order stands on its first row only.
first_rows as (

    select *
    from source
    qualify row_number() over (partition by _source, order_name order by _file_id, _line) = 1

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        order_name,
        created_at,
        financial_status,
        cancelled_at,
        payment_method,
        order_source,
        lower(email) as email,
        billing_name as customer_name,
        -- Some exports put an apostrophe in front, to keep spreadsheets from dropping zeros.
        ltrim(billing_zip, '''') as postal_code,
        billing_city as city,
        nullif(trim(_extra ->> 'Billing Company'), '') as company_name,
        coalesce(billing_country, shipping_country) as customer_country,
        coalesce(shipping_country, billing_country) as delivery_country,
        upper(currency) as currency,
        subtotal,
        shipping,
        taxes,
        total,
        refunded_amount,
        -- DE MwSt 19%, AT VAT 20 %, CH MwSt 8,1%
        try_cast(
            replace(regexp_extract(tax_1_name, '([0-9]+([.,][0-9]+)?) ?%', 1), ',', '.') as decimal(18, 4)
        ) as tax_rate_pct
    from first_rows

)

select * from renamed
