with

source as (

    select * from {{ source('raw', 'targets') }}

),

renamed as (

    select
        _source as source_name,
        _file_id as file_id,
        _line as file_line,
        _loaded_at as loaded_at,
        coalesce(plan, 'plan') as plan,
        cast(date_trunc('month', target_month) as date) as target_month,
        lower(measure) as measure,
        amount,
        unit,
        channel,
        product_group
    from source

)

select * from renamed
