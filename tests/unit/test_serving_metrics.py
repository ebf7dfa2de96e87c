"""The SQL of metrics for a period, a selection, a grouping, on a catalogue of three."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pytest

from serving.metrics import Metric, MetricError, metric_query

REVENUE = Metric(
    "revenue", "sales", {}, {}, {}, "EUR", "more", True, "day", ("channel", "product"), ("lines",),
    "marts.metric_daily", "sum(amount)",
)  # fmt: skip
PER_ORDER = replace(
    REVENUE, name="per_order", is_additive=False, dimensions=("channel",), semantic_models=("lines", "orders"),
    expression="cast(sum(amount) as double precision) / nullif(sum(orders), 0)",
)  # fmt: skip
PLAN = replace(REVENUE, name="plan", grain="month", dimensions=(), semantic_models=("plan",), expression="sum(plan)")
BUYERS = replace(
    REVENUE, name="buyers", is_additive=False, dimensions=("channel",), semantic_models=("orders",),
    relation="(select bought_on as metric_date, channel, customer from marts.bought)",
    expression="count(distinct customer)",
)  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            """
            create table marts.metric_daily as
            select * from (values
                ('lines', date '2026-01-10', 'Shop', 'A', 30.0, null, null),
                ('lines', date '2026-01-31', 'Shop', 'B', 50.0, null, null),
                ('lines', date '2026-02-01', 'B2B', 'A', 100.0, null, null),
                ('orders', date '2026-01-10', 'Shop', null, null, 2, null),
                ('orders', date '2026-02-01', 'B2B', null, null, 1, null),
                ('orders', date '2026-03-01', 'B2B', null, null, 4, null),
                ('plan', date '2026-01-01', null, null, null, null, 90),
                ('other', date '2025-01-01', 'Fair', 'C', null, null, null)
            ) as t (semantic_model, metric_date, channel, product, amount, orders, plan)
            """
        )
        connection.execute(
            """
            create table marts.bought as
            select * from (values
                (date '2026-01-10', 'Shop', 'x'), (date '2026-01-11', 'Shop', 'x'), (date '2026-02-01', 'B2B', 'x')
            ) as t (bought_on, channel, customer)
            """
        )
        yield connection


def asked(connection: duckdb.DuckDBPyConnection, *metrics: Metric, **how: Any) -> list[tuple[Any, ...]]:
    return connection.execute(*metric_query(metrics, **how)).fetchall()


def test_a_ratio_is_of_sums(connection: duckdb.DuckDBPyConnection) -> None:
    """A year's order value as the mean of its months; months of other measures as rows without a value."""
    assert asked(connection, REVENUE, PER_ORDER) == [(180, pytest.approx(180 / 7))]
    january, february, march = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
    assert asked(connection, REVENUE, grain="month") == [(january, 80), (february, 100)]
    assert asked(connection, PER_ORDER, grain="month") == [(january, 40), (february, 100), (march, None)]


def test_filters_and_both_ends_of_the_period_count(connection: duckdb.DuckDBPyConnection) -> None:
    """The last day of a period left out; a filter that is not applied; values that become part of the SQL."""
    period = {"start": date(2026, 1, 10), "end": date(2026, 1, 31)}
    assert asked(connection, REVENUE, group_by=["product"], **period) == [("A", 30), ("B", 50)]
    assert asked(connection, REVENUE, filters={"channel": ["B2B", "Fair"]}) == [(100,)]
    assert asked(connection, REVENUE, filters={"channel": []}) == [(180,)]
    assert asked(connection, REVENUE, filters={"channel": ["' or 1 = 1 --"]}) == [(None,)]


def test_metrics_of_different_tables_stand_side_by_side(connection: duckdb.DuckDBPyConnection) -> None:
    """Customers of two months added; a group that one of two metrics lacks is dropped."""
    assert asked(connection, BUYERS, REVENUE) == [(1, 180)]
    assert asked(connection, REVENUE, BUYERS, grain="quarter") == [(date(2026, 1, 1), 180, 1)]
    assert asked(connection, REVENUE, BUYERS, group_by=["channel"], start=date(2026, 1, 11)) == [
        ("B2B", 100, 1),
        ("Shop", 50, 1),
    ]
    assert asked(connection, REVENUE, BUYERS, grain="day", start=date(2026, 1, 11), end=date(2026, 1, 31)) == [
        (date(2026, 1, 11), None, 1),
        (date(2026, 1, 31), 50, None),
    ]


def test_what_exists_by_month_counts_with_the_whole_month(connection: duckdb.DuckDBPyConnection) -> None:
    """A plan that is 0 because the period begins on the tenth."""
    assert asked(connection, PLAN, REVENUE, start=date(2026, 1, 11)) == [(90, 150)]


@pytest.mark.parametrize(
    ("metrics", "how", "says"),
    [
        ([PER_ORDER], {"group_by": ["product"]}, "per_order cannot be cut by product. It can be cut by: channel."),
        ([PLAN], {"filters": {"channel": ["Shop"]}}, "plan cannot be cut by channel. It can be cut by: nothing."),
        ([REVENUE, PLAN], {"grain": "week"}, "plan exists by month only, not by week"),
        ([REVENUE], {"grain": "decade"}, "no grain 'decade'. Grains: day, week, month, quarter, year."),
        ([], {}, "No metric was named"),
    ],
)
def test_what_a_metric_cannot_tell_is_said(metrics: list[Metric], how: dict[str, Any], says: str) -> None:
    """A chart by product group of a metric that knows none, full of zeros."""
    with pytest.raises(MetricError, match=says):
        metric_query(metrics, **how)
