with

source as (

    select * from {{ source('raw', 'e_invoices') }}

),

parsed as (

    select
        *,
        from_json(
            invoice_lines,
            '[{"line_id": "VARCHAR", "parent_line_id": "VARCHAR", "line_status": "VARCHAR",
                "article_name": "VARCHAR", "article_number": "VARCHAR", "buyer_article_number": "VARCHAR",
                "global_article_number": "VARCHAR", "origin_country": "VARCHAR", "quantity": "DECIMAL(18,4)",
                "unit": "VARCHAR", "unit_price": "DECIMAL(20,6)", "base_quantity": "DECIMAL(18,4)",
                "gross_price": "DECIMAL(20,6)", "price_discount": "DECIMAL(20,6)",
                "net_amount": "DECIMAL(18,4)", "tax_category": "VARCHAR", "tax_rate_pct": "DECIMAL(18,4)",
                "period_start": "VARCHAR", "period_end": "VARCHAR", "order_line": "VARCHAR",
                "allowances": [{"is_charge": "BOOLEAN", "amount": "DECIMAL(18,4)"}]}]'
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
        cast(entry_number as bigint) as line_number,
        entry.line_id,
        entry.parent_line_id,
        entry.line_status,
        entry.article_name,
        entry.article_number,
        entry.buyer_article_number,
        entry.global_article_number,
        entry.origin_country,
        entry.quantity,
        entry.unit,
        entry.unit_price,
        entry.base_quantity,
        entry.gross_price,
        entry.price_discount,
        entry.net_amount,
        entry.tax_category,
        {{ rate_of_category('entry.tax_category', 'entry.tax_rate_pct') }} as tax_rate_pct,
        entry.order_line,
        try_cast(entry.period_start as date) as period_start,
        try_cast(entry.period_end as date) as period_end,
        cast(
            coalesce(list_sum([a.amount for a in entry.allowances if not a.is_charge]), 0) as decimal(18, 4)
        ) as allowance_amount,
        cast(
            coalesce(list_sum([a.amount for a in entry.allowances if a.is_charge]), 0) as decimal(18, 4)
        ) as charge_amount
    from entries

)

select * from renamed
