-- Every booking of a ledger is two entries, its amount stands on both, and debits are credits.
with

sources as (

    select source_name from {{ source('ops', 'source') }}
    where role = 'ledger'

),

bookings as (

    select
        _source as source_name,
        amount
    from {{ source('raw', 'datev_bookings') }}
    where _source in (select source_name from sources)

),

expected as (

    select
        source_name,
        'entries' as measure,
        2 * count(*) as amount
    from bookings
    group by source_name
    union all
    select
        source_name,
        'amount' as measure,
        2 * sum(amount) as amount
    from bookings
    group by source_name

),

actual as (

    select
        source_name,
        'entries' as measure,
        count(*) as amount
    from {{ ref('fct_ledger_entry') }}
    group by source_name
    union all
    select
        source_name,
        'amount' as measure,
        sum(abs(document_amount)) as amount
    from {{ ref('fct_ledger_entry') }}
    group by source_name
    union all
    select
        source_name,
        'debit less credit' as measure,
        sum(debit_amount) - sum(credit_amount) as amount
    from {{ ref('fct_ledger_entry') }}
    group by source_name

)

{{ disagreements('expected', 'actual') }}
