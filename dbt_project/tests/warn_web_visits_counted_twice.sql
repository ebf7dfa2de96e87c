{{ config(severity='warn') }}

select
    page_host,
    min(source_name) as source_name,
    max(source_name) as other_source_name,
    count(distinct event_date) as day_count
from {{ ref('fct_web_event') }}
where is_counted and event_source <> 'access_log' and page_host is not null
group by page_host
having count(distinct source_name) > 1
