with

orders as (

    select * from {{ ref('stg_shopify_orders__order') }}

),

refunds as (

    select * from {{ ref('int_sales__shopify_refund') }}

),

order_lines as (

    select
        *,
        cast(round(cast(quantity as decimal(28, 4)) * unit_price, 2) - coalesce(discount, 0) as decimal(18, 4))
            as amount
    from {{ ref('stg_shopify_orders__line') }}
    where not is_removed

),

line_totals as (

    select
        source_name,
        order_id,
        sum(coalesce(discount, 0)) as line_discounts,
        bool_or(tax_amount is not null) as has_line_taxes,
        bool_or(is_tip) as has_tip_line
    from order_lines
    group by source_name, order_id

),

-- What an order charges beside its lines. Older orders name their discount for the order as a whole only.
others as (

    select
        orders.*,
        case
            when line_totals.line_discounts = 0 then -orders.total_discounts else 0
        end as order_discount,
        case when coalesce(line_totals.has_tip_line, false) then 0 else orders.total_tip end as tip
    from orders
    left join line_totals
        on orders.source_name = line_totals.source_name and orders.order_id = line_totals.order_id

),

extra as (

    select
        source_name,
        order_id,
        'discount' as part,
        2000001 as place,
        'discount' as line_kind,
        order_discount as amount
    from others
    union all
    select
        source_name,
        order_id,
        'tip' as part,
        2000002 as place,
        'tip' as line_kind,
        tip as amount
    from others
    union all
    select
        source_name,
        order_id,
        'duties' as part,
        2000003 as place,
        'fee' as line_kind,
        total_duties as amount
    from others
    union all
    select
        source_name,
        order_id,
        'fees' as part,
        2000004 as place,
        'fee' as line_kind,
        total_fees as amount
    from others

),

charges as (

    select
        source_name,
        order_id,
        list_name || ':' || place as part,
        case when list_name = 'line' then place else 1000000 + place end as place,
        case when list_name = 'line' then place end as line_number,
        list_name <> 'line' as is_derived,
        case
            when list_name = 'shipping' then 'shipping'
            when is_tip then 'tip'
            -- A gift card is money paid in advance; the sale is what it is spent on.
            when is_gift_card then 'other'
            else 'product'
        end as line_kind,
        case when list_name = 'line' then article_number end as article_number,
        article_name,
        case when list_name = 'line' then quantity else 0 end as quantity,
        amount,
        tax_amount,
        tax_rate_pct,
        is_taxable and not is_gift_card and not is_tip as is_taxable
    from order_lines
    union all
    select
        source_name,
        order_id,
        part,
        place,
        null as line_number,
        true as is_derived,
        line_kind,
        null as article_number,
        null as article_name,
        0 as quantity,
        amount,
        null as tax_amount,
        null as tax_rate_pct,
        part = 'discount' as is_taxable
    from extra
    where amount <> 0

),

-- The order's tax, spread over what is taxable, where its lines do not say theirs.
weighted as (

    select
        charges.*,
        orders.is_tax_included,
        orders.total_tax,
        coalesce(line_totals.has_line_taxes, false) as has_line_taxes,
        case when charges.is_taxable then charges.amount else 0 end as weight,
        sum(case when charges.is_taxable then charges.amount else 0 end) over so_far as running_weight,
        sum(case when charges.is_taxable then charges.amount else 0 end) over whole_order as whole_weight,
        row_number() over so_far as charge_place
    from charges
    inner join orders on charges.source_name = orders.source_name and charges.order_id = orders.order_id
    left join line_totals
        on charges.source_name = line_totals.source_name and charges.order_id = line_totals.order_id
    window
        whole_order as (partition by charges.source_name, charges.order_id),
        so_far as (partition by charges.source_name, charges.order_id order by charges.place)

),

