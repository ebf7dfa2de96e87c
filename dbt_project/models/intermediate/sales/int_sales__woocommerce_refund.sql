with

sources as (

    select source_name from {{ source('ops', 'source') }}
    where role = 'sales'

),

orders as (

    select orders.*
    from {{ ref('stg_woocommerce_orders__order') }} as orders
    inner join sources on orders.source_name = sources.source_name

),

-- What an order itself tells: number and amount.
mentioned as (

    select mentioned.*
    from {{ ref('stg_woocommerce_orders__refund') }} as mentioned
    inner join sources on mentioned.source_name = sources.source_name

),

-- What the export of refunds tells: the day and the lines too. Numbers repeat between shops; the address of the order
-- tells which is meant, otherwise that the order mentions the refund.
exported as (

    select
        refunds.source_name as told_by,
        refunds.file_id,
        refunds.file_line,
        refunds.loaded_at,
        refunds.refund_id,
        refunds.order_id,
        refunds.refunded_at,
        refunds.amount,
        coalesce(orders.source_name, refunds.source_name) as source_name
    from {{ ref('stg_woocommerce_refunds__refund') }} as refunds
    inner join sources on refunds.source_name = sources.source_name
    left join orders
        on
            refunds.order_id = orders.order_id
            and coalesce(refunds.order_url = orders.order_url, true)
    left join mentioned
        on
            orders.source_name = mentioned.source_name
            and orders.order_id = mentioned.order_id
            and refunds.refund_id = mentioned.refund_id
    qualify
        row_number() over (
            partition by refunds.source_name, refunds.refund_id
            order by mentioned.refund_id is not null desc, orders.loaded_at desc, orders.source_name asc
        ) = 1

),

newest as (

    select *
    from exported
    qualify row_number() over (
        partition by source_name, refund_id order by loaded_at desc, file_id desc, file_line desc
    ) = 1

),

all_refunds as (

    select * from newest
    union all by name
    select
        mentioned.*,
        cast(null as varchar) as told_by,
        cast(null as timestamp) as refunded_at
    from mentioned
    left join newest
        on mentioned.source_name = newest.source_name and mentioned.refund_id = newest.refund_id
    where newest.refund_id is null

),

final as (

    select
        all_refunds.* exclude (refunded_at),
        coalesce(orders.order_number, all_refunds.order_id) as order_number,
        orders.order_id is not null as is_order_known,
        -- Without a day of its own, that of the order's last change, which the refund was at the latest.
        all_refunds.refunded_at is not null as has_own_date,
        coalesce(all_refunds.refunded_at, orders.updated_at, orders.ordered_at) as refunded_at
    from all_refunds
    left join orders
        on all_refunds.source_name = orders.source_name and all_refunds.order_id = orders.order_id

)

select * from final
