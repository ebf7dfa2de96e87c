with

-- A refund stands in its order, and alone where refunds are exported too; it counts once, and the later export of it.
told as (

    select * from {{ ref('stg_shopify_orders__refund') }}
    union all
    select * from {{ ref('stg_shopify_refunds__refund') }}

),

sources as (

    select source_name from {{ source('ops', 'source') }}
    where role = 'sales'

),

orders as (

    select
        orders.*,
        row_number() over (partition by orders.order_id order by orders.loaded_at desc, orders.source_name asc)
            as newest_first
    from {{ ref('stg_shopify_orders__order') }} as orders
    inner join sources on orders.source_name = sources.source_name

),

newest as (

    select told.*
    from told
    inner join sources on told.source_name = sources.source_name
    qualify row_number() over (
        partition by told.refund_id order by told.loaded_at desc, told.file_id desc, told.file_line desc
    ) = 1

),

final as (

    select
        newest.* exclude (source_name),
        -- Shopify's numbers are unique over all shops: a refund belongs to the source that has its order.
        coalesce(orders.source_name, newest.source_name) as source_name,
        coalesce(orders.order_name, newest.order_id) as order_name,
        orders.order_id is not null as is_order_known,
        coalesce(orders.is_tax_included, false) as is_tax_included,
        coalesce(orders.currency, upper(json_extract_string(newest.transactions, '$[0].currency'))) as currency,
        -- What was paid back. Where no payment is listed, or one in the customer's currency instead of the shop's, only
        -- the lines tell.
        case
            when
                json_array_length(newest.transactions) > 0
                and len(
                    list_filter(
                        json_extract_string(newest.transactions, '$[*].currency'), lambda c: upper(c) <> orders.currency
                    )
                ) = 0
                then
                    coalesce(
                        list_sum(
                            list_transform(
                                list_filter(
                                    try_cast(newest.transactions as json[]),
                                    lambda t: (t ->> '$.kind') = 'refund' and (t ->> '$.status') = 'success'
                                ),
                                lambda t: try_cast(t ->> '$.amount' as decimal(18, 4))
                            )
                        ),
                        0
                    )
        end as paid_back_amount
    from newest
    left join orders on newest.order_id = orders.order_id and orders.newest_first = 1

)

select * from final
