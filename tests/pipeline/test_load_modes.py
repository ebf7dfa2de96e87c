"""What happens when data come again: appended, renewed, or left as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.landing import Run
from ingestion.replay import rebuild, replay
from ingestion.source import Source
from tests.landing_area import NOW, LandingArea

SALES = "Belegnr;Belegdatum;Menge;Nettobetrag\n"
STATES = "Maschine;Beginn;Ende;Zustand\n"
LOG = '1.2.3.4 - - [17/May/2015:10:05:{:02d} +0000] "GET / HTTP/1.1" 200 20 "-" "x"\n'


@pytest.fixture
def area(tmp_path: Path) -> Iterator[LandingArea]:
    area = LandingArea(tmp_path)
    yield area
    area.con.close()


def amounts(area: LandingArea) -> list[tuple]:
    return area.query("select _source, document_number, net_amount::int from raw.sales_lines order by all")


def test_a_document_that_comes_again_replaces_itself(area: LandingArea) -> None:
    """This month's file, delivered longer every day, counted anew every day."""
    area.drop(
        "a.csv", SALES + "RE1;01.11.2026;1;10,00\nRE1;01.11.2026;1;20,00\nRE2;01.11.2026;1;5,00\n", age_seconds=300
    )
    area.load("sales_lines")
    area.drop("a.csv", SALES + "RE1;01.11.2026;1;11,00\nRE3;02.11.2026;1;7,00\n", age_seconds=200)
    (result,) = area.load("sales_lines")
    assert (result.rows_loaded, result.rows_replaced) == (2, 2)
    assert amounts(area) == [("source", "RE1", 11), ("source", "RE2", 5), ("source", "RE3", 7)]


def test_an_older_file_that_comes_later_changes_nothing(area: LandingArea) -> None:
    """Corrected invoices overwritten by an old export that somebody found."""
    area.drop("new.csv", SALES + "RE1;01.11.2026;1;11,00\n", age_seconds=100)
    area.load("sales_lines")
    area.drop("old.csv", SALES + "RE1;01.11.2026;1;10,00\nRE0;31.10.2026;1;3,00\n", age_seconds=9999)
    (result,) = area.load("sales_lines")
    assert dict(result.skipped) == {"superseded": 1}
    assert amounts(area) == [("source", "RE0", 3), ("source", "RE1", 11)]


def test_two_sources_of_one_kind_do_not_touch_each_other(area: LandingArea) -> None:
    """Two shops with the same order numbers that overwrite each other."""
    area.drop("one/a.csv", SALES + "RE1;01.11.2026;1;1,00\n", age_seconds=300)
    area.drop("two/a.csv", SALES + "RE1;01.11.2026;1;2,00\n", age_seconds=200)
    area.load("sales_lines", name="one", files="one/*.csv")
    area.load("sales_lines", name="two", files="two/*.csv")
    assert amounts(area) == [("one", "RE1", 1), ("two", "RE1", 2)]


def test_upsert_keeps_the_last_row_of_a_key(area: LandingArea) -> None:
    """A state that is corrected further down in the same file counted twice."""
    row = "M1;01.11.2026 06:00:00;01.11.2026 {}:00:00;Produktion\n"
    area.drop("a.csv", STATES + row.format("07") + row.format("08"), age_seconds=300)
    (first,) = area.load("machine_states")
    assert (first.rows_loaded, dict(first.skipped)) == (1, {"superseded": 1})
    area.drop("b.csv", STATES + row.format("09"), age_seconds=200)
    (second,) = area.load("machine_states")
    assert second.rows_replaced == 1
    assert area.query("select hour(ended_at) from raw.machine_states") == [(8,)]


def test_a_log_that_grew_takes_its_own_place(area: LandingArea) -> None:
    """Every request counted anew each night because the log is still written to."""
    area.drop("access.log", LOG.format(1) + LOG.format(2) + "1.2.3", age_seconds=300)
    area.load("access_log")
    area.drop("access.log", LOG.format(1) + LOG.format(2) + LOG.format(3), age_seconds=200)
    (grown,) = area.load("access_log")
    assert (grown.rows_loaded, grown.rows_replaced) == (3, 2)
    assert area.reasons() == []
    area.drop("access.log", LOG.format(4), age_seconds=100)
    (rotated,) = area.load("access_log")
    assert rotated.drift == ("same name, other content: access.log",)
    assert area.query("select count(*) from raw.access_log") == [(4,)]


def test_files_of_others_are_copied_and_read_once(tmp_path: Path) -> None:
    """A folder that belongs to somebody else emptied, or read anew every night."""
    area = LandingArea(tmp_path, keep_files=True)
    path = area.drop("a.csv", SALES + "RE1;01.11.2026;1;10,00\n")
    assert [result.status for result in area.load("sales_lines")] == ["loaded"]
    assert area.load("sales_lines") == []
    assert path.exists() and area.archived() == [path.read_bytes()]
    area.con.close()


def test_both_nights_of_a_clock_change(area: LandingArea) -> None:
    """A time that does not exist read as another one; the hour that comes twice counts as standard time."""
    row = "M1;{};{};Produktion\n"
    area.drop(
        "a.csv",
        STATES
        + row.format("31.03.2024 01:30:00", "31.03.2024 03:30:00")
        + row.format("31.03.2024 02:30:00", "31.03.2024 04:30:00")
        + row.format("27.10.2024 01:30:00", "27.10.2024 02:30:00"),
    )
    area.load("machine_states")
    assert area.query("select started_at::varchar, ended_at::varchar from raw.machine_states order by 1") == [
        ("2024-03-31 00:30:00", "2024-03-31 01:30:00"),
        ("2024-10-26 23:30:00", "2024-10-27 01:30:00"),
    ]
    assert [(line, column) for line, column, _ in area.reasons()] == [(3, "Beginn")]


def test_replay_and_rebuild_end_where_loading_ended(area: LandingArea, tmp_path: Path) -> None:
    """A warehouse made anew from the archive that differs from the one that grew day by day."""
    area.drop("a.csv", SALES + "RE1;01.11.2026;1;10,00\nRE2;31.02.2026;1;5,00\n", age_seconds=300)
    area.drop("b.csv", SALES + "RE1;01.11.2026;1;11,00\n", age_seconds=200)
    area.load("sales_lines")
    columns = "document_number, net_amount, _source, _file_id, _line"
    before = area.query(f"select {columns} from raw.sales_lines order by all"), area.reasons()
    source, contract = Source(name="source", kind="sales_lines", files="*", role="sales"), area.contracts["sales_lines"]
    replay(area.con, Run(area.areas, "again", NOW), contract, source, "Europe/Berlin")
    assert (area.query(f"select {columns} from raw.sales_lines order by all"), area.reasons()) == before
    other = LandingArea(tmp_path / "other")
    unknown = rebuild(other.con, Run(area.areas, "anew", NOW), [(source, contract, "Europe/Berlin")])
    assert unknown == []
    assert (other.query(f"select {columns} from raw.sales_lines order by all"), other.reasons()) == before
    other.con.close()
