with

order_lines as (

    select * from {{ ref('stg_woocommerce_orders__line') }}

),

refund_lines as (

    select
        refunds.source_name,
        refunds.refund_id,
        lines.* exclude (source_name, refund_id)
    from {{ ref('stg_woocommerce_refunds__line') }} as lines
    inner join {{ ref('int_sales__woocommerce_refund') }} as refunds
        on lines.source_name = refunds.told_by and lines.refund_id = refunds.refund_id
    -- A refund repeats lines of which nothing comes back.
    where lines.quantity <> 0 or lines.net_amount <> 0

),

lines as (

    select
        source_name,
        order_id as document_id,
        '' as prefix,
        list_name,
        place,
        article_number,
        article_name,
        quantity,
        tax_rate_pct,
        net_amount,
        tax_amount
    from order_lines
    union all
    select
        source_name,
        'refund:' || refund_id as document_id,
        'refund:' || refund_id || ':' as prefix,
        list_name,
        place,
        article_number,
        article_name,
        quantity,
        null as tax_rate_pct,
        net_amount,
        tax_amount
    from refund_lines

),

final as (

    select
        source_name,
        document_id,
        prefix || list_name || ':' || place as part,
        case list_name when 'line' then 0 when 'shipping' then 1000000 else 2000000 end + place as place,
        case when list_name = 'line' and prefix = '' then place end as line_number,
        list_name <> 'line' as is_derived,
        case
            when list_name = 'line' then 'product'
            when list_name = 'shipping' then 'shipping'
            -- A negative fee is how shops and their extensions write a discount.
            when prefix = '' and net_amount < 0 then 'discount'
            when prefix <> '' and net_amount > 0 then 'discount'
            else 'fee'
        end as line_kind,
        case when list_name = 'line' then article_number end as article_number,
        article_name,
        case when list_name = 'line' then quantity else 0 end as quantity,
        coalesce(tax_rate_pct, round(100 * tax_amount / nullif(net_amount, 0), 1)) as tax_rate_pct,
        net_amount,
        tax_amount,
        net_amount + tax_amount as gross_amount
    from lines

)

select * from final
