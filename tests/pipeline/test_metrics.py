"""Each metric is one number: as MetricFlow computes it from the facts, as the catalogue's SQL does from the published
copy, and as marts state it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from kontor.metrics_page import PAGE, page_with
from serving.metrics import Metric, load_metrics, metric_query
from tests.pipeline.conftest import DemoRun

Values = dict[tuple[Any, ...], Any]


class DuckDbText:
    """What MetricFlow must know of a database to write SQL for it; the SQL is run here."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


class MetricFlow:
    """MetricFlow over the semantic models of a finished run, reading the pipeline's own tables."""

    def __init__(self, dbt_target: Path, connection: duckdb.DuckDBPyConnection) -> None:
        text = (dbt_target / "semantic_manifest.json").read_text(encoding="utf-8")
        lookup = SemanticManifestLookup(parse_manifest_from_dbt_generated_manifest(text))
        self.engine = MetricFlowEngine(semantic_manifest_lookup=lookup, sql_client=DuckDbText())
        self.names = {metric.name for metric in lookup.semantic_manifest.metrics}
        self.connection = connection

    def dimensions(self, metric: str) -> dict[str, str]:
        """What it lets a metric be cut by: the dimension's name, and the path that it calls it by."""
        found = self.engine.simple_dimensions_for_metrics([metric])
        return {one.name: one.granularity_free_dunder_name for one in found if one.type.value == "categorical"}

    def compute(self, metric: str, by: str) -> Values:
        request = MetricFlowQueryRequest.create(metric_names=[metric], group_by_names=[by])
        return valued(self.connection.execute(self.engine.explain(request).sql_statement.sql).fetchall())


def valued(rows: list[tuple[Any, ...]]) -> Values:
    """Groups and their values, without those that have none."""
    return {_plain(row[:-1]): row[-1] for row in rows if row[-1] is not None}


def _plain(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value.date() if hasattr(value, "date") else value for value in key)


def differences(left: Values, right: Values) -> list[Any]:
    """Groups in which two values are not the same: exactly for decimals and counts, to 12 digits for doubles."""

    def same(one: Any, other: Any) -> bool:
        if isinstance(one, float) or isinstance(other, float):
            return one == pytest.approx(float(other), rel=1e-12, abs=1e-12)
        return one == other

    return [
        (key, left.get(key), right.get(key))
        for key in sorted(left.keys() | right.keys(), key=str)
        if key not in left or key not in right or not same(left[key], right[key])
    ]


@pytest.fixture(scope="module")
def metricflow(first: DemoRun) -> Iterator[MetricFlow]:
    with first.company.warehouse() as warehouse:
        yield MetricFlow(first.company.data / "dbt", warehouse)


@pytest.fixture(scope="module")
def published(first: DemoRun) -> Iterator[duckdb.DuckDBPyConnection]:
    with first.company.published() as connection:
        yield connection


@pytest.fixture(scope="module")
def metrics(published: duckdb.DuckDBPyConnection) -> dict[str, Metric]:
    return load_metrics(published)


def compute(connection: duckdb.DuckDBPyConnection, metric: Metric, **asked: Any) -> Values:
    return valued(connection.execute(*metric_query([metric], **asked)).fetchall())


def test_metricflow_and_the_catalogue_know_the_same_metrics(metricflow: MetricFlow, metrics: dict[str, Metric]) -> None:
    """A metric that one of them lacks is compared by no test below."""
    assert len(metrics) >= 18
    assert metrics.keys() == metricflow.names


def test_every_metric_by_month_is_what_metricflow_computes(
    metricflow: MetricFlow, metrics: dict[str, Metric], published: duckdb.DuckDBPyConnection
) -> None:
    """The compiler reads a definition otherwise than the standard does, so a page and the definition disagree."""
    for name, metric in metrics.items():
        expected = metricflow.compute(name, "metric_time__month")
        assert expected, f"{name} has no value on the demo company"
        assert not differences(compute(published, metric, grain="month"), expected), name


def test_every_metric_by_every_dimension_is_what_metricflow_computes(
    metricflow: MetricFlow, metrics: dict[str, Metric], published: duckdb.DuckDBPyConnection
) -> None:
    """A join to a dimension that drops or doubles rows; a dimension that a reader is offered and that means nothing."""
    for name, metric in metrics.items():
        paths = metricflow.dimensions(name)
        assert set(metric.dimensions) == paths.keys(), name
        for dimension, path in paths.items():
            found = compute(published, metric, group_by=[dimension])
            assert not differences(found, metricflow.compute(name, path)), (name, dimension)


