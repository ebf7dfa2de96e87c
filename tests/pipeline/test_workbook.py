"""The Excel workbook beside the published database, opened by a library that did not write it."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from serving import workbook
from serving.publish import publish
from serving.workbook import NAME, Described, write_sheet, write_workbook
from tests.company import rows
from tests.pipeline.conftest import DemoRun

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(first: DemoRun) -> CalamineWorkbook:
    return CalamineWorkbook.from_path(first.company.data / "serve" / "current" / NAME)


def test_it_has_the_daily_marts_with_german_headings(demo: CalamineWorkbook) -> None:
    """A sheet named mart_sales_daily with a column revenue_net_amount, for people who read German; one that begins with
    a key for machines."""
    assert demo.sheet_names[:3] == ["Inhalt", "Der Betrieb je Tag", "Der Betrieb je Monat"]
    assert demo.sheet_names[-1] == "Spalten"
    headings = demo.get_sheet_by_name("Der Betrieb je Tag").to_python()[0]
    assert headings[:2] == ["Tag", "Arbeitstag"] and "Nettoumsatz" in headings
    for sheet in demo.sheet_names:
        first_row = demo.get_sheet_by_name(sheet).to_python()[0]
        assert all(first_row) and not any("_" in str(heading) for heading in first_row), (sheet, first_row)
        assert not first_row[0].startswith("Schlüssel"), (sheet, first_row)


def test_it_says_what_the_database_says(demo: CalamineWorkbook, first: DemoRun) -> None:
    """Days as text, amounts as text, a sheet that lacks its newest day."""
    listed = {row[1]: row for row in demo.get_sheet_by_name("Inhalt").to_python()[1:] if row[2]}
    with first.company.published() as con:
        names = "table_name like 'mart%daily' or table_name like 'mart%monthly'"
        daily = {table for (table,) in rows(con, f"select table_name from duckdb_tables() where {names}")}
        assert daily == listed.keys()
        for table, day in (("mart_company_daily", "company_date"), ("mart_sales_daily", "sales_date")):
            here = rows(con, f"select {day}, revenue_net_amount from (from {table} order by {day}, #1)")
            sheet = demo.get_sheet_by_name(listed[table][0]).to_python()
            place, money = sheet[0].index("Tag"), sheet[0].index("Nettoumsatz")
            assert [row[place] for row in sheet[1:]] == [row[0] for row in here]
            assert [round(row[money], 4) for row in sheet[1:]] == [float(row[1]) for row in here]
            assert listed[table][2:] == [len(here), here[0][0], here[-1][0], 0]


SALES = """
    create schema marts;
    create table marts.mart_odd_daily as
    select date '2026-01-01' + (i // 10)::integer as odd_date, i as odd_id, text, (i * 1.5)::decimal(18, 4) as amount
    from range({rows}) t(i), texts;
    insert into marts.mart_odd_daily values (date '1850-05-05', 9007199254740993, null, null);
"""
TEXTS = ["=1+1", "+49", "-x", "@cmd", "harmless", "\x01steer\x0b", "https://example.com", "12"]


def odd(folder: Path, count: int, texts: list[str], days: int) -> CalamineWorkbook:
    """The workbook of a version that holds one mart of `count` rows for each text, ten a day, and one of 1850."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        con.execute("create table texts as select unnest(?::varchar[]) as text", [texts])
        con.execute(SALES.format(rows=count))
    described = {
        "mart_odd_daily": Described("Odd/even: [daily]", {"odd_date": ("Day", "The day.")}),
        "gone": Described("x", {}),
    }
    publication = publish(
        folder / "warehouse.duckdb",
        folder / "serve",
        keep=1,
        run_id="run",
        now=NOW,
        extra=lambda building: write_workbook(building, described, language="en", days=days),
    )
    return CalamineWorkbook.from_path(publication.path / NAME)


def test_no_text_becomes_a_formula_a_link_or_a_number(tmp_path: Path) -> None:
    """A customer's name of `=HYPERLINK(...)` that runs in the office; an article number that loses its zeros."""
    book = odd(tmp_path, 1, TEXTS, days=100_000)
    cells = [row[2] for row in book.get_sheet_by_name("Odd even   daily").to_python()[1:]]
    assert sorted(cells) == sorted(["", *(text.replace("\x01", "\ufffd").replace("\x0b", "\ufffd") for text in TEXTS)])
    with zipfile.ZipFile(tmp_path / "serve" / "current" / NAME) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
        assert "<f>" not in sheet and "hyperlink" not in sheet
        # The four that a later edit would make a formula are marked as text, as by an apostrophe.
        assert archive.read("xl/styles.xml").decode().count('quotePrefix="1"') == 1


def test_old_days_and_long_numbers(tmp_path: Path) -> None:
    """Excel's calendar begins in 1900 and its numbers have 15 digits; what is beyond comes as text, not wrong."""
    sheet = odd(tmp_path, 1, ["x"], days=100_000).get_sheet_by_name("Odd even   daily").to_python()
    assert sheet[1:] == [["1850-05-05", "9007199254740993", "", ""], [date(2026, 1, 1), 0.0, "x", 0.0]]


def test_what_is_left_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook that silently ends somewhere; the oldest rows kept instead of the newest."""
    book = odd(tmp_path, 100, ["x"], days=4)
    sheet = book.get_sheet_by_name("Odd even   daily").to_python()
    assert (sheet[1][0], sheet[-1][0]) == (date(2026, 1, 7), date(2026, 1, 10))
    said = book.get_sheet_by_name("Contents").to_python()
    assert said[1] == ["Odd even   daily", "mart_odd_daily", 40.0, date(2026, 1, 7), date(2026, 1, 10), 61.0]
    assert said[3][:2] == ["As of (UTC)", "2026-11-22 05:00"]

    monkeypatch.setattr(workbook, "_ROWS", 31)
    version = (tmp_path / "serve" / "current").resolve()
    write_workbook(version, {"mart_odd_daily": Described("Odd", {})}, language="en", days=4)
    book = CalamineWorkbook.from_path(version / NAME)
    assert len(book.get_sheet_by_name("Odd").to_python()) == 31
    assert book.get_sheet_by_name("Contents").to_python()[1][2:] == [30.0, date(2026, 1, 8), date(2026, 1, 10), 71.0]
    rest = iter([(1,)] * 40)
    assert write_sheet(tmp_path / "x.xlsx", "rows", ["n"], ["INTEGER"], rest) == (30, True)
    assert write_sheet(tmp_path / "x.xlsx", "rows", ["n"], ["INTEGER"], iter([(1,)] * 30)) == (30, False)


def test_a_company_without_days_has_a_workbook(tmp_path: Path) -> None:
    """A first run on nothing that fails for the workbook's sake."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        con.execute("create schema marts; create table marts.mart_odd_daily (odd_date date, amount decimal(18,4))")
    described = {"mart_odd_daily": Described("Odd", {})}
    for day in range(2):
        publish(
            tmp_path / "warehouse.duckdb",
            tmp_path / "serve",
            keep=1,
            run_id="run",
            now=NOW + timedelta(days=day),
            extra=lambda folder: write_workbook(folder, described, language="de", days=10),
        )
    book = CalamineWorkbook.from_path(tmp_path / "serve" / "current" / NAME)
    assert book.get_sheet_by_name("Odd").to_python() == [["odd_date", "amount"]]
