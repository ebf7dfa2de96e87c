with

source as (

    select * from {{ source('raw', 'shopware_orders') }}

),

-- Of an order's payments, the refunded ones.
payments as (

    select
        *,
        list_filter(
            try_cast(transactions as json[]), lambda t: (t ->> '$.stateMachineState.technicalName') = 'refunded'
        ) as refunded_payments,
        list_contains(
            json_extract_string(transactions, '$[*].stateMachineState.technicalName'), 'refunded_partially'
        ) as has_partial_refund
    from source

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        order_id,
        order_number,
        ordered_at,
        order_state,
        upper(currency) as currency,
        tax_status,
        amount_total,
        amount_total - amount_net as total_tax,
        coalesce(len(refunded_payments) > 0, false) as is_refunded,
        -- With an offset in the text the cast gives UTC, the zone of the session.
        cast(
            list_max(
                list_transform(
                    refunded_payments,
                    lambda t: try_cast(coalesce(t ->> '$.updatedAt', t ->> '$.createdAt') as timestamptz)
                )
            ) as timestamp
        ) as refunded_at,
        coalesce(has_partial_refund, false) as has_partial_refund,
        sales_channel,
        customer_number,
        lower(email) as email,
        nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '') as customer_name,
        company as company_name,
        delivery_country
    from payments

)

select * from renamed
