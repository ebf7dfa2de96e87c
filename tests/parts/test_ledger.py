"""The tables of `ops`: what is in the warehouse, and from which file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import duckdb
import pytest

from ingestion import ledger
from ingestion.contract import Column, Contract, Text
from ingestion.contract_files import load_contracts
from ingestion.ledger import LedgerFile, LoadResult
from ingestion.source import Source
from tests.landing_zone import NOW, till_lines


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        ledger.prepare(made, [till_lines()])
        yield made


def with_column(name: str, type_: str) -> Contract:
    column = Column.model_validate({"name": name, "type": type_, "from": [name], "description": Text(en="a", de="b")})
    return till_lines().model_copy(update={"columns": (*till_lines().columns, column)})


def file(number: int, source: str = "till", **changes: object) -> LedgerFile:
    entry = {
        "file_id": f"f{number}",
        "source": source,
        "sha256": f"{number:064}",
        "bytes": 10,
        "file_name": f"{number}.csv",
        "member": None,
        "archive_path": f"{number}",
        "content_bytes": 10,
        "as_of": NOW - timedelta(days=number),
        "landed_at": NOW,
        "sequence": number,
    }
    return LedgerFile(**{**entry, **changes})  # type: ignore[arg-type]


def test_preparing_again_changes_nothing(con: duckdb.DuckDBPyConnection) -> None:
    """The second run emptied the tables, or failed because they were there."""
    ledger.enter_file(con, file(1), ("Bon",))
    con.execute("insert into raw.till_lines (receipt) values ('B1')")
    columns = con.execute("describe raw.till_lines").fetchall()
    ledger.prepare(con, [till_lines()])
    assert con.execute("select receipt from raw.till_lines").fetchall() == [("B1",)]
    assert con.execute("describe raw.till_lines").fetchall() == columns
    assert ledger.files_of(con) == [file(1)]


def test_a_new_column_of_a_contract_is_added_to_its_table(con: duckdb.DuckDBPyConnection) -> None:
    """After an update of Kontor every load failed because its raw table lacked a column."""
    con.execute("insert into raw.till_lines (receipt) values ('B1')")
    ledger.prepare(con, [with_column("brand", "decimal")])
    assert con.execute("select receipt, brand from raw.till_lines").fetchall() == [("B1", None)]
    assert ("brand", "DECIMAL(18,4)") in [row[:2] for row in con.execute("describe raw.till_lines").fetchall()]


def test_a_mapping_has_no_table_of_its_own(con: duckdb.DuckDBPyConnection) -> None:
    """A mapping's rows went into a table that no model reads."""
    ledger.prepare(con, [till_lines().model_copy(update={"kind": "my_till"})])
    tables = con.execute("select table_name from information_schema.tables where table_schema = 'raw'").fetchall()
    assert tables == [("till_lines",)]


def test_a_mapping_shares_the_history_of_its_kind_too() -> None:
    """A company with a mapping onto `products` could not run at all: the table of its history was made twice."""
    products = load_contracts()["products"]
    mapping = products.model_copy(update={"kind": "my_products"})
    assert products.load.history and mapping.table == "products"
    with duckdb.connect() as con:
        ledger.prepare(con, [mapping, products])
        tables = con.execute("select schema_name, table_name from duckdb_tables() where table_name like '%products'")
        assert sorted(tables.fetchall()) == [("history", "products"), ("raw", "products")]


def test_files_are_known_by_their_content_and_in_their_order(con: duckdb.DuckDBPyConnection) -> None:
    """Rebuilding read the files in another order than they came in."""
    assert ledger.next_sequence(con) == 1 and ledger.known_file(con, "f1") is None
    for number, source in ((2, "b"), (1, "a"), (3, "a")):
        ledger.enter_file(con, file(number, source, member="x" if number == 2 else None), ("Bon", "Menge"))
    assert ledger.next_sequence(con) == 4
    assert [found.sequence for found in ledger.files_of(con)] == [1, 2, 3]
    assert [found.sequence for found in ledger.files_of(con, "a")] == [1, 3]
    assert ledger.known_file(con, "f2") == file(2, "b", member="x")


