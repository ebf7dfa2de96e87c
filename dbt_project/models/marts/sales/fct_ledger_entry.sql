with

bookings as (

    select * from {{ ref('int_ledger__booking') }}

),

accounts as (

    select * from {{ ref('dim_account') }}

),

-- The account of a booking and its contra account: the same amount on the two sides.
sides as (

    select
        *,
        'account' as booking_side,
        account_key as entry_account_key,
        contra_account_key as other_account_key,
        is_debit as is_entry_debit,
        not is_contra_taxed as is_entry_taxed
    from bookings
    union all
    select
        *,
        'contra' as booking_side,
        contra_account_key as entry_account_key,
        account_key as other_account_key,
        not is_debit as is_entry_debit,
        is_contra_taxed as is_entry_taxed
    from bookings

),

amounts as (

    select
        *,
        case when is_entry_debit then amount else -amount end as signed_amount,
        case when is_entry_debit then document_amount else -document_amount end as signed_document_amount,
        case when is_entry_debit then discount_amount else -discount_amount end as signed_discount_amount,
        reversal_kind is not null and reversal_kind = 'general' as is_general_reversal,
        case when is_entry_taxed then tax_kind else 'none' end as entry_tax_kind
    from sides

),

-- Whether an amount is gross is known from its tax key or its account; of an account that no chart has, nobody knows.
rated as (

    select
        amounts.*,
        accounts.account_number as entry_account_number,
        accounts.account_name,
        accounts.account_class,
        case
            when amounts.is_entry_taxed and (amounts.is_tax_keyed or amounts.tax_kind <> 'none')
                then amounts.tax_rate_pct
            when accounts.account_class = 'unknown' then null
            else 0
        end as entry_tax_rate_pct
    from amounts
    inner join accounts on amounts.entry_account_key = accounts.account_key

),

netted as (

    select
        *,
        case
            when entry_tax_rate_pct = 0 then signed_amount
            else {{ net_in_gross('signed_amount', 'entry_tax_rate_pct') }}
        end as signed_net_amount
    from rated

),

final as (

    select
        netted.booking_key || ':' || netted.booking_side as ledger_entry_key,
        netted.source_name,
        netted.booking_key,
        netted.consultant_number,
        netted.client_number,
        netted.fiscal_year,
        netted.fiscal_period,
        netted.posting_date,
        netted.is_in_period,
        netted.service_date,
        netted.due_date,
        netted.entry_account_key as account_key,
        netted.entry_account_number as account_number,
        netted.account_name,
        netted.account_class,
        netted.other_account_key as contra_account_key,
        contra_accounts.account_number as contra_account_number,
        -- A general reversal stands on the side of what it takes back, with a minus.
        case when netted.is_entry_debit <> netted.is_general_reversal then 'debit' else 'credit' end as side,
        netted.reversal_kind is not null as is_reversal,
        netted.reversal_kind,
        netted.signed_amount as amount,
        cast(
            case when netted.is_entry_debit <> netted.is_general_reversal then netted.signed_amount else 0 end
            as decimal(18, 4)
        ) as debit_amount,
        cast(
            case when netted.is_entry_debit <> netted.is_general_reversal then 0 else -netted.signed_amount end
            as decimal(18, 4)
        ) as credit_amount,
        netted.signed_net_amount as net_amount,
        cast(netted.signed_amount - netted.signed_net_amount as decimal(18, 4)) as tax_amount,
        cast(netted.entry_tax_rate_pct as decimal(18, 4)) as tax_rate_pct,
        netted.entry_tax_kind as tax_kind,
        netted.tax_key,
        netted.signed_discount_amount as discount_amount,
        netted.document_currency,
        netted.signed_document_amount as document_amount,
        netted.document_number,
        netted.document_reference,
        netted.cost_center_1,
        netted.cost_center_2,
        netted.is_locked,
        netted.file_id,
        netted.loaded_at
    from netted
    inner join accounts as contra_accounts on netted.other_account_key = contra_accounts.account_key

)

select * from final
