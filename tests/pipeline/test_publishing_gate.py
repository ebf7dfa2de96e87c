"""What has not passed its checks reaches no reader; what has can be taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serving.failure import read_failure
from serving.versions import published_at
from tests.company import one
from tests.pipeline.conftest import DemoRun

# What belongs to an order stands on its first row only; here a second total is written behind the loader's back.
CORRUPT = """
    update raw.shopify_orders_csv set total = 99999
    where (_file_id, _line) = (select min((_file_id, _line)) from raw.shopify_orders_csv where total is null)
"""

# Several runs stand behind the first test that asks for them.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def story(first: DemoRun, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """One company through it all: damaged, refused, mended, published, and taken back."""
    company = first.company.copy(tmp_path_factory.mktemp("gate") / "data")
    told: dict[str, object] = {"company": company, "before": company.current()}
    with company.warehouse(read_only=False) as con:
        con.execute("create table raw.kept as from raw.shopify_orders_csv")
        con.execute(CORRUPT)
    told["refused"] = company.kontor("publish")
    told["failure"] = read_failure(company.data / "serve")
    told["after_refusal"], told["marts_after_refusal"] = company.current(), company.marts()
    with company.warehouse(read_only=False) as con:
        con.execute("create or replace table raw.shopify_orders_csv as from raw.kept")
        con.execute("drop table raw.kept")
    told["mended"] = company.kontor("publish")
    told["after_mending"], told["marts_after_mending"] = company.current(), company.marts()
    told["rolled_back"] = company.kontor("rollback")
    told["after_rollback"] = company.current()
    told["too_far"] = company.kontor("rollback")
    return told


def test_a_failed_check_leaves_readers_what_they_had(story: dict, first: DemoRun) -> None:
    """Wrong figures published because the check that saw them only warned."""
    assert story["refused"].returncode == 1
    assert story["after_refusal"] == story["before"]
    assert story["marts_after_refusal"] == first.marts


def test_readers_are_told_that_a_run_failed(story: dict) -> None:
    """Dashboards that show last week's figures as if all were well."""
    assert story["failure"].failed_at > published_at(Path(story["before"]).name).replace(tzinfo=None)


def test_the_failed_check_is_named_with_what_it_means(story: dict) -> None:
    """`1 test failed`, and nobody knows which, or a traceback."""
    said = story["refused"].stdout
    assert "reconcile_sales" in said
    assert "Die Verkäufe in den Marts sind die Verkäufe in den Dateien" in said
    assert "Nichts veröffentlicht; Leser behalten den bisherigen Stand." in said
    found = re.search(
        r"Die (?:Zeile|ersten Zeilen): source_name webshop, measure [\w ]+, expected_amount ([\d.,]+)", said
    )
    assert found and found[1] != "0", "which rows, and what is wrong with them"
    assert "Traceback" not in said + story["refused"].stderr


def test_publish_makes_a_new_version_of_what_is_loaded(story: dict, first: DemoRun) -> None:
    """A mended warehouse that cannot be published without loading again."""
    assert story["mended"].returncode == 0, story["mended"].stdout + story["mended"].stderr
    assert "Veröffentlicht als Stand" in story["mended"].stdout
    assert story["after_mending"] > story["before"]
    assert story["marts_after_mending"] == first.marts


def test_rollback_gives_readers_the_version_before(story: dict) -> None:
    """A way back that is only found when it is needed."""
    assert story["rolled_back"].returncode == 0
    assert story["after_rollback"] == story["before"]
    assert Path(story["before"]).name in story["rolled_back"].stdout
    with story["company"].published() as con:
        assert one(con, "select count(*) > 0 from mart_company_daily") == (True,)


def test_there_is_an_end_to_going_back(story: dict) -> None:
    """A traceback, or an empty folder, for one step too many."""
    assert story["too_far"].returncode == 1
    assert "älteste aufbewahrte Stand" in story["too_far"].stderr
