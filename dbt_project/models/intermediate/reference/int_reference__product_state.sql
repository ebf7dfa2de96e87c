with

company as (

    select * from {{ source('ops', 'company') }}

),

listed as (

    select * from {{ ref('int_reference__product') }}

),

-- Of the list whose entry counts now.
kept as (

    select
        listed.product_key,
        states.* exclude (source_name, file_id, article_number, first_at, last_at),
        cast({{ local_time('states.first_at', 'company.time_zone') }} as date) as first_date,
        cast({{ local_time('states.last_at', 'company.time_zone') }} as date) as last_date
    from {{ ref('stg_products__state') }} as states
    inner join listed on states.source_name = listed.source_name and states.article_number = listed.article_number
    cross join company

),

states as (

    select
        product_key,
        first_date,
        -- Lists say when an entry was changed. That counts where the delivery before could not know of it yet.
        case
            when
                changed_date > lag(last_date) over (partition by product_key order by first_date, file_sequence)
                and changed_date < first_date
                then changed_date
            else first_date
        end as valid_from,
        file_sequence,
        article_name,
        product_group,
        unit,
        ean,
        unit_cost,
        list_price_net,
        tax_rate_pct,
        cycle_minutes,
        is_own_make
    from kept
    union all
    -- Shops keep no earlier states: what they say now holds for all time.
    select
        product_key,
        null as first_date,
        null as valid_from,
        null as file_sequence,
        article_name,
        product_group,
        unit,
        ean,
        unit_cost,
        list_price_net,
        tax_rate_pct,
        cycle_minutes,
        is_own_make
    from listed
    where product_key not in (select kept.product_key from kept)

),

-- Of a day the last state counts.
by_day as (

    select *
    from states
    qualify
        row_number() over (partition by product_key, valid_from order by first_date desc, file_sequence desc) = 1

),

final as (

    select
        product_key,
        -- The first state known stands for the time before it.
        case
            when row_number() over (partition by product_key order by valid_from) = 1 then date '1900-01-01'
            else valid_from
        end as valid_from,
        coalesce(
            cast(lead(valid_from) over (partition by product_key order by valid_from) - interval 1 day as date),
            date '2199-12-31'
        ) as valid_to,
        article_name,
        product_group,
        unit,
        ean,
        unit_cost,
        list_price_net,
        tax_rate_pct,
        cycle_minutes,
        is_own_make
    from by_day

)

select * from final
