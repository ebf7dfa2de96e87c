with

-- An article may stand in several lists; the entry that was changed last counts.
listed as (

    select *
    from {{ ref('stg_products__product') }}
    qualify row_number() over (
        partition by product_key order by changed_date desc nulls last, loaded_at desc, file_id desc, file_line desc
    ) = 1

),

-- What was sold, made or inspected, with the name the newest document gives it.
mentioned as (

    select
        product_key,
        article_number,
        article_name,
        document_at as mentioned_at
    from {{ ref('int_sales__line') }}
    where product_key not in ('unknown', 'none')
    union all
    select
        product_key,
        article_number,
        null as article_name,
        started_at as mentioned_at
    from {{ ref('stg_work_order_operations__operation') }}
    where product_key is not null
    union all
    select
        product_key,
        article_number,
        null as article_name,
        inspected_at as mentioned_at
    from {{ ref('stg_inspections__result') }}
    where product_key is not null

),

unlisted as (

    select
        product_key,
        arg_max(article_number, mentioned_at) as article_number,
        arg_max(article_name, mentioned_at) as article_name
    from mentioned
    where product_key not in (select product_key from listed)
    group by product_key

),

final as (

    select
        product_key,
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
        false as is_unlisted,
        changed_date
    from listed
    union all
    select
        product_key,
        article_number,
        article_name,
        null as product_group,
        null as unit,
        null as ean,
        null as unit_cost,
        null as list_price_net,
        null as tax_rate_pct,
        null as cycle_minutes,
        null as stock_quantity,
        null as is_own_make,
        true as is_unlisted,
        null as changed_date
    from unlisted
    union all
    select
        special.product_key,
        null as article_number,
        null as article_name,
        null as product_group,
        null as unit,
        null as ean,
        null as unit_cost,
        null as list_price_net,
        null as tax_rate_pct,
        null as cycle_minutes,
        null as stock_quantity,
        null as is_own_make,
        true as is_unlisted,
        null as changed_date
    from (values ('unknown'), ('none')) as special (product_key)

)

select * from final
