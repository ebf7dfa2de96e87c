"""When a file in the inbox is complete, and that a run is asked for it once."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.arrivals import Look, look
from ingestion.landing import Areas
from ingestion.source import Source
from tests.landing_zone import NOW

SOURCES = [
    Source(name="till", kind="till_lines", files="till/*", role="sales"),
    Source(name="shop", kind="shopify_orders_csv", files="shop/*", role="sales"),
]


@pytest.fixture
def areas(tmp_path: Path) -> Areas:
    made = Areas(tmp_path / "inbox", tmp_path / "archive", tmp_path / "refused", tmp_path / "work")
    made.prepare()
    return made


def put(areas: Areas, name: str, content: str, seconds: float = 1.0) -> None:
    path = areas.inbox / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    os.utime(path, (seconds, seconds))


def again(before: Look | None, areas: Areas, *, asking: bool = True, now: datetime = NOW) -> Look:
    return look(None if before is None else before.cursor(asking=asking), areas, SOURCES, now)


def test_a_file_is_complete_when_two_looks_find_it_unchanged(areas: Areas) -> None:
    """Half a file loaded while a slow export still writes it."""
    put(areas, "till/a.csv", "x")
    found = again(None, areas)
    assert found.complete == {}
    put(areas, "till/a.csv", "xy", 2)
    found = again(found, areas)
    assert found.complete == {}, "it has grown"
    put(areas, "till/a.csv", "xz", 3)
    found = again(found, areas)
    assert found.complete == {}, "as long as before, but written to"
    assert set(again(found, areas).complete) == {"till"}


@pytest.mark.parametrize(
    "name", ["a.csv.part", "a.csv.filepart", ".a.csv", "~$a.xlsx", "A.TMP", "a.lock", "a.crdownload"]
)
def test_files_of_programs_that_still_write_are_none(areas: Areas, name: str) -> None:
    """A download that pauses for a minute loaded as half a file."""
    put(areas, f"till/{name}", "x")
    assert again(again(None, areas), areas).seen == {}


def test_a_run_is_asked_for_once(areas: Areas) -> None:
    """A run every half minute, all night, for a file that no run can load."""
    put(areas, "till/a.csv", "x")
    found = again(again(None, areas), areas)
    assert set(found.complete) == {"till"}
    for _ in range(3):
        found = again(found, areas)
        assert found.complete == {}
    put(areas, "shop/b.csv", "y")
    found = again(again(found, areas), areas)
    assert set(found.complete) == {"shop"}
    put(areas, "till/a.csv", "corrected", 5)
    found = again(again(found, areas), areas)
    assert set(found.complete) == {"till"}, "it was written to"


def test_what_was_not_asked_for_stays_due(areas: Areas) -> None:
    """A file that arrives while a run is under way, and is then forgotten."""
    put(areas, "till/a.csv", "x")
    found = again(again(None, areas), areas)
    found = again(found, areas, asking=False)
    assert set(found.complete) == {"till"}


def test_a_file_that_is_gone_is_forgotten_and_asked_for_when_it_comes_again(areas: Areas) -> None:
    """A cursor that grows for years; the same file dropped again unnoticed."""
    put(areas, "till/a.csv", "x")
    found = again(again(None, areas), areas)
    (areas.inbox / "till" / "a.csv").unlink()
    found = again(found, areas)
    assert found.cursor(asking=False) == '{"seen": {}, "asked": {}}'
    put(areas, "till/a.csv", "x")
    assert set(again(again(found, areas), areas).complete) == {"till"}


def test_of_somebody_elses_folder_only_what_is_new_is_asked_for(areas: Areas) -> None:
    """A run for thousands of files that have lain in an archive folder for years."""
    areas = Areas(areas.inbox, areas.archive, areas.refused, areas.work, keep_files=True)
    recently = NOW.replace(tzinfo=UTC).timestamp() - 3600
    put(areas, "till/old.csv", "x")
    put(areas, "till/recent.csv", "x", recently)
    found = again(again(None, areas), areas)
    assert found.complete == {}
    put(areas, "till/new.csv", "x", recently + 60)
    found = again(again(found, areas), areas)
    assert {name: len(marks) for name, marks in found.complete.items()} == {"till": 1}


def test_a_cursor_that_cannot_be_read_is_none(areas: Areas) -> None:
    """A sensor that fails for ever after an upgrade."""
    put(areas, "till/a.csv", "x")
    assert look('{"seen": []}', areas, SOURCES, NOW).seen.keys() == {"till"}
