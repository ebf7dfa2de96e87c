with

source as (

    select * from {{ source('raw', 'stripe_balance_transactions') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        transaction_id,
        movement_type,
        movement_kind,
        source_id,
        {{ in_whole_units('amount_minor', 'currency') }} as amount,
        {{ in_whole_units('coalesce(fee_minor, 0)', 'currency') }} as fee,
        {{ in_whole_units('net_minor', 'currency') }} as net,
        upper(currency) as currency,
        created_at,
        {{ order_in_text('order_number', 'description') }} as order_reference
    from source

)

select * from renamed
