"""Power that goes at any moment: what a step rests on has reached the disk before the step is taken (decision 0021)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import duckdb
import pytest

from ingestion.archive import copy_durably
from serving.publish import publish
from tests.landing_zone import LandingZone, line, text


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Flushes and renames in their order, as (what, name)."""
    seen: list[tuple[str, str]] = []
    fsync, rename, replace, unlink = os.fsync, os.rename, os.replace, os.unlink

    def flushed(descriptor: int) -> None:
        seen.append(("flush", Path(os.readlink(f"/proc/self/fd/{descriptor}")).name))
        fsync(descriptor)

    def moved(call):
        def recorded(source, target, **options):
            seen.append(("rename", Path(target).name))
            return call(source, target, **options)

        return recorded

    def removed(path, **options):
        seen.append(("remove", Path(path).name))
        return unlink(path, **options)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "rename", moved(rename))
    monkeypatch.setattr(os, "replace", moved(replace))
    monkeypatch.setattr(os, "unlink", removed)
    return seen


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="which file a flush is of is seen on Linux only")
class TestOrder:
    """Each test fails where two steps change places."""

    def test_a_file_is_on_the_disk_before_the_ledger_names_it(
        self, zone: LandingZone, steps: list, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A ledger that says a file was loaded of which the disk holds nothing; then nobody delivers it again."""
        committed = zone.con.cursor()
        fsync = os.fsync

        def flushed(descriptor: int) -> None:
            name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
            known = committed.execute("select count(*) from ops.file").fetchall()[0][0]
            assert known == (0 if name == "a.csv" else 1), name
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", flushed)
        zone.drop("a.csv", text(line(1)))
        zone.load_one()
        [kept] = [path for path in zone.areas.archive.rglob("*.csv")]
        order = [step for step in steps if step[1] in ("a.csv", kept.name, "journal.ndjson")]
        assert order == [("flush", "a.csv"), ("rename", kept.name), ("flush", "journal.ndjson")]

    def test_many_files_are_on_the_disk_before_the_ledger_names_any(
        self, zone: LandingZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Files that share a transaction: the first is flushed, and the ledger names them all."""
        names = {f"{number}.csv" for number in range(40)}
        for number in range(40):
            zone.drop(f"{number}.csv", text(line(number)))
        committed, one_at_a_time, fsync = zone.con.cursor(), Lock(), os.fsync

        def flushed(descriptor: int) -> None:
            name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
            with one_at_a_time:
                known = committed.execute("select count(*) from ops.file").fetchall()[0][0]
                seen.append((name, known))
            fsync(descriptor)

        seen: list[tuple[str, int]] = []
        monkeypatch.setattr(os, "fsync", flushed)
        zone.load()
        assert set(seen[: len(names)]) == {(name, 0) for name in names}
        assert all(known == len(names) for _, known in seen[len(names) :])

    def test_a_copy_is_whole_before_the_original_goes(self, tmp_path: Path, steps: list) -> None:
        """An inbox on another file system: the original is removed, the copy was not written yet."""
        (tmp_path / "original").write_text("content")
        copy_durably(tmp_path / "original", tmp_path / "archive" / "copy")
        assert steps[-3:] == [("flush", "copy.partial"), ("rename", "copy"), ("flush", "archive")]

    def test_a_version_is_whole_before_readers_get_it(self, tmp_path: Path, steps: list) -> None:
        """A link to a version whose files are empty after the power came back."""
        with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
            con.execute("create schema marts; create table marts.dim_day as select 1 as day")
        done = publish(
            tmp_path / "warehouse.duckdb",
            tmp_path / "serve",
            keep=1,
            run_id="run",
            now=datetime(2026, 11, 22, 5, tzinfo=UTC),
        )
        named = steps.index(("rename", done.version))
        linked = steps.index(("rename", "current"))
        flushed = {name for what, name in steps[:named] if what == "flush"}
        files = {path.name for path in done.path.rglob("*")}
        assert files <= flushed and f".building-{done.version}" in flushed
        assert ("flush", "versions") in steps[named:linked]
        assert ("flush", "serve") in steps[linked:]
