with

files as (

    select * from {{ source('ops', 'file') }}

),

-- A shop lists what it sells; what an article costs and how it is made the company's own list knows: that one counts.
lists as (

    select
        source_name,
        file_id,
        file_line,
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
        changed_date,
        1 as rank_of_list
    from {{ ref('stg_products__product') }}
    union all by name
    select
        * exclude (loaded_at),
        2 as rank_of_list
    from {{ ref('stg_shopify_products__variant') }}
    union all by name
    select
        * exclude (loaded_at),
        2 as rank_of_list
    from {{ ref('stg_woocommerce_products__product') }}

),

final as (

    select
        upper(lists.article_number) as product_key,
        lists.*
    from lists
    left join files on lists.file_id = files.file_id
    -- An article may stand in several lists; the entry that was changed last counts, then that of the newest file. When
    -- a file was loaded says nothing: a rebuild loads all of them at once.
    qualify row_number() over (
        partition by upper(lists.article_number)
        order by
            lists.rank_of_list asc, lists.changed_date desc nulls last, files.as_of desc nulls last,
            files.sequence desc, lists.file_id desc, lists.file_line desc
    ) = 1

)

select * from final