def test_every_look_at_a_file_is_numbered(con: duckdb.DuckDBPyConnection) -> None:
    """Two results of one run had one number, so that the latest could not be told."""
    result = LoadResult("till", "till_lines", "till_lines", None, "a.csv", "refused", message="No.")
    for _ in range(3):
        ledger.enter_load(con, result, "run", NOW)
    found = con.execute("select load_id, status, message, rows_read from ops.load order by load_id").fetchall()
    assert found == [(number, "refused", "No.", 0) for number in (1, 2, 3)]


COMPANY: dict[str, object] = {
    "name": "Lindner",
    "country": "DE",
    "state": "BY",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "language": "de",
    "fiscal_year_start_month": 1,
}


def test_the_company_is_described_anew_each_time(con: duckdb.DuckDBPyConnection) -> None:
    """A source taken out of the settings, or a holiday of another state, stayed in the marts."""
    contract = till_lines()
    nord = Source(name="nord", kind="till_lines", files="n/*", role="sales", currency="CHF", late_after_hours=5)
    sued = Source(name="sued", kind="till_lines", files="s/*", role="reference")
    days = [(date(2026, 1, 1), "Neujahr", "DE", "BY"), (date(2026, 12, 25), "Weihnachten", "DE", None)]
    ledger.describe_company(con, COMPANY, [(nord, contract), (sued, contract)], days)
    assert con.execute(
        "select source_name, role, time_zone, currency, late_after_hours from ops.source order by 1"
    ).fetchall() == [
        ("nord", "sales", "Europe/Berlin", "CHF", 5),
        ("sued", "reference", "Europe/Berlin", "EUR", 48),
    ]
    assert con.execute("select count(*), max(holiday_date) from ops.holiday").fetchall() == [(2, date(2026, 12, 25))]
    ledger.describe_company(con, {**COMPANY, "name": "Lindner AG"}, [(nord, contract)], [])
    assert con.execute("select name from ops.company").fetchall() == [("Lindner AG",)]
    assert con.execute("select source_name from ops.source").fetchall() == [("nord",)]
    assert con.execute("select count(*) from ops.holiday").fetchall() == [(0,)]


def test_a_description_that_fails_leaves_the_last_one(con: duckdb.DuckDBPyConnection) -> None:
    """A mistake left the transaction open: nothing that was loaded after it was ever committed."""
    ledger.describe_company(con, COMPANY, [], [])
    with pytest.raises(duckdb.Error):
        ledger.describe_company(con, {**COMPANY, "fiscal_year_start_month": "January"}, [], [])
    assert con.execute("select fiscal_year_start_month from ops.company").fetchall() == [(1,)]
    con.execute("begin")
    con.execute("rollback")


def test_a_local_day_of_the_session_is_never_in_the_way(con: duckdb.DuckDBPyConnection) -> None:
    """Offsets were turned into the zone of the machine that happened to run the pipeline."""
    assert con.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]
    assert con.execute("select '2026-01-01 12:00:00+05'::timestamptz::timestamp").fetchall() == [
        (datetime(2026, 1, 1, 7),)
    ]


def test_results_of_tests_are_replaced_by_name_or_as_a_whole(con: duckdb.DuckDBPyConnection) -> None:
    """A build of a few models that makes the account forget all other tests; a removed test that passes for ever."""
    now = datetime(2026, 1, 1)
    ledger.enter_test_results(con, [("a", "x", "pass"), ("a", "y", "pass"), ("b", "x", "fail")], now, all_tests=True)
    ledger.enter_test_results(con, [("a", "x", "warn")], now, all_tests=False)
    told = "select test_name, table_name, status from ops.test_result order by all"
    assert con.execute(told).fetchall() == [("a", "x", "warn"), ("b", "x", "fail")]
    ledger.enter_test_results(con, [("c", "x", "pass")], now, all_tests=True)
    assert con.execute(told).fetchall() == [("c", "x", "pass")]
