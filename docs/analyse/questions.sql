-- Twenty questions and their SQL, to be copied into `kontor sql`, a notebook or a BI tool. Each ends with a semicolon;
-- the line above it is the question. Amounts are net and in company currency.

-- 1. How did the last seven days go?
select company_date, orders, revenue_net_amount, good_quantity, web_sessions
from mart_company_daily order by company_date desc limit 7;

-- 2. How do this year's months compare with the year before?
select company_month_key, revenue_net_amount, previous_year_revenue_net_amount, growth_pct
from mart_company_monthly order by company_month_key desc limit 12;

-- 3. What does each channel bring, month by month?
select date_trunc('month', sales_date) as month, channel, sum(revenue_net_amount) as revenue
from mart_sales_daily group by all order by month desc, revenue desc;

-- 4. On which weekday do orders come?
select dayname(sales_date) as weekday, sum(orders) as orders, sum(revenue_net_amount) as revenue
from mart_sales_daily group by all order by revenue desc;

-- 5. Which articles earned the most?
select article_number, sum(net_amount) as revenue, sum(quantity) as quantity
from fct_sales_line where is_revenue and line_kind = 'product'
group by all order by revenue desc limit 10;

-- 6. How many customers are in which segment, and what did they spend?
select segment, count(*) as customers, sum(revenue_net_amount) as revenue
from mart_customer_360 group by all order by revenue desc;

-- 7. Who has not bought for six weeks, though they used to spend much?
select customer_key, last_order_date, revenue_net_amount
from mart_customer_360 where last_order_date < (select max(last_order_date) - 42 from mart_customer_360)
order by revenue_net_amount desc limit 10;

-- 8. Which articles are bought together?
select * from mart_product_affinity order by lift desc limit 10;

-- 9. What share of a month's new customers comes back?
select * from mart_cohort_retention order by 1 limit 20;

-- 10. How large is the share of refunds?
select date_trunc('month', sales_date) as month,
    round(-100 * sum(refund_net_amount) / nullif(sum(revenue_net_amount) - sum(refund_net_amount), 0), 1) as refund_pct
from mart_sales_daily group by all order by month desc;

-- 11. How many documents count as sales, and why do the others not?
select coalesce(not_counted_reason, 'counts') as reason, count(distinct document_number) as documents
from fct_sales_line group by all order by documents desc;

-- 12. Which machine stood still for how long in the last 30 days?
select machine_key, sum(down_minutes) as down_minutes, sum(planned_minutes) as planned_minutes
from mart_oee_daily where production_date > (select max(production_date) - 30 from mart_oee_daily)
group by all order by down_minutes desc;

-- 13. How available was each machine, month by month? Sums are divided, percentages never averaged.
select machine_key, date_trunc('month', production_date) as month,
    round(100 * sum(running_minutes) / nullif(sum(planned_minutes), 0), 1) as availability_pct
from mart_oee_daily group by all order by machine_key, month;

-- 14. Why are pieces rejected?
select scrap_reason, sum(scrap_quantity) as pieces from fct_scrap group by all order by pieces desc;

-- 15. How long does a work order take, and how many are late?
select date_trunc('month', ended_date) as month, count(*) as orders, avg(lead_time_minutes) / 60 as hours,
    count(*) filter (where is_late) as late
from mart_work_order_lead_time where ended_date is not null group by all order by month desc;

-- 16. On which days was quality out of control?
select quality_date, characteristic, failure_rate_pct, upper_limit_pct
from mart_quality_daily where inspected > 0 order by is_out_of_control desc, quality_date desc limit 20;

-- 17. Where do visitors drop out on their way to the purchase?
select channel, sum(sessions) as sessions, sum(product_view_sessions) as viewed,
    sum(add_to_cart_sessions) as cart, sum(checkout_sessions) as checkout, sum(purchases) as purchases
from mart_web_funnel_daily group by all order by sessions desc;

-- 18. Which campaign earns more than it costs?
select campaign, sum(cost_amount) as cost, sum(revenue_net_amount) as revenue,
    sum(contribution_after_cost_amount) as left_over
from mart_marketing_daily group by all order by left_over desc nulls last;

-- 19. Do sales, invoices and books tell the same?
select * from mart_revenue_reconciliation order by 1 desc limit 12;

-- 20. As of when are the data?
select published_at, run_id, table_count from publication;
