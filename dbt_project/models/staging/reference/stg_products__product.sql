with

source as (

    select * from {{ source('raw', 'products') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        upper(article_number) as product_key,
        article_number,
        article_name,
        product_group,
        unit,
        ean,
        unit_cost,
        list_price_net,
        tax_rate_pct,
        cycle_minutes,
        stock_quantity,
        is_own_make,
        changed_date
    from source

)

select * from renamed
