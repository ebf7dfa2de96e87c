"""The measures that pages show, asked of the copy by day, week, month and by name.

Which mart holds a measure and how it is summed stands here once; no page has a formula of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import pandas as pd

from dashboards.formats import Formats, Grain
from dashboards.view import View

Unit = Literal["money", "number", "percent", "minutes"]


@dataclass(frozen=True)
class Measure:
    """Where a measure comes from: mart, column of the day, SQL over its rows, unit."""

    mart: str
    day: str
    sql: str
    unit: Unit = "number"

    def write(self, formats: Formats, value: Any) -> str:
        """A value as it is read."""
        return {"money": formats.money, "percent": formats.percent}.get(self.unit, formats.number)(value)


_OEE = "mart_oee_daily", "production_date"
_FUNNEL = "mart_web_funnel_daily", "funnel_date"
_SALES = "mart_sales_daily", "sales_date"
_MARKETING = "mart_marketing_daily", "marketing_date"

MEASURES = {
    "revenue": Measure(*_SALES, "sum(revenue_net_amount)", "money"),
    "orders": Measure(*_SALES, "sum(orders)"),
    "quantity": Measure(*_SALES, "sum(quantity)"),
    "refunds": Measure(*_SALES, "sum(refund_net_amount)", "money"),
    "order_value": Measure(*_SALES, "sum(revenue_net_amount) / nullif(sum(orders), 0)", "money"),
    "good_quantity": Measure(*_OEE, "sum(good_quantity)"),
    "scrap_quantity": Measure(*_OEE, "sum(scrap_quantity)"),
    "scrap_rate": Measure(
        *_OEE, "100.0 * sum(scrap_quantity) / nullif(sum(good_quantity) + sum(scrap_quantity), 0)", "percent"
    ),
    "availability": Measure(*_OEE, "100.0 * sum(running_minutes) / nullif(sum(planned_minutes), 0)", "percent"),
    "sessions": Measure(*_FUNNEL, "sum(sessions)"),
    "purchases": Measure(*_FUNNEL, "sum(purchases)"),
    "conversion": Measure(*_FUNNEL, "100.0 * sum(purchases) / nullif(sum(sessions), 0)", "percent"),
    "ad_cost": Measure(*_MARKETING, "sum(cost_amount)", "money"),
}


def available(view: View, name: str) -> bool:
    """Whether the copy holds rows for this measure."""
    return view.copy.has(MEASURES[name].mart)


def total(view: View, name: str, first: date, last: date, where: Mapping[str, str | None] | None = None) -> Any:
    """The measure over days `first` to `last`; None without data."""
    measure = MEASURES[name]
    if not available(view, name):
        return None
    condition, values = _filtered(where)
    return view.copy.one(
        f"select {measure.sql} as value from marts.{measure.mart} where {measure.day} between ? and ?{condition}",
        [first, last, *values],
    )["value"]


def total_before(view: View, name: str, first: date, last: date, where: Mapping[str, str | None] | None = None) -> Any:
    """Like total(), to be compared with; None too where data begin later, because part of a period compares nothing."""
    begin = oldest(view, name)
    return total(view, name, first, last, where) if begin is not None and begin <= first else None


def oldest(view: View, name: str) -> date | None:
    """The first day with data for this measure."""
    measure = MEASURES[name]
    if not available(view, name):
        return None
    day = view.copy.one(f"select min({measure.day}) as day from marts.{measure.mart}")["day"]
    return None if day is None else day.date()


def beside_last_year(
    view: View, name: str, grain: Grain, first: date, last: date, where: Mapping[str, str | None] | None = None
) -> pd.DataFrame:
    """Like over_time(), with `earlier`: the value 52 weeks before, for months that of the month a year before."""
    begin = oldest(view, name) or last
    shift = pd.DateOffset(years=1) if grain == "month" else timedelta(weeks=52)
    earlier = over_time(view, name, grain, _earlier(first, shift), _earlier(last, shift), where=where)
    # A week or month of which the data hold only the end would look like a bad one.
    earlier = earlier[earlier["period"] >= pd.Timestamp(begin)]
    earlier = earlier.assign(period=earlier["period"] + shift).rename(columns={"value": "earlier"})
    return over_time(view, name, grain, first, last, where=where).merge(earlier, on="period", how="left")


def over_time(
    view: View,
    name: str,
    grain: Grain,
    first: date,
    last: date,
    *,
    by: str | None = None,
    where: Mapping[str, str | None] | None = None,
) -> pd.DataFrame:
    """One row per day, week or month (`period`, its first day), and per value of the column `by`; `value`."""
    measure = MEASURES[name]
    condition, values = _filtered(where)
    split = f", {by}" if by else ""
    return view.copy.ask(
        f"select date_trunc('{grain}', {measure.day}) as period{split}, {measure.sql} as value "
        f"from marts.{measure.mart} where {measure.day} between ? and ?{condition} group by all order by all",
        [first, last, *values],
    )


def by_name(
    view: View, name: str, by: str, first: date, last: date, where: Mapping[str, str | None] | None = None
) -> pd.DataFrame:
    """One row per value of the column `by`, largest first; `value`."""
    measure = MEASURES[name]
    condition, values = _filtered(where)
    return view.copy.ask(
        f"select {by}, {measure.sql} as value from marts.{measure.mart} "
        f"where {measure.day} between ? and ?{condition} group by all order by value desc, {by}",
        [first, last, *values],
    )


def options(view: View, mart: str, column: str) -> list[str]:
    """The values of a column, to be chosen from."""
    if not view.copy.has(mart):
        return []
    frame = view.copy.ask(f"select distinct {column} as name from marts.{mart} where {column} is not null order by 1")
    return list(frame["name"])


def _earlier(day: date, by: timedelta | pd.DateOffset) -> date:
    return (pd.Timestamp(day) - by).date()


def _filtered(where: Mapping[str, str | None] | None) -> tuple[str, list[str]]:
    chosen = {column: value for column, value in (where or {}).items() if value is not None}
    return "".join(f" and {column} = ?" for column in chosen), list(chosen.values())
