with

source as (

    select * from {{ source('raw', 'e_invoices') }}

),

parsed as (

    select
        *,
        from_json(
            tax_breakdown,
            '[{"tax_category": "VARCHAR", "tax_rate_pct": "DECIMAL(18,4)", "taxable_amount": "DECIMAL(18,4)",
                "tax_amount": "DECIMAL(18,4)", "exemption_code": "VARCHAR", "exemption_reason": "VARCHAR"}]'
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
        cast(entry_number as bigint) as tax_number,
        entry.tax_category,
        {{ rate_of_category('entry.tax_category', 'entry.tax_rate_pct') }} as tax_rate_pct,
        entry.taxable_amount,
        entry.tax_amount,
        entry.exemption_code,
        entry.exemption_reason
    from entries

)

select * from renamed
