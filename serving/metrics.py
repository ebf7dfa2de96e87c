"""The metrics of the published copy: what there is, and the SQL that computes it for a period, a selection, a grouping.

Every formula stands in dbt_project/models/metrics/ and comes here as the mart `metric`; nothing that shows numbers has
one of its own. For a page, a report, a notebook:

    metrics = load_metrics(connection)
    sql, values = metric_query(
        [metrics["net_revenue"], metrics["average_order_value"]],
        grain="month", group_by=["channel"], filters={"channel": ["Shop", "B2B"]}, start=date(2026, 1, 1),
    )
    frame = connection.execute(sql, values).df()    # period, channel, net_revenue, average_order_value

A ratio is the sum of its numerators over the sum of its denominators in whatever rows are asked for, so that a month is
no mean of its days. Shares are shares: 0.25 is 25 %. Words and units for people stand in each `Metric`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Literal, get_args

import duckdb

from serving.errors import ServingError
from serving.quoting import quoted

Grain = Literal["day", "week", "month", "quarter", "year"]


class MetricError(ServingError):
    """A metric was asked for something it cannot tell; the text says what it can."""


@dataclass(frozen=True)
class Metric:
    """One row of the mart `metric`. Texts by language, "en" and "de".

    unit: a currency code, "share", "minutes" or what is counted. direction: whether "more" or "less" is better, or
    "neutral". grain: the shortest period it exists for. dimensions: by what it may be grouped and filtered.
    """

    name: str
    domain: str
    label: Mapping[str, str]
    description: Mapping[str, str]
    formula: Mapping[str, str]
    unit: str
    direction: str
    is_additive: bool
    grain: str
    dimensions: tuple[str, ...]
    semantic_models: tuple[str, ...]
    relation: str
    expression: str


def load_metrics(connection: duckdb.DuckDBPyConnection, schema: str = "marts") -> dict[str, Metric]:
    """The catalogue of the published copy, by the metrics' names, domain by domain."""
    rows = connection.execute(
        f"""
        select
            metric_name, domain, label_en, label_de, description_en, description_de, formula_en, formula_de,
            unit, direction, is_additive, grain, dimensions, semantic_models, relation, expression
        from {schema}.metric
        order by domain, metric_name
        """
    ).fetchall()
    return {
        name: Metric(
            name,
            domain,
            {"en": label_en, "de": label_de},
            {"en": description_en, "de": description_de},
            {"en": formula_en, "de": formula_de},
            unit,
            direction,
            is_additive,
            grain,
            _listed(dimensions),
            _listed(semantic_models),
            relation,
            expression,
        )
        for (
            name, domain, label_en, label_de, description_en, description_de, formula_en, formula_de,
            unit, direction, is_additive, grain, dimensions, semantic_models, relation, expression,
        ) in rows
    }  # fmt: skip


def metric_query(
    metrics: Sequence[Metric],
    *,
    grain: Grain | None = None,
    group_by: Sequence[str] = (),
    filters: Mapping[str, Sequence[str]] | None = None,
    start: date | None = None,
    end: date | None = None,
) -> tuple[str, list[Any]]:
    """The SQL of these metrics and the values of its parameters.

    Columns: `period` (the first day of each `grain`; none without a grain), those of `group_by`, one for each metric
    under its name; ordered by period and group. Only periods and groups with data have a row; a metric without data in
    one that has others is NULL. `start` and `end` are both included; a figure that exists by month only counts with the
    whole month in which `start` lies. A filter without values filters nothing.

    Raises MetricError for a dimension or a grain that one of the metrics does not have.
    """
    if not metrics:
        raise MetricError("No metric was named. Those there are: select metric_name from metric.")
    chosen = {name: list(values) for name, values in (filters or {}).items() if values}
    for metric in metrics:
        _check(metric, grain, [*group_by, *chosen])
    keys = (["period"] if grain else []) + list(group_by)
    parts: list[tuple[list[Metric], str]] = []
    values: list[Any] = []
    for (relation, by), together in groupby(sorted(metrics, key=_where_from), key=_where_from):
        part = list(together)
        first = start.replace(day=1) if start and by == "month" else start
        sql, given = _part(part, relation, grain, group_by, chosen, first, end)
        parts.append((part, sql))
        values += given
    named = ",\n".join(f"part_{number} as (\n{sql}\n)" for number, (_, sql) in enumerate(parts))
    joined = "part_0" + "".join(
        f"\nfull join part_{number} using ({', '.join(map(quoted, keys))})" if keys else f"\ncross join part_{number}"
        for number in range(1, len(parts))
    )
    columns = ", ".join(map(quoted, [*keys, *(metric.name for metric in metrics)]))
    ordered = f"\norder by {', '.join(map(quoted, keys))}" if keys else ""
    return f"with {named}\nselect {columns}\nfrom {joined}{ordered}", values


def _part(
    metrics: Sequence[Metric],
    relation: str,
    grain: Grain | None,
    group_by: Sequence[str],
    filters: Mapping[str, list[str]],
    start: date | None,
    end: date | None,
) -> tuple[str, list[Any]]:
    """The metrics of one relation."""
    keys = [f"cast(date_trunc('{grain}', metric_date) as date) as period"] if grain else []
    keys += map(quoted, group_by)
    columns = keys + [f"{metric.expression} as {quoted(metric.name)}" for metric in metrics]
    conditions, values = [f"{quoted(column)} is not null" for column in group_by], []
    if relation.endswith("metric_daily"):
        # It holds the rows of all semantic models; those of others would make periods and groups without a value.
        models = sorted({model for metric in metrics for model in metric.semantic_models})
        conditions.append(f"semantic_model in ({_marks(models)})")
        values += models
    for column, wanted in filters.items():
        conditions.append(f"{quoted(column)} in ({_marks(wanted)})")
        values += wanted
    for operator, day in ((">=", start), ("<=", end)):
        if day is not None:
            conditions.append(f"metric_date {operator} ?")
            values.append(day)
    where = f"\n    where {' and '.join(conditions)}" if conditions else ""
    grouped = f"\n    group by {', '.join(str(place + 1) for place in range(len(keys)))}" if keys else ""
    return f"    select {', '.join(columns)}\n    from {relation} as measured{where}{grouped}", values


def _check(metric: Metric, grain: Grain | None, columns: Sequence[str]) -> None:
    grains = get_args(Grain)
    if grain is not None and grain not in grains:
        raise MetricError(f"There is no grain {grain!r}. Grains: {', '.join(grains)}.")
    if grain in ("day", "week") and metric.grain == "month":
        raise MetricError(f"The metric {metric.name} exists by month only, not by {grain}.")
    for column in columns:
        if column not in metric.dimensions:
            raise MetricError(
                f"The metric {metric.name} cannot be cut by {column}. "
                f"It can be cut by: {', '.join(metric.dimensions) or 'nothing'}."
            )


def _where_from(metric: Metric) -> tuple[str, str]:
    return metric.relation, metric.grain


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(", ")))


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