# What marts state beside the metrics: mart, its day, the grain, by which of its columns (with the metrics' name for
# them), and for each column the metric that it must equal, with what it is multiplied by.
STATED = {
    "mart_company_daily": (
        "company_date",
        "day",
        {},
        {
            "orders": ("orders", 1),
            "sold_quantity": ("quantity_sold", 1),
            "revenue_net_amount": ("net_revenue", 1),
            "refund_net_amount": ("returns", -1),
            "good_quantity": ("good_pieces", 1),
            "scrap_quantity": ("scrap_pieces", 1),
            "planned_machine_minutes": ("planned_time", 1),
            "running_machine_minutes": ("running_time", 1),
            "down_machine_minutes": ("downtime", 1),
            "inspections": ("inspections", 1),
            "failed_inspections": ("failed_inspections", 1),
            "web_sessions": ("web_sessions", 1),
            "web_purchases": ("web_purchases", 1),
            "ad_cost_amount": ("ad_cost", 1),
        },
    ),
    "mart_company_monthly": (
        "month_date",
        "month",
        {},
        {
            "orders": ("orders", 1),
            "customers": ("customers", 1),
            "new_customers": ("new_customers", 1),
            "revenue_net_amount": ("net_revenue", 1),
            "refund_net_amount": ("returns", -1),
            "contribution_amount": ("contribution_margin", 1),
            "plan_revenue_net_amount": ("plan_revenue", 1),
            "plan_attainment_pct": ("plan_attainment", 100),
            "good_quantity": ("good_pieces", 1),
            "scrap_quantity": ("scrap_pieces", 1),
            "machine_running_pct": ("availability", 100),
            "web_sessions": ("web_sessions", 1),
            "web_purchases": ("web_purchases", 1),
            "ad_cost_amount": ("ad_cost", 1),
        },
    ),
    "mart_sales_daily": (
        "sales_date",
        "day",
        {"channel": "channel"},
        {
            "orders": ("orders", 1),
            "quantity": ("quantity_sold", 1),
            "revenue_net_amount": ("net_revenue", 1),
            "refund_net_amount": ("returns", -1),
        },
    ),
    "mart_oee_daily": (
        "production_date",
        "day",
        {"machine_key": "machine_key", "shift_name": "shift"},
        {
            "availability_pct": ("availability", 100),
            "performance_pct": ("performance", 100),
            "quality_pct": ("quality_rate", 100),
            "oee_pct": ("oee", 100),
        },
    ),
    "mart_quality_daily": (
        "quality_date",
        "day",
        {"characteristic": "characteristic"},
        {"failure_rate_pct": ("inspection_failure_rate", 100)},
    ),
    "mart_web_funnel_daily": (
        "funnel_date",
        "day",
        {"channel": "web_channel"},
        {"conversion_rate_pct": ("conversion_rate", 100)},
    ),
    "mart_marketing_daily": (
        "marketing_date",
        "day",
        {"campaign": "campaign"},
        {"contribution_after_cost_amount": ("contribution_after_ad_cost", 1)},
    ),
}


@pytest.mark.parametrize("mart", STATED)
def test_marts_state_what_the_metrics_are(
    mart: str, metrics: dict[str, Metric], published: duckdb.DuckDBPyConnection
) -> None:
    """A second definition of one measure: the overview shows one revenue, the sales page another."""
    day, grain, dimensions, columns = STATED[mart]
    for column, (name, times) in columns.items():
        stated = valued(published.execute(f"select {', '.join([day, *dimensions, column])} from {mart}").fetchall())
        defined = {
            key: times * value
            for key, value in compute(published, metrics[name], grain=grain, group_by=list(dimensions.values())).items()
        }
        # Marts of the company say 0 for a day without; the metric then has no row.
        found = differences({key: value for key, value in stated.items() if value}, _without_zeros(defined))
        assert not found, (column, name)
        assert any(defined.values()), f"{name} compares nothing"


def _without_zeros(values: Values) -> Values:
    return {key: value for key, value in values.items() if value}


def test_the_page_of_metrics_is_current(metrics: dict[str, Metric]) -> None:
    """A page that lists what is no longer there; say  python -m kontor.metrics_page  after a run."""
    page = PAGE.read_text(encoding="utf-8")
    assert page_with(metrics.values(), page, "EUR") == page
