with

sales as (

    select
        cast(date_trunc('month', order_date) as date) as month_date,
        upper(ltrim(document_number, '#')) as document,
        sum(revenue_net_amount) as net_amount
    from {{ ref('fct_order') }}
    where is_counted
    group by month_date, document

),

-- Revenue stands on the credit side; as sales it is positive.
ledger as (

    select
        cast(date_trunc('month', posting_date) as date) as month_date,
        upper(ltrim(coalesce(document_number, ''), '#')) as document,
        -sum(net_amount) as net_amount
    from {{ ref('fct_ledger_entry') }}
    where account_class = 'revenue'
    group by month_date, document

),

invoices as (

    select
        cast(date_trunc('month', document_date) as date) as month_date,
        count(*) as invoices,
        sum(net_amount) as net_amount
    from {{ ref('fct_invoice') }}
    where direction = 'sale'
    group by month_date

),

compared as (

    select
        coalesce(sales.month_date, ledger.month_date) as month_date,
        coalesce(sales.net_amount, 0) as sales_net_amount,
        coalesce(ledger.net_amount, 0) as ledger_net_amount,
        case
            when sales.document is not null and ledger.document is not null then 'amount'
            when sales.document is null and ledger.document in (select sold.document from sales as sold)
                then 'month'
            when ledger.document is null and sales.document in (select booked.document from ledger as booked)
                then 'month'
            when sales.document is null then 'ledger'
            else 'sales'
        end as difference_kind
    from sales
    full join ledger on sales.month_date = ledger.month_date and sales.document = ledger.document

),

by_month as (

    select
        month_date,
        sum(sales_net_amount) as sales_net_amount,
        sum(ledger_net_amount) as ledger_net_amount,
        sum(ledger_net_amount - sales_net_amount) filter (where difference_kind = 'ledger') as only_in_ledger_amount,
        sum(ledger_net_amount - sales_net_amount) filter (where difference_kind = 'sales') as only_in_sales_amount,
        sum(ledger_net_amount - sales_net_amount) filter (where difference_kind = 'month') as other_month_amount,
        sum(ledger_net_amount - sales_net_amount) filter (where difference_kind = 'amount')
            as differing_amount,
        count(*) filter (where difference_kind = 'ledger') as only_in_ledger_documents,
        count(*) filter (where difference_kind = 'sales') as only_in_sales_documents
    from compared
    group by month_date

),

final as (

    select
        strftime(coalesce(by_month.month_date, invoices.month_date), '%Y-%m') as reconciliation_key,
        coalesce(by_month.month_date, invoices.month_date) as month_date,
        cast(coalesce(by_month.sales_net_amount, 0) as decimal(18, 4)) as sales_net_amount,
        cast(coalesce(by_month.ledger_net_amount, 0) as decimal(18, 4)) as ledger_net_amount,
        cast(coalesce(by_month.ledger_net_amount - by_month.sales_net_amount, 0) as decimal(18, 4))
            as ledger_difference_amount,
        cast(coalesce(by_month.only_in_ledger_amount, 0) as decimal(18, 4)) as only_in_ledger_amount,
        cast(coalesce(by_month.only_in_sales_amount, 0) as decimal(18, 4)) as only_in_sales_amount,
        cast(coalesce(by_month.other_month_amount, 0) as decimal(18, 4)) as other_month_amount,
        cast(coalesce(by_month.differing_amount, 0) as decimal(18, 4)) as differing_amount,
        coalesce(by_month.only_in_ledger_documents, 0) as only_in_ledger_documents,
        coalesce(by_month.only_in_sales_documents, 0) as only_in_sales_documents,
        coalesce(invoices.invoices, 0) as invoices,
        cast(coalesce(invoices.net_amount, 0) as decimal(18, 4)) as invoice_net_amount
    from by_month
    full join invoices on by_month.month_date = invoices.month_date

)

select * from final
order by month_date
