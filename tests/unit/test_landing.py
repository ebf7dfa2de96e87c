"""From the inbox to the archive, piece by piece; whole files are loaded in tests/pipeline."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingestion.landing import Areas, content_id, find_files
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
