with

orders as (

    select * from {{ ref('stg_shopify_orders_csv__order') }}

),

lines as (

    select
        *,
        cast(round(cast(quantity as decimal(28, 4)) * unit_price, 2) as decimal(18, 4)) as listed_amount
    from {{ ref('stg_shopify_orders_csv__line') }}

),

order_goods as (

    select
        source_name,
        order_name,
        cast(sum(listed_amount) as decimal(18, 4)) as listed_amount,
        cast(sum(line_discount) as decimal(18, 4)) as line_discounts
    from lines
    group by source_name, order_name

),

-- What the order says of its money. The discount is what the lines lack to the subtotal: the column Discount Amount may
-- also hold a discount on shipping. An order whose first row was refused has no totals; its lines stand as listed.
order_facts as (

    select
        orders.*,
        coalesce(orders.total - orders.subtotal - coalesce(orders.shipping, 0) <= orders.taxes / 2, true)
            as is_tax_included,
        greatest(coalesce(order_goods.listed_amount - orders.subtotal, 0), 0) as discount,
        order_goods.listed_amount,
        order_goods.line_discounts
    from orders
    inner join order_goods
        on orders.source_name = order_goods.source_name and orders.order_name = order_goods.order_name

),

-- Discounts that are written on lines stay there, as far as they are part of the order's discount.
discounted_lines as (

    select
        lines.*,
        order_facts.discount,
        case
            when order_facts.line_discounts between 0 and order_facts.discount then lines.line_discount else 0
        end as own_discount
    from lines
    inner join order_facts
        on lines.source_name = order_facts.source_name and lines.order_name = order_facts.order_name

),

weighted_lines as (

    select
        *,
        listed_amount - own_discount as weight,
        sum(listed_amount - own_discount) over (
            partition by source_name, order_name order by line_number
        ) as running_weight,
        sum(listed_amount - own_discount) over (partition by source_name, order_name) as whole_weight,
        discount - sum(own_discount) over (partition by source_name, order_name) as common_discount
    from discounted_lines

),

-- Every amount of the order as a line: its items, its shipping, and what is left to its total (duties, gift wrapping).
items as (

    select
        source_name,
        order_name,
        line_number,
        file_id,
        file_line,
        loaded_at,
        case
            when article_number is null and lower(article_name) in ('tip', 'trinkgeld') then 'tip' else 'product'
        end as line_kind,
        article_number,
        article_name,
        quantity,
        is_taxable,
        cast(
            weight
            - {{ share_of('common_discount', 'weight', 'running_weight', 'whole_weight', 'line_number') }}
            as decimal(18, 4)
        ) as amount,
        cast(null as varchar) as derived_from
    from weighted_lines

),

charges as (

    select
        *,
        case
            when is_tax_included then total - (listed_amount - discount) - coalesce(shipping, 0)
            else total - (listed_amount - discount) - coalesce(shipping, 0) - coalesce(taxes, 0)
        end as rest
    from order_facts

),

amounts as (

    select * from items
    union all
    select
        source_name,
        order_name,
        1000001 as line_number,
        file_id,
        file_line,
        loaded_at,
        'shipping' as line_kind,
        null as article_number,
        null as article_name,
        0 as quantity,
        true as is_taxable,
        shipping as amount,
        'shipping' as derived_from
    from charges
    where shipping <> 0
    union all
    select
        source_name,
        order_name,
        1000002 as line_number,
        file_id,
        file_line,
        loaded_at,
        'other' as line_kind,
        null as article_number,
        null as article_name,
        0 as quantity,
        true as is_taxable,
        rest as amount,
        'rest' as derived_from
    from charges
    where rest <> 0

),

-- The order's tax, spread over what it was charged on.
tax_weights as (

    select
        amounts.*,
        order_facts.is_tax_included,
        order_facts.taxes,
        order_facts.tax_rate_pct,
        case when amounts.is_taxable then amounts.amount else 0 end as weight,
        sum(case when amounts.is_taxable then amounts.amount else 0 end) over order_so_far as running_weight,
        sum(case when amounts.is_taxable then amounts.amount else 0 end) over whole_order as whole_weight,
        row_number() over order_so_far as line_place
    from amounts
    inner join order_facts
        on amounts.source_name = order_facts.source_name and amounts.order_name = order_facts.order_name
    window
        whole_order as (partition by amounts.source_name, amounts.order_name),
        order_so_far as (partition by amounts.source_name, amounts.order_name order by amounts.line_number)

),

taxed as (

    select
        *,
        {{ share_of('taxes', 'weight', 'running_weight', 'whole_weight', 'line_place') }} as tax_amount
    from tax_weights

),

charged as (

    select
        * exclude (tax_rate_pct),
        case when is_tax_included then amount - tax_amount else amount end as net_amount,
        case when is_tax_included then amount else amount + tax_amount end as gross_amount,
        -- Where the export does not name the rate, the order's tax tells it.
        case
            when is_taxable
                then coalesce(
                    tax_rate_pct,
                    round(
                        100
                        * taxes
                        / nullif(case when is_tax_included then whole_weight - taxes else whole_weight end, 0),
                        1
                    )
                )
            else 0
        end as tax_rate_pct
    from taxed

),

