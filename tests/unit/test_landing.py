"""From the inbox to the archive, piece by piece; whole files are loaded in tests/pipeline."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from ingestion import landing
from ingestion.errors import IngestionError
from ingestion.landing import (
    Areas,
    content_id,
    copy_durably,
    find_files,
    journal,
    move_durably,
)
from ingestion.ledger import LedgerFile
from ingestion.source import Source

SOURCE = Source(name="till", kind="till_lines", files="**/*.csv", role="sales")


@pytest.fixture
def areas(tmp_path: Path) -> Areas:
    made = Areas(tmp_path / "inbox", tmp_path / "archive", tmp_path / "refused", tmp_path / "work")
    made.prepare()
    return made


def put(path: Path, content: str = "x", seconds: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    os.utime(path, (seconds, seconds))
    return path


def test_preparing_clears_only_what_an_interrupted_run_left(areas: Areas) -> None:
    """Temporary files with personal data stayed for ever; or preparing emptied the archive."""
    put(areas.work / "decoded")
    put(areas.work / "spill" / "block")
    kept = [put(folder / "a.csv") for folder in (areas.inbox, areas.archive, areas.refused)]
    areas.prepare()
    assert list(areas.work.iterdir()) == [] and all(path.exists() for path in kept)


def test_a_foreign_inbox_is_not_made(tmp_path: Path) -> None:
    """An empty folder was made where the network drive was not connected, and no day had any files."""
    Areas(tmp_path / "drive", tmp_path / "archive", tmp_path / "refused", tmp_path / "work", keep_files=True).prepare()
    assert not (tmp_path / "drive").exists()


def test_files_come_oldest_first(areas: Areas) -> None:
    """Corrections were loaded before what they correct, because their names sort first."""
    for name, seconds in (("b.csv", 30), ("sub/a.csv", 10), ("c.csv", 20), ("a.csv", 20)):
        put(areas.inbox / name, seconds=seconds)
    put(areas.inbox / "d.txt", seconds=5)
    (areas.inbox / "folder.csv").mkdir()
    found = [str(path.relative_to(areas.inbox)) for path in find_files(areas, SOURCE)]
    assert found == ["sub/a.csv", "a.csv", "c.csv", "b.csv"]


def test_content_is_known_apart_for_each_source() -> None:
    """Two branches with the same empty report: the second one's was a copy of the first one's."""
    other = SOURCE.model_copy(update={"name": "other"})
    assert content_id(SOURCE, "a" * 64) == content_id(SOURCE, "a" * 64) != content_id(other, "a" * 64)
    assert len(content_id(SOURCE, "a" * 64)) == 16


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", "a.csv"),
        ('a<b>:"c|d?*.csv', "a_b___c_d__.csv"),
        ("a\nb\\c.csv", "a_b_c.csv"),
        ("Umsätze Ö.csv", "Umsätze Ö.csv"),
        ("Ums\udce4tze.csv", "Ums_udce4tze.csv"),
    ],
)
def test_names_in_the_archive_suit_every_file_system(name: str, expected: str) -> None:
    """An archive copied to another machine lost the files whose names it does not take."""
    path = landing._archive_path(SOURCE, "0123456789abcdef", name, datetime(2026, 11, 22, 5, 4, 3))
    assert path == f"till/2026-11/20261122T050403_01234567_{expected}"


def test_long_names_keep_their_ending(tmp_path: Path) -> None:
    """A name of 120 umlauts was too long with what the archive puts before it: the file was loaded but never moved."""
    path = landing._archive_path(SOURCE, "0123456789abcdef", "ü" * 125 + ".csv", datetime(2026, 11, 22))
    name = path.rsplit("/", 1)[-1]
    assert name.endswith("ü.csv") and len(name.encode()) <= 200
    (tmp_path / (name + ".partial")).write_text("x")


@pytest.mark.parametrize("put_away", [copy_durably, move_durably])
def test_a_file_is_complete_under_its_name_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put_away: object
) -> None:
    """A disk that ran full while copying left half a file in the archive, under the name of the whole."""
    source, target = put(tmp_path / "a.csv", "whole"), tmp_path / "archive" / "x" / "a.csv"

    def across(self: Path, other: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    def full(source: object, target: Path) -> None:
        Path(target).write_text("wh", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", across)
    with monkeypatch.context() as patched:
        patched.setattr(landing.shutil, "copy2", full)
        with pytest.raises(OSError, match="No space left"):
            put_away(source, target)  # type: ignore[operator]
    assert source.read_text() == "whole" and not target.exists()
    # The next run goes on where this one failed.
    put_away(source, target)  # type: ignore[operator]
    assert target.read_text() == "whole"
    assert [path.name for path in target.parent.iterdir()] == ["a.csv"]
    assert source.exists() == (put_away is copy_durably)


# --- the journal ---------------------------------------------------------------------------------------------------


def entry(number: int, file_id: str | None = None) -> LedgerFile:
    return LedgerFile(
        file_id=file_id or f"id{number}",
        source="till",
        sha256="0" * 64,
        bytes=1,
        file_name=f"Umsätze {number}.csv",
        member=None,
        archive_path=f"till/{number}.csv",
        content_bytes=1,
        as_of=datetime(2026, 11, 1, 12, 0, 0, 123456),
        landed_at=datetime(2026, 11, 22),
        sequence=number,
    )


def test_the_journal_gives_back_what_was_entered(areas: Areas) -> None:
    """Times lost their microseconds on the way, so that of two files the older one won after a rebuild."""
    assert journal(areas.archive) == []
    landing._append_journal(areas, [entry(1), entry(2)])
    landing._append_journal(areas, [])
    landing._append_journal(areas, [entry(3)])
    assert journal(areas.archive) == [entry(1), entry(2), entry(3)]


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_line_cut_off_by_a_crash_is_taken_off(areas: Areas, cut: int) -> None:
    """After a crash in the middle of a line the next entry was appended to its half, and neither could be read."""
    landing._append_journal(areas, [entry(1), entry(2)])
    path = areas.archive / landing.JOURNAL
    path.write_bytes(path.read_bytes()[:-cut])
    assert journal(areas.archive) == [entry(1)]
    landing._append_journal(areas, [entry(2)])
    assert journal(areas.archive) == [entry(1), entry(2)]


def test_content_that_stands_there_twice_is_read_once(areas: Areas) -> None:
    """A warehouse deleted and begun anew enters the same files again: a rebuild then loaded them twice."""
    landing._append_journal(areas, [entry(1), entry(2), entry(1, "id2"), entry(3)])
    assert [file.file_id for file in journal(areas.archive)] == ["id1", "id2", "id3"]


@pytest.mark.parametrize("line", [b"{broken}\n", b'{"file_id": "x"}\n', b"\xff\n", b"[]\n", b'{"as_of": 5}\n'])
def test_a_damaged_line_is_named(areas: Areas, line: bytes) -> None:
    """A rebuild stopped with a Python traceback, or silently left out what followed."""
    landing._append_journal(areas, [entry(1)])
    path = areas.archive / landing.JOURNAL
    path.write_bytes(path.read_bytes() + line + json.dumps({}).encode() + b"\n")
    with pytest.raises(IngestionError, match=r"journal.ndjson: line 2 is damaged"):
        journal(areas.archive)
