with

source as (

    select * from {{ source('raw', 'product_costs') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        article_number,
        upper(article_number) as product_key,
        valid_from,
        -- Until the day before the article's next cost; empty for the one that holds now.
        cast(
            lead(valid_from) over (partition by _source, upper(article_number) order by valid_from)
            - interval 1 day as date
        ) as valid_to,
        unit_cost,
        upper(currency) as currency
    from source

)

select * from renamed
