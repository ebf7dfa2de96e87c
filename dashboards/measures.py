"""The metrics of the copy, as pages ask for them: their sums, their course, by name, beside a year ago.

A metric's formula, label and unit come from the catalogue (serving/metrics.py); nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from dashboards.formats import Formats, Grain
from dashboards.view import View
from serving.metrics import Metric, metric_query

Where = Mapping[str, str | None]
"""A value for each dimension that is filtered by; None filters nothing."""


def available(view: View, name: str, where: Where | None = None) -> bool:
    """Whether the copy has rows for this metric, and the metric knows the dimensions that are filtered by."""
    metric = view.copy.metrics.get(name)
    if metric is None or not set(metric.semantic_models) & set(view.copy.first_days):
        return False
    return all(dimension in metric.dimensions for dimension, value in (where or {}).items() if value is not None)


def label(view: View, name: str) -> str:
    """The metric's name in the reader's language."""
    return view.copy.metrics[name].label[view.formats.language]


def write(view: View, name: str, value: Any) -> str:
    """A value of the metric with its unit."""
    return _write(view.formats, view.copy.metrics[name], value)


def chart_format(view: View, name: str) -> str:
    """The metric's unit in Vega's letters."""
    unit = view.copy.metrics[name].unit
    return ".1%" if unit == "share" else "$,.0f" if unit == view.formats.currency else ",.0f"


def totals(view: View, names: Sequence[str], first: date, last: date, where: Where | None = None) -> dict[str, Any]:
    """Each metric over the days from `first` to `last`; None where nothing was."""
    asked = [name for name in names if available(view, name, where)]
    if not asked:
        return {}
    return view.copy.one(*metric_query(_metrics(view, asked), filters=_filters(where), start=first, end=last))


def totals_before(
    view: View, names: Sequence[str], first: date, last: date, where: Where | None = None
) -> dict[str, Any]:
    """Like totals(), to be compared with: None too where data begin later, for part of a period compares nothing."""
    found = totals(view, names, first, last, where)
    return {name: value if first_day(view, name) <= first else None for name, value in found.items()}


def first_day(view: View, name: str) -> date:
    """The first day with data for an available metric."""
    return max(view.copy.first_days.get(model, date.max) for model in view.copy.metrics[name].semantic_models)


def over_time(
    view: View,
    names: Sequence[str],
    grain: Grain,
    first: date,
    last: date,
    *,
    by: Sequence[str] = (),
    where: Where | None = None,
) -> pd.DataFrame:
    """One row per day, week or month (`period`, its first day) and value of the dimensions `by`; a column a metric."""
    sql, values = metric_query(
        _metrics(view, names), grain=grain, group_by=by, filters=_filters(where), start=first, end=last
    )
    return view.copy.ask(sql, values)


def by_name(
    view: View, names: Sequence[str], by: str, first: date, last: date, where: Where | None = None
) -> pd.DataFrame:
    """One row per value of a dimension, largest first by the first metric; a column a metric."""
    sql, values = metric_query(_metrics(view, names), group_by=[by], filters=_filters(where), start=first, end=last)
    return view.copy.ask(sql, values).sort_values(names[0], ascending=False, ignore_index=True)


def beside_last_year(
    view: View, name: str, grain: Grain, first: date, last: date, where: Where | None = None
) -> pd.DataFrame:
    """A metric's course with `earlier`: its value 52 weeks before, for months that of the month a year before."""
    shift = pd.DateOffset(years=1) if grain == "month" else timedelta(weeks=52)
    before = [(pd.Timestamp(day) - shift).date() for day in (first, last)]
    earlier = over_time(view, [name], grain, *before, where=where)
    # A week or month of which the data hold only the end would look like a bad one.
    earlier = earlier[earlier["period"] >= pd.Timestamp(first_day(view, name))]
    earlier = earlier.assign(period=earlier["period"] + shift).rename(columns={name: "earlier"})
    return over_time(view, [name], grain, first, last, where=where).merge(earlier, on="period", how="left")


def options(view: View, dimension: str, name: str) -> list[str]:
    """The values of a metric's dimension, to be chosen from."""
    if not available(view, name):
        return []
    sql, values = metric_query(_metrics(view, [name]), group_by=[dimension])
    return sorted(view.copy.ask(sql, values)[dimension])


def _write(formats: Formats, metric: Metric, value: Any) -> str:
    if value is not None and metric.unit == "share":
        return formats.percent(100 * value)
    if metric.unit == formats.currency:
        return formats.money(value, 2 if value is not None and abs(value) < 100 else 0)
    if metric.unit == "minutes":
        return formats.duration(value)
    return formats.number(value, 1 if metric.unit == "ratio" else 0)


def _metrics(view: View, names: Sequence[str]) -> list[Metric]:
    return [view.copy.metrics[name] for name in names]


def _filters(where: Where | None) -> dict[str, list[str]]:
    return {dimension: [value] for dimension, value in (where or {}).items() if value is not None}