taxed as (

    select
        * exclude (tax_amount, tax_rate_pct),
        case
            when has_line_taxes then coalesce(tax_amount, 0)
            else {{ share_of('total_tax', 'weight', 'running_weight', 'whole_weight', 'charge_place') }}
        end as charge_tax_amount,
        case
            when has_line_taxes then coalesce(tax_rate_pct, 0)
            when not is_taxable then 0
            else
                round(
                    100 * total_tax
                    / nullif(case when is_tax_included then whole_weight - total_tax else whole_weight end, 0),
                    1
                )
        end as charge_tax_rate_pct
    from weighted

),

order_charges as (

    select
        source_name,
        order_id as document_id,
        part,
        place,
        line_number,
        is_derived,
        line_kind,
        article_number,
        article_name,
        quantity,
        charge_tax_rate_pct as tax_rate_pct,
        case when is_tax_included then amount - charge_tax_amount else amount end as net_amount,
        charge_tax_amount as tax_amount,
        case when is_tax_included then amount else amount + charge_tax_amount end as gross_amount
    from taxed

),

refund_elements as (

    select
        source_name,
        refund_id,
        is_tax_included,
        'line' as list_name,
        {{ json_elements('refund_line_items') }}
    from refunds
    union all
    select
        source_name,
        refund_id,
        is_tax_included,
        'adjustment' as list_name,
        {{ json_elements('order_adjustments') }}
    from refunds

),

-- Lines say what comes back, adjustments what it changes: less than nothing is money to the customer.
refund_lines as (

    select
        *,
        case
            when list_name = 'adjustment' then {{ json_amount('element', '$.amount') }}
            else
                -coalesce(
                    {{ json_amount('element', '$.subtotal') }},
                    round(
                        cast({{ json_amount('element', '$.quantity') }} as decimal(28, 4))
                        * {{ json_amount('element', '$.line_item.price') }},
                        2
                    )
                )
        end as amount,
        coalesce(
            case
                when list_name = 'adjustment' then {{ json_amount('element', '$.tax_amount') }}
                else
                    -coalesce(
                        {{ json_amount('element', '$.total_tax') }},
                        round(
                            {{ json_sum('element', '$.line_item.tax_lines[*].price') }}
                            * cast(
                                {{ json_amount('element', '$.quantity') }}
                                / nullif({{ json_amount('element', '$.line_item.quantity') }}, 0) as decimal(18, 8)
                            ),
                            2
                        )
                    )
            end,
            0
        ) as tax_amount,
        (element ->> '$.kind') = 'shipping_refund' as is_shipping
    from refund_elements

),

refund_charges as (

    select
        source_name,
        'refund:' || refund_id as document_id,
        'refund:' || refund_id || ':' || list_name || ':' || place as part,
        case when list_name = 'line' then place else 1000000 + place end as place,
        null as line_number,
        list_name <> 'line' as is_derived,
        case
            when list_name = 'line' and (element ->> '$.line_item.gift_card') = 'true' then 'other'
            when list_name = 'line' then 'product'
            when is_shipping then 'shipping'
            else 'discount'
        end as line_kind,
        case
            when list_name = 'line'
                then
                    {{ article_of_shop(
                        "element ->> '$.line_item.sku'",
                        'shopify',
                        "coalesce(element ->> '$.line_item.variant_id', element ->> '$.line_item.product_id')"
                    ) }}
        end as article_number,
        element ->> '$.line_item.name' as article_name,
        case when list_name = 'line' then -{{ json_amount('element', '$.quantity') }} else 0 end as quantity,
        {{ json_sum('element', '$.line_item.tax_lines[*].rate') }} * 100 as tax_rate_pct,
        -- Lines are priced as in the order; adjustments are net, with their tax beside them.
        case when is_tax_included and list_name = 'line' then amount - tax_amount else amount end as net_amount,
        tax_amount,
        case when is_tax_included and list_name = 'line' then amount else amount + tax_amount end as gross_amount
    from refund_lines
    where amount <> 0 or list_name = 'line'

),

final as (

    select * from order_charges
    union all
    select * from refund_charges

)

select * from final
