with

source as (

    select * from {{ rows_of(source('raw', 'sales_lines')) }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        document_number,
        line_number,
        coalesce(document_type, 'invoice') as document_type,
        credit_sign,
        document_at,
        -- Spreadsheets and data frames write whole numbers as 17850.0.
        regexp_replace(customer_number, '^([0-9]+)[.]0+$', '\1') as customer_number,
        customer_name,
        country,
        article_number,
        article_name,
        line_kind,
        quantity,
        unit,
        unit_price,
        coalesce(price_basis, 'net') as price_basis,
        discount_pct,
        net_amount,
        tax_rate_pct,
        tax_amount,
        gross_amount,
        upper(currency) as currency,
        channel
    from source

)

select * from renamed
