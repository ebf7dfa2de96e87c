with

source as (

    select * from {{ source('raw', 'e_invoices') }}

),

parsed as (

    select
        *,
        from_json(
            allowances_charges,
            '[{"is_charge": "BOOLEAN", "amount": "DECIMAL(18,4)", "base_amount": "DECIMAL(18,4)",
                "pct": "DECIMAL(18,4)", "reason_code": "VARCHAR", "reason": "VARCHAR",
                "tax_category": "VARCHAR", "tax_rate_pct": "DECIMAL(18,4)"}]'
        ) as entries
    from source

),

entries as (

    select
        _source,
        _file_id,
        _line,
        _loaded_at,
        unnest(entries) as entry,
        unnest(range(1, len(entries) + 1)) as entry_number
    from parsed

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        cast(entry_number as bigint) as allowance_number,
        entry.is_charge,
        entry.amount,
        entry.base_amount,
        entry.pct,
        entry.reason_code,
        entry.reason,
        entry.tax_category,
        {{ rate_of_category('entry.tax_category', 'entry.tax_rate_pct') }} as tax_rate_pct
    from entries

)

select * from renamed
