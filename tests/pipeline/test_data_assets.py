"""The account of the data itself: what mart_data_asset says of the demo company agrees with what is there."""

from __future__ import annotations

from collections import Counter

from tests.company import one, rows
from tests.pipeline.conftest import DemoRun


def test_every_mart_and_every_source_is_listed_with_its_rows(first: DemoRun) -> None:
    """A table that readers get and nobody answers for; figures of a build before this one."""
    with first.company.published() as con:
        listed = dict(rows(con, "select asset_name, row_count from mart_data_asset where asset_kind = 'mart'"))
        published = dict(
            rows(con, "select table_name, row_count from publication_table where table_name <> 'mart_data_asset'")
        )
        sources = dict(rows(con, "select asset_name, row_count from mart_data_asset where asset_kind = 'source'"))
    assert listed == published
    with first.company.warehouse() as con:
        for name, table in rows(con, "select source_name, table_name from ops.source"):
            assert sources.pop(name) == one(con, f"select count(*) from raw.{table} where _source = ?", name)[0]
    assert not sources


def test_the_tests_of_this_very_run_are_counted(first: DemoRun) -> None:
    """Tests that never reach the account, so that an untested mart looks like a tested one."""
    with first.company.published() as con:
        untested = rows(con, "select asset_name from mart_data_asset where asset_kind = 'mart' and test_count = 0")
        warned = one(con, "select tests_warned, tests_passed from mart_data_asset where asset_name = 'fct_sales_line'")
        assert not rows(con, "select 1 from mart_data_asset where tests_passed + tests_warned <> test_count")
    assert not untested
    assert warned[0] >= 1 and warned[1] >= 5


def test_what_was_planted_shows(first: DemoRun) -> None:
    """Shares of quarantine, history and owners that look right and belong to another source."""
    spoilt = Counter(row.source for row in first.truth.dirty if not row.loads)
    with first.company.published() as con:
        told = {
            name: (days, quarantined, owner)
            for name, days, quarantined, owner in rows(
                con,
                """select asset_name, history_days, quarantined_rows, owner from mart_data_asset
                where asset_kind = 'source'""",
            )
        }
        origins = one(con, "select origins, owner from mart_data_asset where asset_name = 'fct_machine_state'")
        inspected = one(con, "select (max(inspection_date) - min(inspection_date)) + 1 from fct_inspection")[0]
        personal = dict(rows(con, "select asset_name, personal_class from mart_data_asset"))
    assert told["erp"][1] == spoilt["erp"] > 0
    assert told["webshop"][1] == 0
    assert told["inspections"][0] == inspected > 60
    assert told["books"][2] == "Buchhaltung" and told["products"][2] == "Geschäftsführung"
    assert origins == ("machines", "Fertigungsleitung")
    assert personal["customers"] == "direct" and personal["mart_customer_360"] == "pseudonym"
    assert "direct" not in {personal_class for name, personal_class in personal.items() if "_" in name}
