with

lines as (

    select * from {{ ref('stg_sales_lines__line') }}

),

-- Amounts as the document prints them: what it does not say is computed from what it says.
printed as (

    select
        *,
        {{ line_amount('quantity', 'unit_price', 'discount_pct') }} as computed_amount,
        coalesce(gross_amount, case when price_basis = 'gross' and net_amount is null then computed_amount end)
            as known_gross_amount
    from lines

),

netted as (

    select
        *,
        cast(
            coalesce(
                net_amount,
                known_gross_amount - tax_amount,
                {{ net_in_gross('known_gross_amount', 'tax_rate_pct') }},
                case when price_basis = 'net' then computed_amount end
            ) as decimal(18, 4)
        ) as printed_net_amount
    from printed

),

taxed as (

    select
        *,
        cast(
            coalesce(
                tax_amount,
                known_gross_amount - printed_net_amount,
                round(cast(printed_net_amount as decimal(28, 4)) * tax_rate_pct * 0.01, 2)
            ) as decimal(18, 4)
        ) as printed_tax_amount
    from netted

),

-- Read twice, but the second time only its credit notes: keeping all lines in memory for that would cost more.
completed as not materialized (

    select
        *,
        cast(coalesce(known_gross_amount, printed_net_amount + printed_tax_amount) as decimal(18, 4))
            as printed_gross_amount
    from taxed

),

-- Some sources print credit notes with positive amounts, some with negative ones. The document's own total tells which;
-- only one that adds up to nothing goes by what the contract says. A line that runs against its document stays so.
credit_documents as (

    select
        source_name,
        document_number,
        document_type,
        coalesce(sum(coalesce(printed_net_amount, printed_gross_amount)), 0) as printed_total,
        coalesce(min(credit_sign), 'positive') as credit_sign
    from completed
    where document_type in ('credit_note', 'cancellation')
    group by source_name, document_number, document_type

),

signed as (

    select
        completed.*,
        credit_documents.document_number is not null as is_credit,
        coalesce(
            credit_documents.printed_total > 0
            or (credit_documents.printed_total = 0 and credit_documents.credit_sign = 'positive'),
            false
        ) as is_turned
    from completed
    left join credit_documents
        on
            completed.source_name = credit_documents.source_name
            and completed.document_number = credit_documents.document_number
            and completed.document_type = credit_documents.document_type

),

amounts as (

    select
        *,
        case when is_turned then -printed_net_amount else printed_net_amount end as signed_net_amount,
        case when is_turned then -printed_tax_amount else printed_tax_amount end as signed_tax_amount,
        case when is_turned then -printed_gross_amount else printed_gross_amount end as signed_gross_amount
    from signed

),

final as (

    select
        source_name,
        file_id,
        file_line,
        loaded_at,
        document_number,
        line_number,
        document_type,
        document_at,
        customer_number,
        country,
        article_number,
        article_name,
        coalesce(
            line_kind,
            -- Goods that leave at no price without a credit note are stock written off, not a sale.
            case
                when quantity < 0 and not is_credit and coalesce(signed_net_amount, signed_gross_amount, 0) = 0
                    then 'write_off'
            end,
            'product'
        ) as line_kind,
        is_credit as is_refund,
        -- On a credit note goods go the way the money goes.
        case
            when not is_credit then quantity
            when coalesce(signed_net_amount, signed_gross_amount, 0) > 0 then abs(quantity)
            else -abs(quantity)
        end as quantity,
        unit,
        tax_rate_pct,
        signed_net_amount as document_net_amount,
        signed_tax_amount as document_tax_amount,
        signed_gross_amount as document_gross_amount,
        currency,
        channel
    from amounts

)

select * from final