-- A refund is known only as one gross amount of the order, without a date or articles. It goes to the goods first, then
-- to shipping, then to whatever lies beyond what was charged.
charged_by_kind as (

    select
        source_name,
        order_name,
        sum(case when line_kind <> 'shipping' then gross_amount else 0 end) as goods_gross_amount,
        sum(case when line_kind <> 'shipping' then tax_amount else 0 end) as goods_tax_amount,
        sum(case when line_kind = 'shipping' then gross_amount else 0 end) as shipping_gross_amount,
        sum(case when line_kind = 'shipping' then tax_amount else 0 end) as shipping_tax_amount
    from charged
    group by source_name, order_name

),

refunded_orders as (

    select
        order_facts.*,
        charged_by_kind.* exclude (source_name, order_name),
        least(order_facts.refunded_amount, charged_by_kind.goods_gross_amount) as goods_refund,
        least(
            order_facts.refunded_amount - least(order_facts.refunded_amount, charged_by_kind.goods_gross_amount),
            charged_by_kind.shipping_gross_amount
        ) as shipping_refund
    from order_facts
    inner join charged_by_kind
        on order_facts.source_name = charged_by_kind.source_name and order_facts.order_name = charged_by_kind.order_name
    where order_facts.refunded_amount > 0

),

refunds as (

    select
        source_name,
        order_name,
        file_id,
        file_line,
        loaded_at,
        'product' as line_kind,
        tax_rate_pct,
        goods_refund as gross_refund,
        goods_tax_amount * (goods_refund / nullif(goods_gross_amount, 0)) as tax_refund,
        'refund' as derived_from
    from refunded_orders
    union all
    select
        source_name,
        order_name,
        file_id,
        file_line,
        loaded_at,
        'shipping' as line_kind,
        tax_rate_pct,
        shipping_refund as gross_refund,
        shipping_tax_amount * (shipping_refund / nullif(shipping_gross_amount, 0)) as tax_refund,
        'refund_shipping' as derived_from
    from refunded_orders
    union all
    select
        source_name,
        order_name,
        file_id,
        file_line,
        loaded_at,
        'other' as line_kind,
        0 as tax_rate_pct,
        refunded_amount - goods_refund - shipping_refund as gross_refund,
        0 as tax_refund,
        'refund_rest' as derived_from
    from refunded_orders

),

all_lines as (

    select
        source_name,
        order_name,
        case when derived_from is null then line_number end as line_number,
        file_id,
        file_line,
        loaded_at,
        line_kind,
        article_number,
        article_name,
        quantity,
        tax_rate_pct,
        net_amount,
        tax_amount,
        gross_amount,
        derived_from
    from charged
    union all
    select
        source_name,
        order_name,
        null as line_number,
        file_id,
        file_line,
        loaded_at,
        line_kind,
        null as article_number,
        null as article_name,
        0 as quantity,
        tax_rate_pct,
        cast(round(tax_refund, 2) as decimal(18, 4)) - gross_refund as net_amount,
        -cast(round(tax_refund, 2) as decimal(18, 4)) as tax_amount,
        -gross_refund as gross_amount,
        derived_from
    from refunds
    where gross_refund <> 0

),

final as (

    select
        all_lines.source_name,
        all_lines.file_id,
        all_lines.file_line,
        all_lines.loaded_at,
        all_lines.order_name as document_number,
        all_lines.line_number,
        order_facts.created_at as document_at,
        order_facts.email,
        order_facts.delivery_country as country,
        all_lines.article_number,
        all_lines.article_name,
        all_lines.line_kind,
        coalesce(starts_with(all_lines.derived_from, 'refund'), false) as is_refund,
        all_lines.derived_from,
        case
            when lower(order_facts.payment_method) like '%bogus gateway%' then 'test_order'
            when order_facts.cancelled_at is not null or order_facts.financial_status in ('voided', 'expired')
                then 'cancelled'
        end as not_counted_reason,
        cast(all_lines.quantity as decimal(18, 4)) as quantity,
        cast(all_lines.tax_rate_pct as decimal(18, 4)) as tax_rate_pct,
        cast(all_lines.net_amount as decimal(18, 4)) as document_net_amount,
        cast(all_lines.tax_amount as decimal(18, 4)) as document_tax_amount,
        cast(all_lines.gross_amount as decimal(18, 4)) as document_gross_amount,
        order_facts.currency,
        -- What is sold over a shop's till is another channel than the web shop itself.
        case when order_facts.order_source = 'pos' then order_facts.source_name || ' (POS)' end as channel
    from all_lines
    inner join order_facts
        on all_lines.source_name = order_facts.source_name and all_lines.order_name = order_facts.order_name

)

select * from final
