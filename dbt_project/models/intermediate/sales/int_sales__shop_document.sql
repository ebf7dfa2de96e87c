with

shopify_orders as (

    select * from {{ ref('stg_shopify_orders__order') }}

),

shopify_refunds as (

    select
        refunds.*,
        orders.* exclude (source_name, file_id, file_line, loaded_at, order_id, order_name, is_tax_included, currency)
    from {{ ref('int_sales__shopify_refund') }} as refunds
    left join shopify_orders as orders
        on refunds.source_name = orders.source_name and refunds.order_id = orders.order_id

),

woocommerce_orders as (

    select * from {{ ref('stg_woocommerce_orders__order') }}

),

woocommerce_refunds as (

    select
        refunds.*,
        orders.* exclude (source_name, file_id, file_line, loaded_at, order_id, order_number)
    from {{ ref('int_sales__woocommerce_refund') }} as refunds
    left join woocommerce_orders as orders
        on refunds.source_name = orders.source_name and refunds.order_id = orders.order_id

),

shopware_orders as (

    select * from {{ ref('stg_shopware_orders__order') }}

),

vouchers as (

    select
        *,
        case when document_type = 'credit_note' and total_gross > 0 then -1 else 1 end as sign
    from {{ ref('stg_lexware_invoices__voucher') }}

),

documents as (

    select
        source_name,
        order_id as document_id,
        file_id,
        file_line,
        loaded_at,
        order_name as document_number,
        'order' as document_type,
        ordered_at as document_at,
        false as is_refund,
        total_price as gross_amount,
        coalesce(total_tax, 0) as tax_amount,
        null as order_tax_share,
        currency,
        {{ shopify_not_counted() }} as not_counted_reason,
        case when order_source = 'pos' then source_name || ' (POS)' end as channel,
        coalesce({{ identity_of_email('email') }}, 'shopify:' || customer_id) as customer_identity,
        email,
        customer_name,
        company_name,
        postal_code,
        city,
        customer_country,
        delivery_country as country
    from shopify_orders
    union all
    select
        source_name,
        'refund:' || refund_id as document_id,
        file_id,
        file_line,
        loaded_at,
        order_name as document_number,
        'order' as document_type,
        refunded_at as document_at,
        true as is_refund,
        -paid_back_amount as gross_amount,
        null as tax_amount,
        total_tax / nullif(total_price, 0) as order_tax_share,
        currency,
        {{ shopify_not_counted() }} as not_counted_reason,
        case when order_source = 'pos' then source_name || ' (POS)' end as channel,
        coalesce({{ identity_of_email('email') }}, 'shopify:' || customer_id) as customer_identity,
        email,
        customer_name,
        company_name,
        postal_code,
        city,
        customer_country,
        delivery_country as country
    from shopify_refunds
    union all
    select
        source_name,
        order_id as document_id,
        file_id,
        file_line,
        loaded_at,
        order_number as document_number,
        'order' as document_type,
        ordered_at as document_at,
        false as is_refund,
        total as gross_amount,
        total_tax as tax_amount,
        null as order_tax_share,
        currency,
        {{ woocommerce_not_counted() }} as not_counted_reason,
        null as channel,
        {{ identity_of_email('email') }} as customer_identity,
        email,
        customer_name,
        company_name,
        postal_code,
        city,
        customer_country,
        delivery_country as country
    from woocommerce_orders
    union all
    select
        source_name,
        'refund:' || refund_id as document_id,
        file_id,
        file_line,
        loaded_at,
        order_number as document_number,
        'order' as document_type,
        refunded_at as document_at,
        true as is_refund,
        -amount as gross_amount,
        null as tax_amount,
        total_tax / nullif(total, 0) as order_tax_share,
        currency,
        {{ woocommerce_not_counted() }} as not_counted_reason,
        null as channel,
        {{ identity_of_email('email') }} as customer_identity,
        email,
        customer_name,
        company_name,
        postal_code,
        city,
        customer_country,
        delivery_country as country
    from woocommerce_refunds
    union all
    select
        orders.source_name,
        kinds.prefix || orders.order_id as document_id,
        orders.file_id,
        orders.file_line,
        orders.loaded_at,
        orders.order_number as document_number,
        'order' as document_type,
        case when kinds.is_refund then coalesce(orders.refunded_at, orders.ordered_at) else orders.ordered_at end
            as document_at,
        kinds.is_refund,
        case when kinds.is_refund then -orders.amount_total else orders.amount_total end as gross_amount,
        case when kinds.is_refund then -orders.total_tax else orders.total_tax end as tax_amount,
        null as order_tax_share,
        orders.currency,
        case when orders.order_state = 'cancelled' then 'cancelled' end as not_counted_reason,
        orders.source_name || ' (' || orders.sales_channel || ')' as channel,
        coalesce({{ identity_of_email('orders.email') }}, 'shopware:' || orders.customer_number) as customer_identity,
        orders.email,
        orders.customer_name,
        orders.company_name,
        null as postal_code,
        null as city,
        orders.delivery_country as customer_country,
        orders.delivery_country as country
    from shopware_orders as orders
    inner join (values (false, ''), (true, 'refund:')) as kinds (is_refund, prefix)
        on not kinds.is_refund or orders.is_refunded
    union all
    select
        source_name,
        voucher_id as document_id,
        file_id,
        file_line,
        loaded_at,
        voucher_number as document_number,
        document_type,
        voucher_at as document_at,
        document_type = 'credit_note' as is_refund,
        sign * total_gross as gross_amount,
        sign * total_tax as tax_amount,
        null as order_tax_share,
        currency,
        case voucher_status when 'draft' then 'draft' when 'voided' then 'cancelled' end as not_counted_reason,
        null as channel,
        'lexware:' || coalesce(contact_id, customer_name || '|' || coalesce(postal_code, '')) as customer_identity,
        null as email,
        customer_name,
        null as company_name,
        postal_code,
        city,
        country as customer_country,
        country
    from vouchers

),

final as (

    select
        * replace (
            cast(gross_amount as decimal(18, 4)) as gross_amount,
            cast(tax_amount as decimal(18, 4)) as tax_amount
        )
    from documents

)

select * from final
