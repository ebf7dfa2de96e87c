-- Read by bookings by account; a view would look through all of them for each.
{{ config(materialized="table") }}

with

bookings as (

    select * from {{ ref('stg_datev_bookings__booking') }}

),

sources as (

    select source_name from {{ source('ops', 'source') }}
    where role = 'ledger'

),

clients as (

    select
        consultant_number,
        client_number,
        max(account_length) as account_length,
        arg_max(chart_of_accounts, period_to) as chart_of_accounts
    from bookings
    group by consultant_number, client_number

),

used as (

    select
        consultant_number,
        client_number,
        account_number
    from bookings
    where source_name in (select source_name from sources)
    union
    select
        consultant_number,
        client_number,
        contra_account_number as account_number
    from bookings
    where source_name in (select source_name from sources)

),

labels as (

    select
        consultant_number,
        client_number,
        account_number,
        account_name
    from {{ ref('stg_datev_account_labels__label') }}
    qualify row_number() over (
        partition by consultant_number, client_number, account_number
        order by language_code like 'de%' desc, loaded_at desc, source_name asc
    ) = 1

),

numbered as (

    select
        used.consultant_number,
        used.client_number,
        used.account_number,
        clients.chart_of_accounts,
        length(cast(used.account_number as varchar)) > clients.account_length as is_personal,
        left(cast(used.account_number as varchar), 1) as first_digit,
        -- Longer general accounts are the four digits of the chart with zeros or numbers of one's own behind.
        used.account_number // cast(pow(10, greatest(clients.account_length, 4) - 4) as bigint) as chart_account_number
    from used
    inner join clients
        on used.consultant_number = clients.consultant_number and used.client_number = clients.client_number

),

classified as (

    select
        numbered.*,
        ranges.account_class,
        ranges.tax_kind,
        ranges.tax_rate,
        ranges.name_de
    from numbered
    left join {{ ref('ledger_accounts') }} as ranges
        on
            numbered.chart_of_accounts = ranges.chart_of_accounts
            and numbered.chart_account_number between ranges.account_from and ranges.account_to
            and not numbered.is_personal
    qualify row_number() over (
        partition by numbered.consultant_number, numbered.client_number, numbered.account_number
        order by ranges.account_to - ranges.account_from, ranges.account_from
    ) = 1

),

final as (

    select
        {{ ledger_account_key(
            'classified.consultant_number', 'classified.client_number', 'classified.account_number'
        ) }} as account_key,
        classified.consultant_number,
        classified.client_number,
        classified.account_number,
        classified.chart_of_accounts,
        case
            when classified.is_personal and classified.first_digit between '1' and '6' then 'debtor'
            when classified.is_personal then 'creditor'
            else coalesce(classified.account_class, 'unknown')
        end as account_class,
        -- Personal accounts are named after persons.
        case when not classified.is_personal then coalesce(labels.account_name, classified.name_de) end as account_name,
        classified.tax_kind,
        classified.tax_rate
    from classified
    left join labels
        on
            classified.consultant_number = labels.consultant_number
            and classified.client_number = labels.client_number
            and classified.account_number = labels.account_number

)

select * from final
