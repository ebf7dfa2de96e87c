with

lines as (

    select * from {{ ref('stg_shopware_orders__line') }}

),

orders as (

    select * from {{ ref('stg_shopware_orders__order') }}

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
            when line_type in ('promotion', 'discount', 'credit') then 'discount'
            when list_name = 'shipping' then 'shipping'
            else 'product'
        end as line_kind,
        case when line_type not in ('promotion', 'discount', 'credit', 'shipping') then article_number end
            as article_number,
        article_name,
        case when list_name = 'line' then quantity else 0 end as quantity,
        tax_rate_pct,
        case when tax_status = 'gross' then amount - tax_amount else amount end as net_amount,
        case when tax_status = 'tax-free' then 0 else tax_amount end as tax_amount,
        case when tax_status = 'net' then amount + tax_amount else amount end as gross_amount,
        -- A credit is given later than the order, by a line of its own.
        line_type = 'credit' and amount < 0 as is_credit,
        added_at
    from lines
    where list_name = 'line' or amount <> 0

),

-- An order whose payment was given back as a whole takes back every line.
taken_back as (

    select charges.*
    from charges
    inner join orders on charges.source_name = orders.source_name and charges.order_id = orders.order_id
    where orders.is_refunded

),

final as (

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
        tax_rate_pct,
        net_amount,
        tax_amount,
        gross_amount,
        is_credit,
        case when is_credit then added_at end as charged_at
    from charges
    union all
    select
        source_name,
        'refund:' || order_id as document_id,
        'refund:' || part as part,
        place,
        null as line_number,
        is_derived,
        line_kind,
        article_number,
        article_name,
        -quantity as quantity,
        tax_rate_pct,
        -net_amount as net_amount,
        -tax_amount as tax_amount,
        -gross_amount as gross_amount,
        false as is_credit,
        null as charged_at
    from taken_back

)

select * from final
