"""Sales: revenue, orders and returns over time, by channel and by product group."""

from __future__ import annotations

from dashboards import charts
from dashboards.comparing import beside_last_year as figures_beside_last_year
from dashboards.filters import Period, choose, choose_period, filter_row, whole_note
from dashboards.measures import Where, available, beside_last_year, by_name, first_day, options, over_time
from dashboards.parts import figures, nothing_here, section
from dashboards.tables import Column, table
from dashboards.view import View

REVENUE = "net_revenue"
_FIGURES = (REVENUE, "orders", "average_order_value", "quantity_sold", "contribution_margin", "goods_margin_rate",
            "returns", "return_rate")  # fmt: skip


def show(view: View) -> None:
    """The page."""
    if not available(view, REVENUE):
        nothing_here(view.say("no_sales"))
        return
    with filter_row():
        period = choose_period(view, first_day(view, REVENUE))
        where = {
            "channel": choose(view, "channel", options(view, "channel", REVENUE)),
            "product_group": choose(view, "product_group", options(view, "product_group", REVENUE)),
        }
    figures(figures_beside_last_year(view, _FIGURES, period, where))
    frame = beside_last_year(view, REVENUE, period.grain, *period.whole.bounds, where)
    earlier = view.say("earlier_note") if frame["earlier"].notna().any() else ""
    section(view.say(f"revenue_by_{period.grain}"), earlier, whole_note(view, period))
    charts.course(view, frame, period.grain, REVENUE, earlier="earlier")
    _by_channel(view, period, where)
    _by_product_group(view, period, where)
    _days(view, period, where)


def _by_channel(view: View, period: Period, where: Where) -> None:
    frame = over_time(view, [REVENUE], period.grain, *period.whole.bounds, by=["channel"], where=where)
    if frame["channel"].nunique() > 1:
        section(view.say("revenue_by_channel"), whole_note(view, period))
        charts.stacked(view, frame, period.grain, REVENUE, "channel")


def _by_product_group(view: View, period: Period, where: Where) -> None:
    frame = by_name(view, [REVENUE], "product_group", period.first, period.last, where)
    if len(frame) > 1:
        frame["product_group"] = [view.name_of("product_group", name) for name in frame["product_group"]]
        section(view.say("revenue_by_product_group"))
        charts.bars(view, frame, "product_group", REVENUE)


def _days(view: View, period: Period, where: Where) -> None:
    shown = [name for name in (REVENUE, "orders", "quantity_sold", "returns") if available(view, name, where)]
    frame = over_time(view, shown, "day", period.first, period.last, by=["channel"], where=where)
    section(view.say("sales_days"))
    kinds = {REVENUE: "cents", "returns": "cents"}
    columns = [Column(name, name, kinds.get(name, "number")) for name in shown]
    table(
        view,
        "sales_days",
        frame.sort_values(["period", "channel"], ascending=[False, True]),
        [Column("period", "day", "date"), Column("channel", "channel"), *columns],
        rows=14,
    )
