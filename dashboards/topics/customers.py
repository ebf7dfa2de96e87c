"""Customers: who buys, who comes back, who has not for longer than usual. Under pseudonyms, never by name."""

from __future__ import annotations

from dashboards import charts
from dashboards.comparing import beside_last_year
from dashboards.filters import Period, choose_period, filter_row
from dashboards.measures import available, first_day
from dashboards.parts import figures, nothing_here, section
from dashboards.tables import Column, table
from dashboards.view import View

_FIGURES = ("customers", "new_customers", "repeat_rate", "average_order_value", "contribution_margin_rate")
# A customer who is later than this is more likely gone than late.
_LATE_DAYS = 90


def show(view: View) -> None:
    """The page."""
    if not view.copy.has("mart_customer_360") or not available(view, "orders"):
        nothing_here(view.say("no_sales"))
        return
    with filter_row():
        period = choose_period(view, first_day(view, "orders"))
    figures(beside_last_year(view, _FIGURES, period))
    _segments(view)
    _cohorts(view, period)
    _overdue(view)
    _largest(view)


def _segments(view: View) -> None:
    frame = view.copy.ask(
        """select segment, count(*) as customers, sum(revenue_net_amount) as revenue_net_amount,
            sum(contribution_amount) as contribution_amount, median(recency_days) as recency_days
        from marts.mart_customer_360 where segment <> 'no_order' group by all order by revenue_net_amount desc"""
    )
    frame["segment"] = [view.name_of("segment", name) for name in frame["segment"]]
    section(view.say("segments"), view.say("segments_note"))
    charts.bars(view, frame, "segment", "revenue_net_amount", format=charts.MONEY)
    table(
        view,
        "segments",
        frame,
        [
            Column("segment", "segment"),
            Column("customers", "customers", "number"),
            Column("revenue_net_amount", "revenue", "money"),
            Column("contribution_amount", "contribution", "money"),
            Column("recency_days", "recency_days", "number"),
        ],
    )


def _cohorts(view: View, period: Period) -> None:
    if not view.copy.has("mart_cohort_retention"):
        return
    frame = view.copy.ask(
        """select cohort_month, months_since_first, retention_pct / 100 as retention from marts.mart_cohort_retention
        where months_since_first between 1 and 12 and cohort_month > ?::date - interval 15 month order by all""",
        [view.day],
    )
    if frame.empty:
        return
    frame["cohort"] = [view.formats.month(month) for month in frame["cohort_month"]]
    frame["after"] = [str(number) for number in frame["months_since_first"]]
    section(view.say("cohorts"), view.say("cohorts_note"))
    charts.grid(view, frame, "cohort", "after", "retention", format=charts.SHARE)


def _overdue(view: View) -> None:
    frame = view.copy.ask(
        """select customer_key, customer_group, last_order_date, expected_next_order_date, usual_days_between_orders,
            order_count, revenue_net_amount
        from marts.mart_customer_360 where expected_next_order_date between ?::date - ?::integer and ?
        order by revenue_net_amount desc""",
        [view.day, _LATE_DAYS, view.day],
    )
    if frame.empty:
        return
    section(view.say("overdue"), view.say("overdue_note"))
    table(
        view,
        "overdue",
        frame,
        [
            Column("customer_key", "customer", "key"),
            Column("customer_group", "customer_group"),
            Column("last_order_date", "last_order", "date"),
            Column("expected_next_order_date", "expected", "date"),
            Column("usual_days_between_orders", "usual_days", "number"),
            Column("order_count", "orders", "number"),
            Column("revenue_net_amount", "revenue", "money"),
        ],
        rows=10,
    )


def _largest(view: View) -> None:
    frame = view.copy.ask(
        """select customer_key, customer_group, country, segment, last_order_date, order_count, revenue_net_amount,
            contribution_amount, return_rate_pct
        from marts.mart_customer_360 where order_count > 0 order by revenue_net_amount desc, customer_key limit 1000"""
    )
    frame["segment"] = [view.name_of("segment", name) for name in frame["segment"]]
    section(view.say("largest_customers"), view.say("largest_customers_note"))
    table(
        view,
        "largest_customers",
        frame,
        [
            Column("customer_key", "customer", "key"),
            Column("customer_group", "customer_group"),
            Column("country", "country"),
            Column("segment", "segment"),
            Column("last_order_date", "last_order", "date"),
            Column("order_count", "orders", "number"),
            Column("revenue_net_amount", "revenue", "money"),
            Column("contribution_amount", "contribution", "money"),
            Column("return_rate_pct", "return_rate", "percent"),
        ],
        rows=12,
    )
