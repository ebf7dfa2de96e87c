"""A reader that never lets go: its version stays readable to it, and everybody else goes on."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from serving.publish import publish
from serving.read import connect_published
from serving.versions import list_versions

FIRST = datetime(2026, 11, 1, 5, tzinfo=UTC)


def publish_day(folder: Path, day: int, keep: int) -> str:
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        con.execute("create schema if not exists marts")
        con.execute(f"create or replace table marts.dim_day as select {day} as day, range as number from range(10000)")
    now = FIRST + timedelta(days=day)
    return publish(folder / "warehouse.duckdb", folder / "serve", keep=keep, run_id=str(day), now=now).version


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folder of an open file; the next publish removes it")
def test_a_reader_that_never_lets_go_hinders_nobody(tmp_path: Path) -> None:
    """A notebook left open over the holidays: no new version, a full disk, or other figures under an open query."""
    publish_day(tmp_path, 1, keep=2)
    with closing(connect_published(tmp_path / "serve")) as forever:
        asked = forever.execute("select day, number from dim_day order by number")
        assert asked.fetchone() == (1, 0)
        for day in range(2, 9):
            version = publish_day(tmp_path, day, keep=2)
            assert len(list_versions(tmp_path / "serve")) <= 3, "those kept, and the one that was just replaced"
            with closing(connect_published(tmp_path / "serve")) as other:
                assert other.execute("select distinct day from dim_day").fetchall() == [(day,)]
        assert {row[0] for row in asked.fetchall()} == {1}
        assert forever.execute("select count(*), max(day) from dim_day").fetchall() == [(10000, 1)]
    assert list_versions(tmp_path / "serve")[0] == version
    assert not [name for name in os.listdir(tmp_path / "serve" / "versions") if name.startswith(".")]
