with

versions as (

    select * from {{ ref('int_reference__customer_version') }}

),

final as (

    select
        customer_version_key,
        customer_key,
        version_number,
        valid_from,
        valid_to,
        is_current,
        country,
        region,
        customer_group,
        is_company,
        is_listed
    from versions
    union all
    select
        {{ first_version_key("'unknown'") }} as customer_version_key,
        'unknown' as customer_key,
        1 as version_number,
        date '1900-01-01' as valid_from,
        date '2199-12-31' as valid_to,
        true as is_current,
        null as country,
        null as region,
        null as customer_group,
        null as is_company,
        false as is_listed

)

select * from final
