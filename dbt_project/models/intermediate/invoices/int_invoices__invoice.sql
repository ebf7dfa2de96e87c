-- Read many times by the lines; a view would take every list apart again each time.
{{ config(materialized="table") }}

with

company as (

    select * from {{ source('ops', 'company') }}

),

own_vat_ids as (

    select vat_id from {{ source('ops', 'company_vat_id') }}

),

sources as (

    select * from {{ source('ops', 'source') }}

),

rates as (

    select
        rate_date,
        currency,
        exchange_rate
    from {{ ref('int_reference__exchange_rate') }}

),

deliveries as (

    select
        printed.*,
        sources.role,
        -- A number means an invoice only together with who gave it, and even so not always: what is asked for belongs
        -- to it. The contract's key, so that what several sources deliver counts once too.
        {{ pseudonym("concat_ws('|', printed.issuer_identity, printed.document_number, printed.issue_date, "
            ~ "printed.type_code, printed.currency, printed.gross_total, "
            ~ "coalesce(cast(printed.payable as varchar), '-'), coalesce(cast(printed.due_date as varchar), '-'))") }}
            as invoice_key
    from {{ ref('stg_e_invoices__invoice') }} as printed
    inner join sources on printed.source_name = sources.source_name

),

invoices as (

    select
        *,
        count(*) over (partition by invoice_key) as delivery_count
    from deliveries
    qualify
        row_number() over (
            partition by invoice_key order by loaded_at desc, source_name asc, file_id asc, file_line asc
        ) = 1

),

line_sums as (

    select
        source_name,
        file_id,
        file_line,
        count(*) as line_count,
        sum(net_amount) as line_sum,
        bool_or(is_deviating) as has_deviating_lines
    from {{ ref('int_invoices__printed_line') }}
    where is_counted
    group by source_name, file_id, file_line

),

tax_sums as (

    select
        source_name,
        file_id,
        file_line,
        sum(taxable_amount) as taxable_sum,
        sum(tax_amount) as tax_sum,
        max(abs(tax_amount - taxable_amount * coalesce(tax_rate_pct, 0) * 0.01)) as tax_deviation
    from {{ ref('stg_e_invoices__tax') }}
    group by source_name, file_id, file_line

),

allowance_sums as (

    select
        source_name,
        file_id,
        file_line,
        sum(case when is_charge then 0 else amount end) as allowance_sum,
        sum(case when is_charge then amount else 0 end) as charge_sum
    from {{ ref('stg_e_invoices__allowance') }}
    group by source_name, file_id, file_line

),

summed as (

    select
        invoices.* exclude (net_total, tax_total),
        coalesce(invoices.net_total, invoices.gross_total - invoices.tax_total) as net_total,
        coalesce(invoices.tax_total, invoices.gross_total - invoices.net_total) as tax_total,
        coalesce(line_sums.line_count, 0) as line_count,
        line_sums.line_sum,
        coalesce(line_sums.has_deviating_lines, false) as has_deviating_lines,
        tax_sums.taxable_sum,
        tax_sums.tax_sum,
        tax_sums.tax_deviation,
        coalesce(allowance_sums.allowance_sum, 0) as allowance_sum,
        coalesce(allowance_sums.charge_sum, 0) as charge_sum,
        -- Every line may be rounded by half a cent.
        greatest(0.02, 0.005 * (coalesce(line_sums.line_count, 0) + 1)) as tolerance
    from invoices
    left join line_sums
        on
            invoices.source_name = line_sums.source_name
            and invoices.file_id = line_sums.file_id
            and invoices.file_line = line_sums.file_line
    left join tax_sums
        on
            invoices.source_name = tax_sums.source_name
            and invoices.file_id = tax_sums.file_id
            and invoices.file_line = tax_sums.file_line
    left join allowance_sums
        on
            invoices.source_name = allowance_sums.source_name
            and invoices.file_id = allowance_sums.file_id
            and invoices.file_line = allowance_sums.file_line

),

-- What the document says of its money against what its parts add up to. Profiles without lines are not asked for them.
compared as (

    select
        *,
        nullif(
            concat_ws(
                ', ',
                case when has_deviating_lines then 'quantity and price of a line' end,
                case when abs(line_sum - line_total) > tolerance then 'sum of lines' end,
                case when line_count > 0 and abs(allowance_sum - allowance_total) > tolerance then 'allowances' end,
                case when line_count > 0 and abs(charge_sum - charge_total) > tolerance then 'charges' end,
                case
                    when abs(line_total - allowance_total + charge_total - net_total) > tolerance then 'net amount'
                end,
                case when abs(taxable_sum - net_total) > tolerance then 'taxable amounts' end,
                case when tax_deviation > tolerance then 'rate of a tax' end,
                case when abs(tax_sum - tax_total) > tolerance then 'tax' end,
                case when abs(net_total + tax_total - gross_total) > tolerance then 'gross amount' end,
                case when abs(gross_total - prepaid_total + rounding_amount - payable) > tolerance then 'payable' end
            ),
            ''
        ) as deviation
    from summed

),

