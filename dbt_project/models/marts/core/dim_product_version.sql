with

products as (

    select * from {{ ref('dim_product') }}

),

versions as (

    select * from {{ ref('int_reference__product_version') }}

),

final as (

    select
        coalesce(versions.product_version_key, {{ first_version_key('products.product_key') }}) as product_version_key,
        products.product_key,
        coalesce(versions.version_number, 1) as version_number,
        coalesce(versions.valid_from, date '1900-01-01') as valid_from,
        coalesce(versions.valid_to, date '2199-12-31') as valid_to,
        coalesce(versions.is_current, true) as is_current,
        products.article_number,
        coalesce(versions.article_name, products.article_name) as article_name,
        versions.product_group,
        versions.unit,
        versions.unit_since_date,
        versions.ean,
        versions.unit_cost,
        versions.list_price_net,
        versions.tax_rate_pct,
        versions.cycle_minutes,
        versions.is_own_make,
        products.is_unlisted
    from products
    left join versions on products.product_key = versions.product_key

)

select * from final
