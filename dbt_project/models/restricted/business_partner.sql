with

sources as (

    select source_name from {{ source('ops', 'source') }}

),

invoices as (

    select printed.*
    from {{ ref('stg_e_invoices__invoice') }} as printed
    inner join sources on printed.source_name = sources.source_name

),

parties as (

    select
        seller_identity as partner_identity,
        issue_date,
        seller_name as partner_name,
        seller_trading_name as trading_name,
        seller_party_id as party_id,
        seller_legal_id as legal_id,
        seller_vat_id as vat_id,
        seller_tax_number as tax_number,
        seller_street as street,
        seller_postal_code as postal_code,
        seller_city as city,
        seller_country as country,
        iban
    from invoices
    union all
    select
        buyer_identity as partner_identity,
        issue_date,
        buyer_name as partner_name,
        buyer_trading_name as trading_name,
        buyer_party_id as party_id,
        buyer_legal_id as legal_id,
        buyer_vat_id as vat_id,
        buyer_tax_number as tax_number,
        buyer_street as street,
        buyer_postal_code as postal_code,
        buyer_city as city,
        buyer_country as country,
        null as iban
    from invoices

),

-- As the newest invoice names them.
final as (

    select
        partner_identity,
        {{ pseudonym('partner_identity') }} as partner_key,
        arg_max(partner_name, issue_date) as partner_name,
        arg_max(trading_name, issue_date) as trading_name,
        arg_max(party_id, issue_date) as party_id,
        arg_max(legal_id, issue_date) as legal_id,
        arg_max(vat_id, issue_date) as vat_id,
        arg_max(tax_number, issue_date) as tax_number,
        arg_max(street, issue_date) as street,
        arg_max(postal_code, issue_date) as postal_code,
        arg_max(city, issue_date) as city,
        arg_max(country, issue_date) as country,
        arg_max(iban, issue_date) as iban
    from parties
    where partner_identity is not null
    group by partner_identity

)

select * from final
