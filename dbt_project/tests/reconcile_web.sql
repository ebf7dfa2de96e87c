-- Every raw event and request is in the marts once, every purchase is counted once, and advertising costs what it cost.
with

expected as (

    select
        _source as source_name,
        'ga4' as measure,
        count(*) as amount
    from {{ source('raw', 'ga4_events') }}
    group by _source
    union all
    select
        _source as source_name,
        'access_log' as measure,
        count(*) as amount
    from {{ source('raw', 'access_log') }}
    group by _source
    union all
    select
        _source as source_name,
        'matomo' as measure,
        sum(greatest(coalesce(json_array_length(action_details), 0), 1)) as amount
    from {{ source('raw', 'matomo_visits') }}
    group by _source
    union all
    select
        _source as source_name,
        'ga4 items' as measure,
        sum(json_array_length(items)) as amount
    from {{ source('raw', 'ga4_events') }}
    group by _source
    union all
    select
        _source as source_name,
        'cost' as measure,
        sum(cost) as amount
    from {{ source('raw', 'ad_costs') }}
    group by _source

),

actual as (

    select
        source_name,
        event_source as measure,
        count(*) as amount
    from {{ ref('fct_web_event') }}
    group by source_name, event_source
    union all
    select
        source_name,
        event_source || ' items' as measure,
        count(*) as amount
    from {{ ref('fct_web_item') }}
    where event_source = 'ga4'
    group by source_name, event_source
    union all
    select
        source_name,
        'cost' as measure,
        sum(document_cost_amount) as amount
    from {{ ref('fct_ad_cost') }}
    where source_name in (select ad_costs._source from {{ source('raw', 'ad_costs') }} as ad_costs)
    group by source_name

)

{{ disagreements('expected', 'actual') }}
