with

source as (

    select * from {{ rows_of(source('raw', 'matomo_visits')) }}
    where action_details is not null

),

listed as (

    select
        *,
        from_json(
            action_details,
            '[{
                "productViewSku": "VARCHAR", "productViewName": "VARCHAR", "productViewPrice": "VARCHAR",
                "itemDetails": [{
                    "itemSKU": "VARCHAR", "itemName": "VARCHAR", "itemCategory": "VARCHAR", "price": "VARCHAR",
                    "quantity": "VARCHAR"
                }]
            }]'
        ) as actions
    from source

),

actions as (

    select
        _source,
        _file_id,
        _line,
        unnest(actions) as action,
        unnest(range(1, len(actions) + 1)) as action_number
    from listed

),

-- A page that shows an article is one item too.
items as (

    select
        *,
        case
            when len(action.itemdetails) > 0 then action.itemdetails
            when action.productviewsku <> ''
                then [{
                    'itemSKU': action.productviewsku,
                    'itemName': action.productviewname,
                    'itemCategory': cast(null as varchar),
                    'price': action.productviewprice,
                    'quantity': cast(null as varchar)
                }]
            else []
        end as item_list
    from actions

),

numbered as (

    select
        _source,
        _file_id,
        _line,
        action_number,
        unnest(item_list) as item,
        unnest(range(1, len(item_list) + 1)) as item_number
    from items

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        numbered.action_number,
        numbered.item_number,
        nullif(item.itemsku, '') as article_number,
        nullif(item.itemname, '') as item_name,
        nullif(item.itemcategory, '') as item_category,
        try_cast(item.quantity as decimal(18, 4)) as quantity,
        try_cast(item.price as decimal(18, 4)) as price_amount
    from numbered

)

select * from renamed
