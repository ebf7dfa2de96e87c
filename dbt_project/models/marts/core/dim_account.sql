with

accounts as (

    select * from {{ ref('int_ledger__account') }}

),

final as (

    select
        account_key,
        consultant_number,
        client_number,
        account_number,
        account_name,
        account_class,
        account_class in ('revenue', 'other_income', 'material', 'expense') as is_profit_and_loss,
        chart_of_accounts,
        tax_kind is not null as is_automatic,
        tax_kind,
        tax_rate as tax_rate_name
    from accounts

)

select * from final
