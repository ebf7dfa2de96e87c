with

source as (

    select * from {{ source('raw', 'datev_bookings') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        consultant_number,
        client_number,
        fiscal_year_start,
        account_length,
        period_from,
        period_to,
        upper(base_currency) as ledger_currency,
        chart_of_accounts,
        amount,
        side,
        upper(currency) as currency,
        exchange_rate,
        base_amount,
        upper(base_amount_currency) as base_amount_currency,
        account_number,
        contra_account_number,
        nullif(ltrim(tax_key, '0'), '') as tax_key,
        document_day,
        document_number,
        document_reference,
        discount_amount,
        -- Control characters are forbidden in texts, and occur.
        nullif(trim(regexp_replace(posting_text, '[\x00-\x1f\x7f]+', ' ', 'g')), '') as posting_text,
        document_link,
        cost_center_1,
        cost_center_2,
        partner_vat_id,
        eu_tax_rate_pct,
        coalesce(is_locked, false) as is_locked,
        service_date,
        tax_period_date,
        due_date,
        coalesce(upper(reversal_mark) in ('1', 'G'), false) as has_reversal_mark,
        tax_rate_pct
    from source

)

select * from renamed
