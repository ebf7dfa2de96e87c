with

source as (

    select * from {{ source('raw', 'paypal_activity') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        transaction_code,
        related_code,
        movement_type,
        movement_kind,
        coalesce(status, 'completed') as status,
        coalesce(balance_impact = 'memo', false) as is_memo,
        -- The day and time of the account's own zone.
        {{ utc_time('(transaction_date + cast(transaction_time as time))', 'time_zone') }} as paid_at,
        currency,
        gross,
        coalesce(fee, 0) as fee,
        net,
        coalesce(invoice_number, item_number) as order_reference
    from source

)

select * from renamed
