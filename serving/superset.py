"""Dashboards for Apache Superset as a file to import: the database, one dataset, and charts, from the metric catalogue.

The format is that of Superset's own export. Identifiers follow from the names, so importing a newer file replaces what
an older one brought. What the metrics mean is decided where they are defined; how they are asked stands in metrics.py.
"""

from __future__ import annotations

import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

import yaml

from serving.metrics import Metric, load_metrics
from serving.read import connect_published
from serving.versions import DATABASE

Language = Literal["de", "en"]

# A dataset is a table, and this one has the daily measures of nearly all metrics.
_RELATION = "metric_daily"
# What the dashboard shows, in this order; all other metrics are in the dataset, to be charted.
_SHOWN = (
    *("net_revenue", "orders", "average_order_value", "contribution_margin_rate", "return_rate", "new_customers"),
    *("oee", "availability", "performance", "quality_rate", "on_time_rate", "machine_energy_per_piece"),
    *("web_sessions", "conversion_rate", "ad_cost", "return_on_ad_spend"),
)
_DAY = "metric_date"
_TITLES = {"de": "Kontor: Kennzahlen", "en": "Kontor: metrics"}
_WEEKLY = {"de": "je Woche", "en": "by week"}
_VERSION = "1.0.0"
# Superset's grid has twelve columns.
_WIDTH = 6


def write_dashboards(serve: Path, file: Path, language: Language) -> int:
    """Write the import file for the published copy; return the number of charts. Raises NotPublished and OSError."""
    with closing(connect_published(serve)) as published:
        found = load_metrics(published)
        columns = [(name, kind) for name, kind, *_ in published.execute(f"describe {_RELATION}").fetchall()]
    metrics = [metric for metric in found.values() if metric.relation.endswith(f".{_RELATION}")]
    shown = [found[name] for name in _SHOWN if found.get(name) in metrics]
    charts = [_chart(metric, language) for metric in shown]
    parts = {
        "metadata.yaml": {"version": _VERSION, "type": "Dashboard", "timestamp": "2026-01-01T00:00:00+00:00"},
        "databases/Kontor.yaml": _database(serve),
        f"datasets/Kontor/{_RELATION}.yaml": _dataset(metrics, columns, language),
        **{f"charts/{metric.name}.yaml": chart for metric, chart in zip(shown, charts, strict=True)},
        "dashboards/Kontor.yaml": _dashboard(charts, language),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(f"kontor/{name}", yaml.safe_dump(part, allow_unicode=True, sort_keys=False))
    return len(charts)


def _database(serve: Path) -> dict[str, Any]:
    return {
        "database_name": "Kontor",
        "sqlalchemy_uri": f"duckdb:///{serve / 'current' / DATABASE}",
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "extra": {"engine_params": {"connect_args": {"read_only": True}}},
        "uuid": _uuid("database"),
        "version": _VERSION,
    }


def _dataset(metrics: list[Metric], columns: list[tuple[str, str]], language: Language) -> dict[str, Any]:
    return {
        "table_name": _RELATION,
        "main_dttm_col": _DAY,
        "schema": "marts",
        "filter_select_enabled": True,
        "uuid": _uuid("dataset"),
        "metrics": [
            {
                "metric_name": metric.name,
                "verbose_name": metric.label[language],
                "description": metric.description[language],
                "expression": metric.expression,
                "d3format": _format(metric),
            }
            for metric in metrics
        ],
        "columns": [
            {"column_name": name, "type": kind, "is_dttm": name == _DAY, "groupby": True, "filterable": True}
            for name, kind in columns
        ],
        "version": _VERSION,
        "database_uuid": _uuid("database"),
    }


def _chart(metric: Metric, language: Language) -> dict[str, Any]:
    kind = "echarts_timeseries_bar" if metric.is_additive else "echarts_timeseries_line"
    return {
        "slice_name": f"{metric.label[language]} {_WEEKLY[language]}",
        "description": metric.formula[language],
        "viz_type": kind,
        "params": {
            "viz_type": kind,
            "x_axis": _DAY,
            "time_grain_sqla": "P1W",
            "metrics": [metric.name],
            "groupby": [],
            "adhoc_filters": [],
            "row_limit": 10000,
            "y_axis_format": _format(metric),
            "show_legend": False,
        },
        "uuid": _uuid(f"chart/{metric.name}"),
        "version": _VERSION,
        "dataset_uuid": _uuid("dataset"),
    }


def _dashboard(charts: list[dict[str, Any]], language: Language) -> dict[str, Any]:
    rows = [range(first, min(first + 12 // _WIDTH, len(charts))) for first in range(0, len(charts), 12 // _WIDTH)]
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {
            "type": "GRID",
            "id": "GRID_ID",
            "children": [f"ROW-{number}" for number in range(len(rows))],
            "parents": ["ROOT_ID"],
        },
    }
    for number, row in enumerate(rows):
        position[f"ROW-{number}"] = {
            "type": "ROW",
            "id": f"ROW-{number}",
            "children": [f"CHART-{place}" for place in row],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for place in row:
            position[f"CHART-{place}"] = {
                "type": "CHART",
                "id": f"CHART-{place}",
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", f"ROW-{number}"],
                "meta": {
                    "chartId": place,
                    "uuid": charts[place]["uuid"],
                    "sliceName": charts[place]["slice_name"],
                    "width": _WIDTH,
                    "height": 40,
                },
            }
    return {
        "dashboard_title": _TITLES[language],
        "slug": "kontor",
        "uuid": _uuid("dashboard"),
        "position": position,
        "metadata": {},
        "version": _VERSION,
    }


def _format(metric: Metric) -> str:
    return ".1%" if metric.unit == "share" else ",.0f"


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"kontor/superset/{name}"))
