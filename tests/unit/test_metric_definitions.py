"""What every metric must state. That the numbers are right is held by tests/pipeline/test_metrics.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_dbt_project import PROJECT, read_yaml

FILES = sorted((PROJECT / "models" / "metrics").glob("*.yml"))
METRICS = [metric for path in FILES for metric in read_yaml(path).get("metrics", [])]
MODELS = [model for path in FILES for model in read_yaml(path).get("semantic_models", [])]
TEXTS = {"label_de", "description_de", "formula_en", "formula_de"}
UNITS = {
    "currency", "share", "ratio", "minutes", "kwh", "pieces", "orders", "customers", "work orders", "inspections",
    "sessions", "purchases", "impressions", "clicks",
}  # fmt: skip


def test_revenue_is_where_the_readme_says() -> None:
    """A newcomer finds where revenue is defined in one step."""
    readme = (PROJECT.parent / "README.md").read_text(encoding="utf-8")
    path = Path("dbt_project/models/metrics/sales.yml")
    assert f"net revenue in [`sales.yml`]({path.as_posix()})" in readme
    sales = read_yaml(PROJECT.parent / path)
    assert sales["metrics"][0]["name"] == "net_revenue"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric["name"])
def test_every_metric_speaks_english_and_german(metric: dict[str, Any]) -> None:
    """A page with a label, a formula or a unit that is empty."""
    meta = metric["config"]["meta"]
    assert meta.keys() == TEXTS | {"unit", "direction"}
    assert all(text.strip() for text in (metric["label"], metric["description"], *(meta[key] for key in TEXTS)))
    assert meta["unit"] in UNITS
    assert meta["direction"] in {"more", "less", "neutral"}
    if metric["type"] == "ratio":
        assert meta["unit"] in {"share", "ratio", "currency", "minutes", "kwh"}


def test_names_are_given_once() -> None:
    """Two measures of one name would fall into one column; two labels alike leave readers to guess."""
    measures = [measure["name"] for model in MODELS for measure in model.get("measures", [])]
    for names in (measures, *([_text(metric, key) for metric in METRICS] for key in ("name", "label", "label_de"))):
        assert sorted(names) == sorted(set(names))


def _text(metric: dict[str, Any], key: str) -> str:
    return metric[key] if key in metric else metric["config"]["meta"][key]