judged as (

    select
        compared.*,
        company.currency as company_currency,
        coalesce(compared.seller_vat_id in (select vat_id from own_vat_ids), false) as is_own_seller,
        coalesce(compared.buyer_vat_id in (select vat_id from own_vat_ids), false) as is_own_buyer,
        compared.document_type in ('credit_note', 'self_billed_credit_note') as is_credit_note
    from compared
    cross join company

),

-- The company's VAT id decides. Only where the side that would be ours names none, as the buyer's side of most domestic
-- invoices, the role of the source tells.
directed as (

    select
        *,
        case
            when is_own_seller and is_own_buyer then 'internal'
            when is_own_seller then 'sale'
            when is_own_buyer then 'purchase'
            when role = 'purchases' and buyer_vat_id is null then 'purchase'
            when role = 'sales' and seller_vat_id is null then 'sale'
            else 'unknown'
        end as direction,
        case
            when is_own_seller or is_own_buyer then 'vat_id'
            when (role = 'purchases' and buyer_vat_id is null) or (role = 'sales' and seller_vat_id is null) then 'role'
        end as direction_basis,
        -- Credit notes print what they give back as positive; one that is negative already is left so.
        case when is_credit_note and gross_total >= 0 then -1 else 1 end as amount_sign
    from judged

),

valued as (

    select
        directed.*,
        case
            when directed.currency = directed.company_currency then cast(1 as decimal(18, 8))
            else rates.exchange_rate
        end as exchange_rate,
        cast(amount_sign * directed.net_total as decimal(18, 4)) as document_net_amount,
        cast(amount_sign * directed.tax_total as decimal(18, 4)) as document_tax_amount,
        cast(amount_sign * directed.gross_total as decimal(18, 4)) as document_gross_amount,
        cast(amount_sign * directed.prepaid_total as decimal(18, 4)) as document_prepaid_amount,
        cast(
            amount_sign * coalesce(
                directed.payable, directed.gross_total - directed.prepaid_total + directed.rounding_amount
            ) as decimal(18, 4)
        ) as document_payable_amount,
        -- In the currency of accounting the document states its VAT itself, at its own rate.
        case
            when directed.tax_currency = directed.company_currency and directed.currency <> directed.company_currency
                then cast(amount_sign * directed.tax_total_accounting as decimal(18, 4))
        end as stated_tax_amount
    from directed
    left join rates
        on
            directed.currency <> directed.company_currency
            and directed.issue_date = rates.rate_date
            and directed.currency = rates.currency

),

converted as (

    select
        *,
        {{ in_company_currency('document_net_amount', 'exchange_rate') }} as net_amount,
        coalesce(stated_tax_amount, {{ in_company_currency('document_tax_amount', 'exchange_rate') }}) as tax_amount,
        {{ in_company_currency('document_prepaid_amount', 'exchange_rate') }} as prepaid_amount,
        {{ in_company_currency('document_payable_amount', 'exchange_rate') }} as payable_amount
    from valued

),

final as (

    select
        invoice_key,
        source_name,
        file_id,
        file_line,
        loaded_at,
        delivery_count,
        document_number,
        document_type,
        type_code,
        direction,
        direction_basis,
        is_credit_note or coalesce(document_gross_amount < 0, false) as is_credit,
        starts_with(document_type, 'self_billed') as is_self_billed,
        amount_sign,
        syntax,
        profile,
        issue_date as document_date,
        due_date,
        delivery_date,
        period_start,
        period_end,
        issuer_identity,
        seller_identity,
        buyer_identity,
        seller_country,
        buyer_country,
        case
            when direction = 'sale' then buyer_identity
            when direction = 'purchase' then seller_identity
        end as partner_identity,
        case when direction = 'sale' then buyer_country when direction = 'purchase' then seller_country end
            as partner_country,
        order_number,
        sales_order_number,
        project_number,
        buyer_reference,
        preceding_document_number,
        payment_means_code,
        payment_terms,
        -- As XRechnung writes cash discounts: #SKONTO#TAGE=14#PROZENT=2.00#. The first of several.
        try_cast(regexp_extract(payment_terms, '#SKONTO#TAGE=([0-9]+)#', 1) as integer) as cash_discount_days,
        try_cast(regexp_extract(payment_terms, '#SKONTO#TAGE=[0-9]+#PROZENT=([0-9.]+)#', 1) as decimal(18, 4))
            as cash_discount_pct,
        line_count,
        deviation,
        currency as document_currency,
        exchange_rate,
        net_amount,
        tax_amount,
        case
            when exchange_rate = 1 then document_gross_amount
            else cast(net_amount + tax_amount as decimal(18, 4))
        end as gross_amount,
        prepaid_amount,
        payable_amount,
        document_net_amount,
        document_tax_amount,
        document_gross_amount,
        document_prepaid_amount,
        document_payable_amount,
        tax_currency,
        tax_total_accounting
    from converted

)

select * from final
