with

sources as (

    select source_name from {{ source('ops', 'source') }}
    where role = 'payments'

),

company as (

    select * from {{ source('ops', 'company') }}

),

-- The Dashboard's CSV and the API's JSON name the same columns.
stripe_transactions as (

    select * from {{ ref('stg_stripe_balance_csv__transaction') }}
    union all by name
    select * from {{ ref('stg_stripe_balance_transactions__transaction') }}

),

-- In all of them net is gross and fee together, and what leaves the account is negative.
movements as (

    select
        source_name,
        file_id,
        file_line,
        loaded_at,
        'paypal' as provider,
        transaction_code as transaction_id,
        related_code as related_transaction_id,
        movement_type,
        movement_kind,
        status,
        is_memo,
        paid_at,
        currency as document_currency,
        gross as document_gross_amount,
        fee as document_fee_amount,
        net as document_net_amount,
        order_reference
    from {{ ref('stg_paypal_activity__movement') }}
    union all by name
    select
        source_name,
        file_id,
        file_line,
        loaded_at,
        'stripe' as provider,
        transaction_id,
        source_id as related_transaction_id,
        movement_type,
        movement_kind,
        'completed' as status,
        false as is_memo,
        created_at as paid_at,
        currency as document_currency,
        amount as document_gross_amount,
        -fee as document_fee_amount,
        net as document_net_amount,
        order_reference
    from stripe_transactions

),

-- What a payment in another currency was changed for tells its value better than any list of rates: the conversion has
-- two rows that name the payment, one in each currency.
conversions as (

    select
        movements.source_name,
        movements.related_transaction_id as transaction_id,
        any_value(movements.document_currency) filter (where movements.document_currency <> company.currency)
            as document_currency,
        abs(sum(movements.document_net_amount) filter (where movements.document_currency = company.currency))
            as company_amount,
        abs(sum(movements.document_net_amount) filter (where movements.document_currency <> company.currency))
            as document_amount
    from movements
    cross join company
    where movements.movement_kind = 'conversion' and movements.status = 'completed'
    group by movements.source_name, movements.related_transaction_id
    having count(distinct movements.document_currency) = 2

),

dated as (

    select
        movements.*,
        cast(movements.paid_at + hours.utc_offset as date) as payment_date
    from movements
    inner join sources on movements.source_name = sources.source_name
    inner join {{ ref('int_calendar__utc_hour') }} as hours on date_trunc('hour', movements.paid_at) = hours.hour_at

),

rated as (

    select
        dated.*,
        cast(
            case
                when dated.document_currency = company.currency then 1
                when conversions.company_amount > 0 and conversions.document_amount > 0
                    then cast(conversions.company_amount as double) / cast(conversions.document_amount as double)
                else rates.exchange_rate
            end as decimal(18, 8)
        ) as exchange_rate
    from dated
    cross join company
    left join conversions
        on
            dated.source_name = conversions.source_name
            and dated.transaction_id = conversions.transaction_id
            and dated.document_currency = conversions.document_currency
    left join {{ ref('int_reference__exchange_rate') }} as rates
        on
            dated.payment_date = rates.rate_date
            and dated.document_currency = rates.currency
            and dated.document_currency <> company.currency

),

final as (

    select
        source_name,
        file_id,
        file_line,
        loaded_at,
        provider,
        transaction_id,
        related_transaction_id,
        movement_type,
        case when movement_kind = 'hold' then 'other' else movement_kind end as movement_kind,
        status,
        case
            when status <> 'completed' then status
            when is_memo then 'memo'
            when movement_kind in ('transfer', 'conversion', 'hold') then movement_kind
        end as not_counted_reason,
        paid_at,
        payment_date,
        document_currency,
        document_gross_amount,
        document_fee_amount,
        document_net_amount,
        exchange_rate,
        {{ in_company_currency('document_gross_amount', 'exchange_rate') }} as gross_amount,
        {{ in_company_currency('document_net_amount', 'exchange_rate') }} as net_amount,
        order_reference
    from rated

)

select * from final
