with

lines as (

    select
        customer_key,
        product_key,
        document_date,
        round(net_amount / nullif(quantity, 0), 2) as unit_price
    from {{ ref('fct_sales_line') }}
    where is_counted and line_kind = 'product' and not is_refund

),

sales as (

    select
        min(document_date) as first_date,
        max(document_date) as last_date
    from lines

),

by_product as (

    select
        product_key,
        date_diff('day', min(document_date), max(document_date)) + 1 as day_count,
        count(*) as line_count,
        approx_count_distinct(unit_price) as price_count
    from lines
    where product_key not in ('unknown', 'none')
    group by product_key

),

tenth_product as (

    select day_count
    from by_product
    order by day_count desc
    limit 1 offset 9

),

product_prices as (

    select count(*) as product_count
    from by_product
    where price_count >= 3 and line_count >= 30

),

by_customer as (

    select
        customer_key,
        count(*) as line_count
    from lines
    where customer_key not in ('unknown', 'none')
    group by customer_key

),

repeated as (

    select
        sum(line_count) as purchase_count,
        count(*) filter (where line_count >= 2) as customer_count
    from by_customer

),

-- Whoever waits more than twice as long as usual counts as lost.
customers as (

    select
        count(*) filter (where recency_days > 2 * usual_days_between_orders) as lost_count,
        count(*) filter (where recency_days <= 2 * usual_days_between_orders) as kept_count
    from {{ ref('mart_customer_360') }}
    where usual_days_between_orders is not null

),

machines as (

    select
        min(state_date) as first_date,
        max(state_date) as last_date,
        -- A stop over midnight is two rows and one stop.
        count(*) filter (where state = 'down' and not is_continued) as stop_count
    from {{ ref('fct_machine_state') }}

),

conditions as (

    select
        min(energy_date) as first_date,
        max(energy_date) as last_date
    from {{ ref('fct_energy_quarter') }}

),

company as (

    select
        min(company_date) as first_date,
        max(company_date) as last_date
    from {{ ref('mart_company_daily') }}

),

-- What the history holds of each thing that is asked for, and since when.
found as (

    select
        'sales_days' as measure,
        date_diff('day', first_date, last_date) + 1 as found_value,
        first_date,
        last_date
    from sales
    union all
    select
        'days_of_ten_products' as measure,
        (select day_count from tenth_product) as found_value,
        first_date,
        last_date
    from sales
    union all
    select
        'purchases' as measure,
        (select purchase_count from repeated) as found_value,
        first_date,
        last_date
    from sales
    union all
    select
        'repeated_customers' as measure,
        (select customer_count from repeated) as found_value,
        first_date,
        last_date
    from sales
    union all
    select
        'lost_customers' as measure,
        (select lost_count from customers) as found_value,
        first_date,
        last_date
    from sales
    union all
    select
        'kept_customers' as measure,
        (select kept_count from customers) as found_value,
        first_date,
        last_date
    from sales
    union all
    select
        'products_with_prices' as measure,
        (select product_count from product_prices) as found_value,
        first_date,
        last_date
    from sales
    union all
    select
        'machine_days' as measure,
        date_diff('day', first_date, last_date) + 1 as found_value,
        first_date,
        last_date
    from machines
    union all
    select
        'machine_stops' as measure,
        stop_count as found_value,
        first_date,
        last_date
    from machines
    union all
    select
        'condition_days' as measure,
        date_diff('day', first_date, last_date) + 1 as found_value,
        first_date,
        last_date
    from conditions
    union all
    select
        'company_days' as measure,
        date_diff('day', first_date, last_date) + 1 as found_value,
        first_date,
        last_date
    from company

),

measured as (

    select
        requirements.ai_use || ':' || requirements.measure as ai_requirement_key,
        requirements.*,
        coalesce(found.found_value, 0) as found_value,
        found.last_date,
        date_diff('day', found.first_date, found.last_date) + 1 as history_days,
        requirements.required_value - coalesce(found.found_value, 0) as missing_value
    from {{ ref('ai_requirements') }} as requirements
    left join found on requirements.measure = found.measure

),

final as (

    select
        ai_requirement_key,
        ai_use,
        use_en,
        use_de,
        requirement_en,
        requirement_de,
        unit,
        cast(required_value as bigint) as required_value,
        cast(found_value as bigint) as found_value,
        missing_value <= 0 as is_met,
        cast(greatest(missing_value, 0) as bigint) as missing_value,
        -- Days pass by themselves; all else is expected to go on arriving as it has so far.
        case
            when missing_value <= 0 or coalesce(found_value, 0) = 0 then null
            when unit = 'days' then last_date + cast(missing_value as integer)
            when missing_value * history_days <= 3650 * found_value
                then last_date + cast(ceil(missing_value * history_days / found_value) as integer)
        end as expected_date,
        bool_and(missing_value <= 0) over (partition by ai_use) as is_use_ready,
        evidence,
        rule_source
    from measured

)

select * from final
order by ai_requirement_key
