-- Every movement on an account at a payment provider is in the marts once, with its amount.
with

sources as (

    select source_name from {{ source('ops', 'source') }}
    where role = 'payments'

),

movements as (

    select
        _source as source_name,
        net
    from {{ source('raw', 'paypal_activity') }}
    union all
    select
        _source as source_name,
        net
    from {{ source('raw', 'stripe_balance_csv') }}
    union all
    select
        _source as source_name,
        {{ in_whole_units('net_minor', 'currency') }} as net
    from {{ source('raw', 'stripe_balance_transactions') }}

),

expected as (

    select
        source_name,
        'rows' as measure,
        count(*) as amount
    from movements
    where source_name in (select source_name from sources)
    group by source_name
    union all
    select
        source_name,
        'net amount' as measure,
        sum(net) as amount
    from movements
    where source_name in (select source_name from sources)
    group by source_name

),

actual as (

    select
        source_name,
        'rows' as measure,
        count(*) as amount
    from {{ ref('fct_payment') }}
    group by source_name
    union all
    select
        source_name,
        'net amount' as measure,
        sum(document_net_amount) as amount
    from {{ ref('fct_payment') }}
    group by source_name

)

{{ disagreements('expected', 'actual') }}
