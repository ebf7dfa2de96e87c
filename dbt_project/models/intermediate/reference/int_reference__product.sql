with

-- A shop lists what it sells; what an article costs and how it is made the company's own list knows: that one counts.
lists as (

    select
        source_name,
        file_id,
        file_line,
        loaded_at,
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
        *,
        2 as rank_of_list
    from {{ ref('stg_shopify_products__variant') }}
    union all by name
    select
        *,
        2 as rank_of_list
    from {{ ref('stg_woocommerce_products__product') }}

),

final as (

    select
        upper(article_number) as product_key,
        *
    from lists
    -- An article may stand in several lists; the entry that was changed last counts.
    qualify row_number() over (
        partition by upper(article_number)
        order by rank_of_list asc, changed_date desc nulls last, loaded_at desc, file_id desc, file_line desc
    ) = 1

)

select * from final
