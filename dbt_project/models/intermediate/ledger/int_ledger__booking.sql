-- Read twice by the entries, once for each side.
{{ config(materialized="table") }}

with

bookings as (

    select * from {{ ref('stg_datev_bookings__booking') }}

),

sources as (

    select
        source_name,
        currency
    from {{ source('ops', 'source') }}
    where role = 'ledger'

),

company as (

    select * from {{ source('ops', 'company') }}

),

-- The year that a day and month belong to: the one that lies in the period, or at least in the fiscal year.
dated as (

    select
        bookings.*,
        {{ day_in_year('bookings.document_day', 'year(bookings.fiscal_year_start)') }} as day_in_first_year,
        {{ day_in_year('bookings.document_day', 'year(bookings.fiscal_year_start) + 1') }} as day_in_second_year,
        cast(bookings.fiscal_year_start + interval 1 year - interval 1 day as date) as fiscal_year_end,
        coalesce(bookings.ledger_currency, sources.currency, company.currency) as books_currency
    from bookings
    inner join sources on bookings.source_name = sources.source_name
    cross join company

),

keyed as (

    select
        dated.*,
        case
            when dated.day_in_first_year between dated.period_from and dated.period_to then dated.day_in_first_year
            when dated.day_in_second_year between dated.period_from and dated.period_to then dated.day_in_second_year
            when dated.day_in_first_year >= dated.fiscal_year_start then dated.day_in_first_year
            else coalesce(dated.day_in_second_year, dated.day_in_first_year)
        end as posting_date,
        coalesce(dated.currency, dated.books_currency) as document_currency,
        tax_keys.tax_key is not null or dated.tax_key is null as is_key_known,
        tax_keys.tax_kind as key_tax_kind,
        tax_keys.tax_rate as key_tax_rate,
        dated.has_reversal_mark or coalesce(tax_keys.is_reversal, false) as is_marked_reversal,
        accounts.account_key,
        accounts.tax_kind as account_tax_kind,
        accounts.tax_rate as account_tax_rate,
        accounts.account_class,
        contra_accounts.account_key as contra_account_key,
        contra_accounts.tax_kind as contra_tax_kind,
        contra_accounts.tax_rate as contra_tax_rate,
        contra_accounts.account_class as contra_account_class
    from dated
    left join {{ ref('ledger_tax_keys') }} as tax_keys on dated.tax_key = tax_keys.tax_key
    inner join {{ ref('int_ledger__account') }} as accounts
        on
            dated.consultant_number = accounts.consultant_number
            and dated.client_number = accounts.client_number
            and dated.account_number = accounts.account_number
    inner join {{ ref('int_ledger__account') }} as contra_accounts
        on
            dated.consultant_number = contra_accounts.consultant_number
            and dated.client_number = contra_accounts.client_number
            and dated.contra_account_number = contra_accounts.account_number

),

-- A tax key belongs to the account that is neither money nor a person; an automatic account has its tax of itself.
taxed as (

    select
        *,
        case
            when key_tax_kind is not null or not is_key_known
                then not (
                    contra_account_class in {{ open_account_classes() }}
                    and account_class not in {{ open_account_classes() }}
                )
            else contra_tax_kind is not null
        end as is_contra_taxed,
        case
            when not is_key_known then 'unknown'
            else coalesce(key_tax_kind, contra_tax_kind, account_tax_kind, 'none')
        end as tax_kind,
        case when key_tax_kind is not null then key_tax_rate else coalesce(contra_tax_rate, account_tax_rate) end
            as tax_rate,
        (side = 'debit') = (account_number <= contra_account_number) as is_upward,
        least(account_number, contra_account_number) as lower_account_number,
        greatest(account_number, contra_account_number) as higher_account_number
    from keyed

),

