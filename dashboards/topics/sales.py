"""Sales: revenue, orders and refunds over time, by channel and by product group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from dashboards import charts
from dashboards.filters import Period, choose, choose_period, filter_row
from dashboards.measures import MEASURES, beside_last_year, options, over_time, total, total_before
from dashboards.parts import Figure, figures, nothing_here, section
from dashboards.tables import Column, table
from dashboards.view import View

_FIGURES = ("revenue", "orders", "order_value", "quantity", "refunds")


def show(view: View) -> None:
    """The page."""
    if not view.copy.has("mart_sales_daily"):
        nothing_here(view.say("no_sales"))
        return
    with filter_row():
        period = choose_period(view, "mart_sales_daily", "sales_date")
        channel = choose(view, "channel", options(view, "mart_sales_daily", "channel"))
    where = {"channel": channel}
    figures(_figures(view, period, where))
    _over_time(view, period, where)
    if channel is None:
        _by_channel(view, period)
    _product_groups(view, period, channel)
    _days(view, period, where)


def _figures(view: View, period: Period, where: Mapping[str, str | None]) -> list[Figure]:
    shown = []
    for name in _FIGURES:
        measure = MEASURES[name]
        value = total(view, name, period.first, period.last, where)
        year = timedelta(weeks=52)
        before = total_before(view, name, period.first - year, period.last - year, where)
        change = None if name == "refunds" else view.formats.change(value, before)
        compared = ((view.say("previous_year"), measure.write(view.formats, before), change),)
        shown.append(Figure(view.say(name), measure.write(view.formats, value), compared))
    return shown


def _over_time(view: View, period: Period, where: Mapping[str, str | None]) -> None:
    grain = period.grain
    frame = beside_last_year(view, "revenue", grain, period.first, period.last, where)
    section(view.say(f"revenue_by_{grain}"), view.say("earlier_note"))
    charts.course(view, frame, grain, "value", view.say("revenue"), format=charts.MONEY, earlier="earlier",
                  earlier_label=view.say("previous_year"))  # fmt: skip


def _by_channel(view: View, period: Period) -> None:
    frame = over_time(view, "revenue", period.grain, period.first, period.last, by="channel")
    if frame["channel"].nunique() < 2:
        return
    section(view.say("revenue_by_channel"))
    charts.stacked(view, frame, period.grain, "value", "channel", format=charts.MONEY)


def _product_groups(view: View, period: Period, channel: str | None) -> None:
    frame = view.copy.ask(
        """select coalesce(product_group, ?) as product_group, sum(line.net_amount) as value
        from marts.fct_sales_line as line join marts.dim_product using (product_key)
        where line.is_revenue and line.document_date between ? and ? and (? is null or line.channel = ?)
        group by all order by value desc""",
        [view.say("other"), *period.bounds, channel, channel],
    )
    if len(frame) < 2:
        return
    section(view.say("revenue_by_product_group"))
    charts.bars(view, frame, "product_group", "value", format=charts.MONEY)


def _days(view: View, period: Period, where: Mapping[str, str | None]) -> None:
    frame = view.copy.ask(
        """select sales_date, channel, orders, quantity, revenue_net_amount, refund_net_amount, revenue_gross_amount
        from marts.mart_sales_daily where sales_date between ? and ? and (? is null or channel = ?)
        order by sales_date desc, channel""",
        [*period.bounds, where["channel"], where["channel"]],
    )
    section(view.say("sales_days"))
    table(
        view,
        "sales_days",
        frame,
        [
            Column("sales_date", "day", "date"),
            Column("channel", "channel"),
            Column("orders", "orders", "number"),
            Column("quantity", "quantity", "number"),
            Column("revenue_net_amount", "revenue", "cents"),
            Column("refund_net_amount", "refunds", "cents"),
            Column("revenue_gross_amount", "revenue_gross", "cents"),
        ],
        rows=14,
    )
