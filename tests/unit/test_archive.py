"""Where originals lie, how they get there whole, and the journal that tells their history."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from ingestion import archive
from ingestion.archive import JOURNAL, append_journal, copy_durably, journal, move_durably, place_in_archive
from ingestion.errors import IngestionError
from ingestion.ledger import LedgerFile
from ingestion.source import Source

SOURCE = Source(name="till", kind="till_lines", files="**/*.csv", role="sales")


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
    path = place_in_archive(SOURCE, "0123456789abcdef", name, datetime(2026, 11, 22, 5, 4, 3))
    assert path == f"till/2026-11/20261122T050403_01234567_{expected}"


def test_long_names_keep_their_ending(tmp_path: Path) -> None:
    """A name of 120 umlauts was too long with what the archive puts before it: the file was loaded but never moved."""
    path = place_in_archive(SOURCE, "0123456789abcdef", "ü" * 125 + ".csv", datetime(2026, 11, 22))
    name = path.rsplit("/", 1)[-1]
    assert name.endswith("ü.csv") and len(name.encode()) <= 200
    (tmp_path / (name + ".partial")).write_text("x")


@pytest.mark.parametrize("put_away", [copy_durably, move_durably])
def test_a_file_is_complete_under_its_name_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put_away: object
) -> None:
    """A disk that ran full while copying left half a file in the archive, under the name of the whole."""
    source, target = tmp_path / "a.csv", tmp_path / "archive" / "x" / "a.csv"
    source.write_text("whole")

    def across(self: Path, other: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    def full(source: object, target: Path) -> None:
        Path(target).write_text("wh", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", across)
    with monkeypatch.context() as patched:
        patched.setattr(archive.shutil, "copy2", full)
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


def test_the_journal_gives_back_what_was_entered(tmp_path: Path) -> None:
    """Times lost their microseconds on the way, so that of two files the older one won after a rebuild."""
    assert journal(tmp_path) == []
    append_journal(tmp_path, [entry(1), entry(2)])
    append_journal(tmp_path, [])
    append_journal(tmp_path, [entry(3)])
    assert journal(tmp_path) == [entry(1), entry(2), entry(3)]


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_line_cut_off_by_a_crash_is_taken_off(tmp_path: Path, cut: int) -> None:
    """After a crash in the middle of a line the next entry was appended to its half, and neither could be read."""
    append_journal(tmp_path, [entry(1), entry(2)])
    path = tmp_path / JOURNAL
    path.write_bytes(path.read_bytes()[:-cut])
    assert journal(tmp_path) == [entry(1)]
    append_journal(tmp_path, [entry(2)])
    assert journal(tmp_path) == [entry(1), entry(2)]


def test_content_that_stands_there_twice_is_read_once(tmp_path: Path) -> None:
    """A warehouse deleted and begun anew enters the same files again: a rebuild then loaded them twice."""
    append_journal(tmp_path, [entry(1), entry(2), entry(1, "id2"), entry(3)])
    assert [file.file_id for file in journal(tmp_path)] == ["id1", "id2", "id3"]


@pytest.mark.parametrize("line", [b"{broken}\n", b'{"file_id": "x"}\n', b"\xff\n", b"[]\n", b'{"as_of": 5}\n'])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    """A rebuild stopped with a Python traceback, or silently left out what followed."""
    append_journal(tmp_path, [entry(1)])
    path = tmp_path / JOURNAL
    path.write_bytes(path.read_bytes() + line + json.dumps({}).encode() + b"\n")
    with pytest.raises(IngestionError, match=r"journal.ndjson: line 2 is damaged"):
        journal(tmp_path)