-- Bookings between the same accounts, of the same amount, with the same document number: which of them came first.
ordered as (

    select
        *,
        first_value(is_upward) over same as is_first_upward,
        first_value(is_marked_reversal) over same as is_first_marked,
        row_number() over (
            partition by
                source_name, consultant_number, client_number, lower_account_number, higher_account_number,
                document_number, document_currency, amount, is_upward
            order by is_marked_reversal, posting_date, file_id, file_line
        ) as place_in_direction
    from taxed
    window
        same as (
            partition by
                source_name, consultant_number, client_number, lower_account_number, higher_account_number,
                document_number, document_currency, amount
            order by is_marked_reversal, posting_date, file_id, file_line
        )

),

paired as (

    select
        *,
        count(*) filter (where is_upward = is_first_upward and not is_marked_reversal) over (
            partition by
                source_name, consultant_number, client_number, lower_account_number, higher_account_number,
                document_number, document_currency, amount
        ) as originals
    from ordered

),

signed as (

    select
        *,
        case
            when is_marked_reversal then 'general'
            when
                document_number is not null and amount > 0
                and is_upward <> is_first_upward and place_in_direction <= originals
                then 'flipped'
        end as reversal_kind,
        -- A general reversal is written with the other side. Programs exist that write it with the side of what it
        -- takes back; then the booking that it takes back tells.
        is_marked_reversal and not is_first_marked and is_upward = is_first_upward as is_side_kept
    from paired

),

valued as (

    select
        signed.*,
        case
            when signed.document_currency = signed.books_currency then signed.amount
            when
                signed.base_amount > 0
                and coalesce(signed.base_amount_currency, signed.books_currency) = signed.books_currency
                then signed.base_amount
            when signed.exchange_rate > 0
                then cast(round(cast(signed.amount as decimal(28, 6)) / signed.exchange_rate, 2) as decimal(18, 4))
        end as books_amount,
        case
            when signed.tax_kind in ('output', 'input')
                then coalesce(
                    nullif(signed.tax_rate_pct, 0), try_cast(signed.tax_rate as decimal(18, 4)), vat_rates.tax_rate_pct
                )
            when signed.tax_kind in ('none', 'reverse_charge') then 0
        end as contained_tax_rate_pct
    from signed
    asof left join {{ ref('vat_rates') }} as vat_rates
        on
            signed.tax_rate = vat_rates.rate_name
            and coalesce(signed.service_date, signed.posting_date) >= vat_rates.valid_from

),

final as (

    select
        valued.source_name,
        valued.file_id,
        valued.file_line,
        valued.loaded_at,
        valued.file_id || ':' || cast(valued.file_line as varchar) as booking_key,
        valued.consultant_number,
        valued.client_number,
        valued.fiscal_year_start,
        cast(year(valued.fiscal_year_end) as integer) as fiscal_year,
        cast(date_diff('month', valued.fiscal_year_start, valued.posting_date) + 1 as integer) as fiscal_period,
        valued.posting_date,
        valued.posting_date between valued.period_from and valued.period_to as is_in_period,
        valued.service_date,
        valued.due_date,
        valued.account_number,
        valued.contra_account_number,
        valued.account_key,
        valued.contra_account_key,
        (valued.side = 'debit') <> valued.is_side_kept as is_debit,
        valued.reversal_kind,
        valued.tax_key,
        valued.tax_kind,
        cast(valued.contained_tax_rate_pct as decimal(18, 4)) as tax_rate_pct,
        valued.is_contra_taxed,
        valued.key_tax_kind is not null or not valued.is_key_known as is_tax_keyed,
        valued.document_number,
        valued.document_reference,
        valued.cost_center_1,
        valued.cost_center_2,
        valued.is_locked,
        valued.document_currency,
        valued.amount as document_amount,
        valued.books_currency,
        cast(case when valued.books_currency = company.currency then 1 else rates.exchange_rate end as decimal(18, 8))
            as company_rate,
        {{ in_company_currency('valued.books_amount', 'company_rate') }} as amount,
        case when valued.document_currency = company.currency then valued.discount_amount end as discount_amount
    from valued
    cross join company
    left join {{ ref('int_reference__exchange_rate') }} as rates
        on
            valued.posting_date = rates.rate_date
            and valued.books_currency = rates.currency
            and valued.books_currency <> company.currency

)

select * from final
