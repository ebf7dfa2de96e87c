{{ config(severity='warn') }}

with

batches as (

    select distinct
        source_name,
        file_id,
        consultant_number,
        client_number,
        period_from,
        period_to
    from {{ ref('stg_datev_bookings__booking') }}

)

select
    batches.source_name,
    batches.consultant_number,
    batches.client_number,
    batches.period_from,
    batches.period_to,
    others.period_from as other_period_from,
    others.period_to as other_period_to
from batches
inner join batches as others
    on
        batches.source_name = others.source_name
        and batches.consultant_number = others.consultant_number
        and batches.client_number = others.client_number
        and batches.file_id < others.file_id
        and batches.period_from <= others.period_to
        and batches.period_to >= others.period_from
