with

partners as (

    select * from {{ ref('stg_datev_partners__partner') }}

),

final as (

    select
        {{ ledger_account_key('consultant_number', 'client_number', 'account_number') }} as account_key,
        consultant_number,
        client_number,
        account_number,
        partner_type,
        partner_name,
        vat_id,
        street,
        postal_code,
        city,
        country,
        phone,
        email,
        customer_number
    from partners
    -- Two sources may list the same client; the newest list counts.
    qualify row_number() over (partition by account_key order by loaded_at desc, source_name asc) = 1

)

select * from final
