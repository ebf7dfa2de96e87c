with

movements as (

    select * from {{ ref('int_payments__movement') }}

),

final as (

    select
        source_name || ':' || transaction_id || ':' || document_currency || ':' || movement_type as payment_key,
        source_name,
        provider,
        transaction_id,
        related_transaction_id,
        movement_type,
        movement_kind,
        status,
        not_counted_reason is null as is_counted,
        not_counted_reason,
        paid_at,
        payment_date,
        document_currency,
        document_gross_amount,
        document_fee_amount,
        document_net_amount,
        exchange_rate,
        gross_amount,
        -- The difference, so that net is gross and fee to the cent.
        cast(net_amount - gross_amount as decimal(18, 4)) as fee_amount,
        net_amount,
        order_reference,
        file_id,
        loaded_at
    from movements

)

select * from final
