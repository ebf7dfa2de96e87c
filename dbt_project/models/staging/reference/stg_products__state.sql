with

source as (

    select * from {{ source('history', 'products') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _sequence as file_sequence,
        _first_at as first_at,
        _last_at as last_at,
        article_number,
        article_name,
        product_group,
        unit,
        ean,
        unit_cost,
        list_price_net,
        tax_rate_pct,
        cycle_minutes,
        is_own_make,
        changed_date
    from source

)

select * from renamed
