with

source as (

    select * from {{ source('raw', 'datev_account_labels') }}

),

renamed as (

    select
        _source as source_name,
        _loaded_at as loaded_at,
        consultant_number,
        client_number,
        account_number,
        account_name,
        coalesce(language, 'de-DE') as language_code
    from source

)

select * from renamed
