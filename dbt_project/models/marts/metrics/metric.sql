-- Where metrics cannot be added, they are computed from these.
-- depends_on: {{ ref('fct_order') }}
-- depends_on: {{ ref('dim_channel') }}
with

company as (

    select * from {{ source('ops', 'company') }}

),

metrics as (

    {{ metric_rows() }}

),

final as (

    select
        metrics.* exclude (unit),
        case when metrics.unit = 'currency' then company.currency else metrics.unit end as unit
    from metrics
    cross join company

)

select * from final
order by domain, metric_name
