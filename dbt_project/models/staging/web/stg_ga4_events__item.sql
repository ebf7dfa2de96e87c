with

source as (

    select * from {{ rows_of(source('raw', 'ga4_events')) }}
    where items is not null

),

listed as (

    select
        *,
        from_json(
            items,
            '[{
                "item_id": "VARCHAR", "item_name": "VARCHAR", "item_brand": "VARCHAR", "item_variant": "VARCHAR",
                "item_category": "VARCHAR", "price": "VARCHAR", "quantity": "VARCHAR", "item_revenue": "VARCHAR"
            }]'
        ) as item_list
    from source

),

numbered as (

    select
        _source,
        _file_id,
        _line,
        unnest(item_list) as item,
        unnest(range(1, len(item_list) + 1)) as item_number
    from listed

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        numbered.item_number,
        nullif(item.item_id, '(not set)') as article_number,
        nullif(item.item_name, '(not set)') as item_name,
        nullif(item.item_brand, '(not set)') as item_brand,
        nullif(item.item_variant, '(not set)') as item_variant,
        nullif(item.item_category, '(not set)') as item_category,
        try_cast(item.quantity as decimal(18, 4)) as quantity,
        try_cast(item.price as decimal(18, 4)) as price_amount,
        try_cast(item.item_revenue as decimal(18, 4)) as item_revenue_amount
    from numbered

)

select * from renamed
