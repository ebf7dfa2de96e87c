"""Overview: the last day, the month and the year beside plan and previous year, and what stands out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dashboards import charts
from dashboards.measures import MEASURES, available, beside_last_year, total, total_before
from dashboards.parts import Figure, figures, nothing_here, remarks, section
from dashboards.standouts import standouts
from dashboards.tables import Column, table
from dashboards.view import View

_WEEK = ("orders", "order_value", "refunds", "good_quantity", "scrap_rate", "availability", "sessions", "conversion",
         "ad_cost")  # fmt: skip


def show(view: View) -> None:
    """The page."""
    if not view.copy.has("mart_company_daily"):
        nothing_here(view.say("nothing_loaded"))
        return
    say = view.say
    if available(view, "revenue"):
        figures(revenue_figures(view), large=True)
    section(say("stands_out"))
    remarks(standouts(view), say("nothing_stands_out"), say("stands_out_rule"))
    section(say("last_week"), say("last_week_note"))
    figures(week_figures(view))
    if available(view, "revenue"):
        _revenue_by_week(view)
        _months(view)


def revenue_figures(view: View) -> list[Figure]:
    """Revenue of the day, the month to date and the fiscal year to date, each beside what it is measured by."""
    say, day = view.say, view.day
    month, year = day.replace(day=1), fiscal_year_start(day, view.settings.company.fiscal_year_start_month)
    plan = _plan(view, month, year)
    earlier = view.same_weekday_last_year
    return [
        _revenue(view, f"{say('revenue')}, {view.formats.weekday(day)}", day, day, earlier, earlier,
                 say("same_weekday"), None),
        _revenue(view, f"{say('revenue')}, {view.formats.month(day)}", month, day, _year_before(month),
                 _year_before(day), say("previous_year"), plan["month"]),
        _revenue(view, f"{say('revenue')}, {say('year_to_date')}", year, day, _year_before(year), _year_before(day),
                 say("previous_year"), plan["year"]),
    ]  # fmt: skip


def week_figures(view: View) -> list[Figure]:
    """The last seven days beside the seven before them, measure by measure."""
    first, formats = view.day - timedelta(days=6), view.formats
    shown = []
    for name in filter(lambda name: available(view, name), _WEEK):
        value = total(view, name, first, view.day)
        before = total_before(view, name, first - timedelta(days=7), first - timedelta(days=1))
        write = MEASURES[name].write
        change = None if MEASURES[name].unit == "percent" or name == "refunds" else formats.change(value, before)
        shown.append(
            Figure(view.say(name), write(formats, value), ((view.say("week_before"), write(formats, before), change),))
        )
    return shown


def fiscal_year_start(day: date, month: int) -> date:
    """The first day of the fiscal year in which a day lies."""
    return date(day.year if day.month >= month else day.year - 1, month, 1)


def _revenue(
    view: View, label: str, first: date, last: date, first_before: date, last_before: date, before: str, plan: Any
) -> Figure:
    formats = view.formats
    value = total(view, "revenue", first, last)
    earlier = total_before(view, "revenue", first_before, last_before)
    compared = [(before, formats.money(earlier), formats.change(value, earlier))]
    if plan:
        reached = view.say("reached", share=formats.percent(100 * float(value or 0) / float(plan), 0))
        compared.append((view.say("plan"), formats.money(plan), reached))
    return Figure(label, formats.money(value), tuple(compared))


def _plan(view: View, month: date, year: date) -> dict[str, Any]:
    """The plan of the whole month, and of the fiscal year's months up to it."""
    return view.copy.one(
        """select sum(plan_revenue_net_amount) filter (where month_date = ?) as month,
            sum(plan_revenue_net_amount) as year
        from marts.mart_company_monthly where month_date between ? and ?""",
        [month, year, month],
    )


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _revenue_by_week(view: View) -> None:
    """The last full year by weeks, with the weeks of the year before behind it."""
    monday = view.day - timedelta(days=view.day.weekday())
    # A week that is not over yet would look like a collapse.
    last = view.day if view.day.weekday() == 6 else monday - timedelta(days=1)
    first = last - timedelta(weeks=53) + timedelta(days=1)
    frame = beside_last_year(view, "revenue", "week", first, last)
    if frame.empty:
        return
    section(view.say("revenue_by_week"), view.say("revenue_by_week_note"))
    charts.course(view, frame, "week", "value", view.say("revenue"), format=charts.MONEY, earlier="earlier",
                  earlier_label=view.say("previous_year"))  # fmt: skip


def _months(view: View) -> None:
    frame = view.copy.ask(
        """select month_date, revenue_net_amount, plan_revenue_net_amount, plan_attainment_pct,
            previous_year_revenue_net_amount, growth_pct, contribution_amount, orders, new_customers
        from marts.mart_company_monthly where month_date <= ? order by month_date desc""",
        [view.day],
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
