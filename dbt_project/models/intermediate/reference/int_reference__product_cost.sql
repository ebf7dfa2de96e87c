-- Read once for every sales line; a view would order the histories anew each time.
{{ config(materialized="table") }}

with

company as (

    select * from {{ source('ops', 'company') }}

),

files as (

    select * from {{ source('ops', 'file') }}

),

rates as (

    select * from {{ ref('int_reference__exchange_rate') }}

),

-- Of several lists that name a cost from the same day on, the one delivered last counts.
histories as (

    select
        costs.product_key,
        costs.valid_from,
        {{ in_company_currency('costs.unit_cost', 'rates.exchange_rate') }} as unit_cost
    from {{ ref('stg_product_costs__cost') }} as costs
    cross join company
    left join rates
        on costs.valid_from = rates.rate_date and coalesce(costs.currency, company.currency) = rates.currency
    left join files on costs.file_id = files.file_id
    qualify row_number() over (
        partition by costs.product_key, costs.valid_from
        order by files.as_of desc nulls last, files.sequence desc, costs.file_id desc, costs.file_line desc
    ) = 1

),

-- Without a history of costs, what the article list said on a day holds for it.
listed as (

    select
        product_key,
        valid_from,
        unit_cost
    from {{ ref('int_reference__product_state') }}
    where product_key not in (select histories.product_key from histories)

),

all_costs as (

    select * from histories
    union all
    select * from listed

),

final as (

    select
        product_key,
        -- The first cost known stands for the time before it.
        case
            when row_number() over (partition by product_key order by valid_from) = 1 then date '1900-01-01'
            else valid_from
        end as valid_from,
        coalesce(
            cast(lead(valid_from) over (partition by product_key order by valid_from) - interval 1 day as date),
            date '2199-12-31'
        ) as valid_to,
        cast(unit_cost as decimal(18, 6)) as unit_cost
    from all_costs
    where unit_cost is not null

)

select * from final
