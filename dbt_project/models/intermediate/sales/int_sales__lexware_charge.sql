with

vouchers as (

    select
        *,
        case when document_type = 'credit_note' and total_gross > 0 then -1 else 1 end as sign
    from {{ ref('stg_lexware_invoices__voucher') }}

),

lines as (

    select * from {{ ref('stg_lexware_invoices__line') }}

),

-- What is charged at each rate, after a discount on the whole voucher, in the prices of its lines.
rates as (

    select
        taxes.*,
        case when vouchers.tax_type = 'gross' then taxes.net_amount + taxes.tax_amount else taxes.net_amount end
            as amount
    from {{ ref('stg_lexware_invoices__tax') }} as taxes
    inner join vouchers on taxes.source_name = vouchers.source_name and taxes.voucher_id = vouchers.voucher_id

),

line_totals as (

    select
        source_name,
        voucher_id,
        tax_rate_pct,
        sum(amount) as amount
    from lines
    group by source_name, voucher_id, tax_rate_pct

),

amounts as (

    select
        source_name,
        voucher_id,
        'line:' || place as part,
        place,
        place as line_number,
        false as is_derived,
        'product' as line_kind,
        article_id,
        article_name,
        quantity,
        unit,
        tax_rate_pct,
        amount
    from lines
    union all
    select
        rates.source_name,
        rates.voucher_id,
        'discount:' || rates.tax_rate_pct as part,
        1000000 as place,
        null as line_number,
        true as is_derived,
        'discount' as line_kind,
        null as article_id,
        null as article_name,
        0 as quantity,
        null as unit,
        rates.tax_rate_pct,
        rates.amount - line_totals.amount as amount
    from rates
    inner join vouchers on rates.source_name = vouchers.source_name and rates.voucher_id = vouchers.voucher_id
    inner join line_totals
        on
            rates.source_name = line_totals.source_name
            and rates.voucher_id = line_totals.voucher_id
            and rates.tax_rate_pct = line_totals.tax_rate_pct
    where vouchers.has_total_discount and rates.amount <> line_totals.amount

),

weighted as (

    select
        amounts.*,
        sum(amounts.amount) over so_far as running_amount,
        sum(amounts.amount) over whole_rate as whole_amount,
        row_number() over so_far as rate_place
    from amounts
    window
        whole_rate as (partition by amounts.source_name, amounts.voucher_id, amounts.tax_rate_pct),
        so_far as (
            partition by amounts.source_name, amounts.voucher_id, amounts.tax_rate_pct order by amounts.place
        )

),

taxed as (

    select
        weighted.*,
        vouchers.tax_type,
        vouchers.sign,
        case
            when vouchers.tax_type not in ('net', 'gross') then 0
            else
                {{ share_of(
                    'coalesce(rates.tax_amount, 0)', 'weighted.amount', 'running_amount', 'whole_amount', 'rate_place'
                ) }}
        end as tax_amount
    from weighted
    inner join vouchers on weighted.source_name = vouchers.source_name and weighted.voucher_id = vouchers.voucher_id
    left join rates
        on
            weighted.source_name = rates.source_name
            and weighted.voucher_id = rates.voucher_id
            and weighted.tax_rate_pct = rates.tax_rate_pct

),

final as (

    select
        source_name,
        voucher_id as document_id,
        part,
        place,
        line_number,
        is_derived,
        line_kind,
        'lexware-' || article_id as article_number,
        article_name,
        sign * quantity as quantity,
        unit,
        case when tax_type in ('net', 'gross') then tax_rate_pct else 0 end as tax_rate_pct,
        sign * case when tax_type = 'gross' then amount - tax_amount else amount end as net_amount,
        sign * tax_amount as tax_amount,
        sign * case when tax_type = 'gross' then amount else amount + tax_amount end as gross_amount
    from taxed

)

select * from final
