"""docs/analyse/marts: pages that are current, and example queries that run on the published copy."""

from __future__ import annotations

import json

import duckdb
import pytest

from kontor.mart_pages import FOLDER, render_pages
from kontor.marts import Mart, read_marts
from tests.pipeline.conftest import DemoRun


@pytest.fixture(scope="module")
def marts(first: DemoRun) -> list[Mart]:
    return read_marts(json.loads((first.company.data / "dbt" / "manifest.json").read_text(encoding="utf-8")))


def test_the_pages_say_what_the_metadata_say(marts: list[Mart]) -> None:
    """A column renamed in the SQL and not in the documentation; a mart without a page, a page without a mart."""
    pages = render_pages(marts)
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    stale = sorted(name for name in pages.keys() | written.keys() if pages.get(name) != written.get(name))
    assert not stale, f"run `make docs` and commit: {', '.join(stale)}"


def test_every_mart_has_three_questions_that_the_demo_answers(first: DemoRun, marts: list[Mart]) -> None:
    """Examples that name a column which no longer exists, or that an analyst copies and gets nothing from."""
    wrong: list[str] = []
    with first.company.published() as con:
        for mart in marts:
            if len(mart.examples) < 3:
                wrong.append(f"{mart.name} has {len(mart.examples)} examples (meta.examples), not 3")
            for example in mart.examples:
                if mart.name not in example.sql:
                    wrong.append(f"{mart.name}: {example.title_en}: the query does not read the mart")
                try:
                    rows = con.execute(example.sql).fetchall()
                except duckdb.Error as error:
                    wrong.append(f"{mart.name}: {example.title_en}: {error}")
                    continue
                if not rows and example.may_be_empty is None:
                    wrong.append(f"{mart.name}: {example.title_en}: no rows, and may_be_empty does not say why")
    assert not wrong, "\n".join(wrong)


def test_a_table_is_named_only_where_it_is(marts: list[Mart]) -> None:
    """Foreign keys drawn to tables that nobody gets."""
    names = {mart.name for mart in marts}
    drawn = {column.refers_to for mart in marts for column in mart.columns if column.refers_to}
    assert {"dim_date", "dim_product", "dim_customer"} <= drawn <= names
