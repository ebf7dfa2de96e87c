"""Overview: the last day, the month and the year beside plan and previous year, and what stands out."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from dashboards import charts
from dashboards.comparing import last_week, year_before
from dashboards.filters import Period, fiscal_year_start
from dashboards.measures import available, beside_last_year, label, totals, totals_before, write
from dashboards.parts import Figure, figures, nothing_here, remarks, section
from dashboards.standouts import standouts
from dashboards.tables import Column, table
from dashboards.view import View

REVENUE = "net_revenue"
WEEK = ("orders", "average_order_value", "contribution_margin", "good_pieces", "scrap_rate", "oee", "web_sessions",
        "conversion_rate", "ad_cost")  # fmt: skip


def show(view: View) -> None:
    """The page."""
    if not view.copy.first_days:
        nothing_here(view.say("nothing_loaded"))
        return
    say = view.say
    if available(view, REVENUE):
        figures(revenue_figures(view), large=True)
    section(say("stands_out"))
    remarks(standouts(view), say("nothing_stands_out"), say("stands_out_rule"))
    section(say("last_week"), say("last_week_note"))
    figures(last_week(view, WEEK))
    if available(view, REVENUE):
        _by_week(view)
        _months(view)


def revenue_figures(view: View) -> list[Figure]:
    """Revenue of the day, the month to date and the fiscal year to date, each beside what it is measured by."""
    say, day, formats = view.say, view.day, view.formats
    month, year = day.replace(day=1), fiscal_year_start(day, view.settings.company.fiscal_year_start_month)
    weekday = view.same_weekday_last_year
    return [
        _revenue(view, f"{formats.weekday(day)}, {formats.date(day)}", Period(day, day), Period(weekday, weekday),
                 say("same_weekday"), None),
        _revenue(view, formats.month(day), Period(month, day), _a_year_before(month, day), say("previous_year"), month),
        _revenue(view, say("year_to_date"), Period(year, day), _a_year_before(year, day), say("previous_year"), year),
    ]  # fmt: skip


def weeks_beside_last_year(view: View) -> pd.DataFrame:
    """Revenue of the last 53 whole ISO weeks: `period`, `net_revenue`, `earlier`."""
    # A week that is not over yet would look like a collapse.
    last = view.day - timedelta(days=(view.day.weekday() + 1) % 7)
    return beside_last_year(view, REVENUE, "week", last - timedelta(weeks=53) + timedelta(days=1), last)


def _revenue(view: View, when: str, period: Period, before: Period, called: str, planned: date | None) -> Figure:
    """One figure; `planned` is the first of the months whose plan it is measured by."""
    value = totals(view, [REVENUE], period.first, period.last)[REVENUE]
    earlier = totals_before(view, [REVENUE], before.first, before.last)[REVENUE]
    compared = [(called, write(view, REVENUE, earlier), view.formats.change(value, earlier))]
    plan = totals(view, ["plan_revenue"], planned, view.day).get("plan_revenue") if planned else None
    if plan:
        name = view.say("plan" if planned.month == view.day.month else "plan_until", month=view.formats.month(view.day))
        share = view.formats.percent(100 * float(value or 0) / float(plan), 0)
        compared.append((name, write(view, "plan_revenue", plan), share))
    return Figure(f"{label(view, REVENUE)}, {when}", write(view, REVENUE, value), tuple(compared))


def _a_year_before(first: date, last: date) -> Period:
    return Period(year_before(first), year_before(last))


def _by_week(view: View) -> None:
    frame = weeks_beside_last_year(view)
    if len(frame) < 2:
        return
    section(view.say("revenue_by_week"), view.say("revenue_by_week_note"))
    charts.course(view, frame, "week", REVENUE, earlier="earlier")


def _months(view: View) -> None:
    # A part of a month beside a whole one is no growth.
    frame = view.copy.ask(
        """select month_date, revenue_net_amount, plan_revenue_net_amount, plan_attainment_pct,
            previous_year_revenue_net_amount, case when last_day(month_date) <= ? then growth_pct end as growth_pct,
            contribution_amount, orders, new_customers
        from marts.mart_company_monthly where month_date <= ? order by month_date desc""",
        [view.day, view.day],
    )
    section(view.say("months"), view.say("months_note"))
    planned = frame["plan_revenue_net_amount"].notna().any()
    table(
        view,
        "months",
        frame,
        [
            Column("month_date", "month", "month"),
            Column("revenue_net_amount", "revenue", "money"),
            *([Column("plan_revenue_net_amount", "plan", "money")] if planned else []),
            *([Column("plan_attainment_pct", "attainment", "percent")] if planned else []),
            Column("previous_year_revenue_net_amount", "previous_year", "money"),
            Column("growth_pct", "growth", "percent"),
            Column("contribution_amount", "contribution", "money"),
            Column("orders", "orders", "number"),
            Column("new_customers", "new_customers", "number"),
        ],
        rows=13,
    )
