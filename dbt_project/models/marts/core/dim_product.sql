with

listed as (

    select * from {{ ref('int_reference__product') }}

),

present as (

    select
        product_key,
        unit_since_date,
        unit_cost
    from {{ ref('int_reference__product_version') }}
    where is_current

),

unlisted as (

    select product_key from {{ ref('fct_sales_line') }}
    where product_key not in ('unknown', 'none')
    union
    select product_key from {{ ref('stg_work_order_operations__operation') }}
    where product_key is not null
    union
    select product_key from {{ ref('stg_inspections__result') }}
    where product_key is not null
    union
    select product_key from {{ ref('stg_work_orders__order') }}
    where product_key is not null
    union
    select product_key from {{ ref('stg_production_bookings__booking') }}
    where product_key is not null
    union
    select product_key from {{ ref('stg_scrap_records__record') }}
    where product_key is not null
    except
    select product_key from listed

),

-- How documents write them.
texts as (

    select
        article_number,
        article_name,
        document_at as written_at
    from {{ ref('stg_sales_lines__line') }}
    union all
    select
        article_number,
        article_name,
        created_at as written_at
    from {{ ref('stg_shopify_orders_csv__line') }}
    union all
    select
        article_number,
        article_name,
        document_at as written_at
    from {{ ref('int_sales__shop_order_line') }}
    union all
    select
        article_number,
        null as article_name,
        started_at as written_at
    from {{ ref('stg_work_order_operations__operation') }}
    union all
    select
        article_number,
        null as article_name,
        inspected_at as written_at
    from {{ ref('stg_inspections__result') }}
    union all
    select
        article_number,
        null as article_name,
        coalesce(started_at, planned_started_at) as written_at
    from {{ ref('stg_work_orders__order') }}
    union all
    select
        article_number,
        null as article_name,
        booked_at as written_at
    from {{ ref('stg_production_bookings__booking') }}
    union all
    select
        article_number,
        null as article_name,
        cast(scrap_date as timestamp) as written_at
    from {{ ref('stg_scrap_records__record') }}

),

named as (

    select
        unlisted.product_key,
        -- Not every document has a time; what has one goes before it.
        arg_max(texts.article_number, coalesce(texts.written_at, timestamp '1900-01-01')) as article_number,
        arg_max(texts.article_name, texts.written_at) as article_name
    from unlisted
    inner join texts on unlisted.product_key = upper(texts.article_number)
    group by unlisted.product_key

),

final as (

    select
        listed.product_key,
        listed.article_number,
        listed.article_name,
        listed.product_group,
        listed.unit,
        present.unit_since_date,
        listed.ean,
        present.unit_cost,
        listed.list_price_net,
        listed.tax_rate_pct,
        listed.cycle_minutes,
        listed.stock_quantity,
        listed.is_own_make,
        false as is_unlisted,
        listed.changed_date
    from listed
    left join present on listed.product_key = present.product_key
    union all
    select
        named.product_key,
        named.article_number,
        named.article_name,
        null as product_group,
        null as unit,
        null as unit_since_date,
        null as ean,
        present.unit_cost,
        null as list_price_net,
        null as tax_rate_pct,
        null as cycle_minutes,
        null as stock_quantity,
        null as is_own_make,
        true as is_unlisted,
        null as changed_date
    from named
    left join present on named.product_key = present.product_key
    union all
    select
        special.product_key,
        null as article_number,
        null as article_name,
        null as product_group,
        null as unit,
        null as unit_since_date,
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
