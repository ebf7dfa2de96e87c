-- A slice is a file: a row is made of one result.
{{ config(
    materialized="slices",
    meta={"slices": {
        "by": "file_id",
        "rows": ["inspections"],
        "references": {
            "int_reference__product_version": {
                "key": "product_key", "column": "product_key",
                "of": ["product_version_key", "valid_from", "valid_to"]
            }
        },
        "fixed": ["int_calendar__utc_hour"]
    }}
) }}

with

inspections as (

    select * from {{ ref('stg_inspections__result') }}

),

hours as (

    select * from {{ ref('int_calendar__utc_hour') }}

),

product_versions as (

    select
        product_version_key,
        product_key,
        valid_from,
        valid_to
    from {{ ref('int_reference__product_version') }}

),

final as (

    select
        inspections.source_name || ':' || inspections.inspection_number || ':' || inspections.characteristic
            as inspection_key,
        inspections.source_name,
        inspections.inspection_number,
        inspections.work_order_number,
        coalesce(inspections.product_key, 'unknown') as product_key,
        coalesce(
            product_versions.product_version_key,
            {{ first_version_key("coalesce(inspections.product_key, 'unknown')") }}
        ) as product_version_key,
        inspections.characteristic,
        inspections.unit,
        inspections.inspected_at,
        cast(inspections.inspected_at + hours.utc_offset as date) as inspection_date,
        inspections.measured_value,
        inspections.nominal_value,
        inspections.lower_limit,
        inspections.upper_limit,
        case
            when inspections.result is not null then inspections.result
            when inspections.measured_value < inspections.lower_limit then 'fail'
            when inspections.measured_value > inspections.upper_limit then 'fail'
            when
                inspections.measured_value is not null
                and coalesce(inspections.lower_limit, inspections.upper_limit) is not null
                then 'pass'
            else 'unknown'
        end as result,
        inspections.result is null as is_judged_by_limits,
        inspections.file_id,
        inspections.loaded_at
    from inspections
    left join hours on date_trunc('hour', inspections.inspected_at) = hours.hour_at
    left join product_versions
        on
            inspections.product_key = product_versions.product_key
            and cast(inspections.inspected_at + hours.utc_offset as date)
            between product_versions.valid_from and product_versions.valid_to

)

select * from final
