"""Opening the published copy, and that opening it cannot change it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from serving.errors import NotPublished
from serving.publish import publish
from serving.read import connect_published
from serving.versions import point_current, rollback


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two published versions: `fct_sale` holds 1, then 2."""
    folder = tmp_path_factory.mktemp("published")
    for day in (1, 2):
        with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute(f"create or replace table marts.fct_sale as select {day} as number")
        publish(
            folder / "warehouse.duckdb",
            folder / "serve",
            keep=3,
            run_id=str(day),
            now=datetime(2026, 11, 21 + day, 5, tzinfo=UTC),
        )
    return folder / "serve"


@pytest.fixture
def serve(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "serve", symlinks=True)


def test_marts_need_no_schema(serve: Path) -> None:
    with connect_published(serve) as connection:
        assert connection.execute("from fct_sale").fetchall() == [(2,)]
        assert connection.execute("from marts.fct_sale").fetchall() == [(2,)]
        assert connection.execute("from warehouse.marts.fct_sale").fetchall() == [(2,)]


def test_any_client_reads_through_the_link(serve: Path) -> None:
    with duckdb.connect(str(serve / "current" / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("from marts.fct_sale").fetchall() == [(2,)]


def test_an_open_connection_stays_and_the_next_one_follows(serve: Path) -> None:
    """DuckDB shares one instance per path in a process: a new connection got the old data while another was open."""
    with connect_published(serve) as before:
        assert before.execute("from fct_sale").fetchall() == [(2,)]
        rollback(serve)
        with connect_published(serve) as after:
            assert after.execute("from fct_sale").fetchall() == [(1,)]
        assert before.execute("from fct_sale").fetchall() == [(2,)]


@pytest.mark.parametrize(
    "sql",
    [
        "insert into fct_sale values (3)",
        "update fct_sale set number = 3",
        "delete from fct_sale",
        "drop table fct_sale",
        "create table marts.mine as select 1 as a",
        "comment on table fct_sale is 'mine'",
    ],
)
def test_reading_cannot_write(serve: Path, sql: str) -> None:
    before = (serve / "current" / "warehouse.duckdb").read_bytes()
    with connect_published(serve) as connection, pytest.raises(duckdb.Error, match="read-only"):
        connection.execute(sql).fetchall()
    assert (serve / "current" / "warehouse.duckdb").read_bytes() == before


def test_two_connections_at_once(serve: Path) -> None:
    with connect_published(serve) as one, connect_published(serve) as two:
        assert one.execute("from fct_sale").fetchall() == two.execute("from fct_sale").fetchall() == [(2,)]


def test_nothing_published(tmp_path: Path) -> None:
    with pytest.raises(NotPublished, match="Nothing is published in"):
        connect_published(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_current_names_a_version_that_is_gone(serve: Path) -> None:
    point_current(serve, "20270101T000000Z")
    with pytest.raises(NotPublished, match="20270101T000000Z, and there is no warehouse"):
        connect_published(serve)


def test_a_damaged_file_is_a_sentence(serve: Path) -> None:
    (serve / "current" / "warehouse.duckdb").write_text("no database")
    with pytest.raises(NotPublished, match="cannot be opened: ") as error:
        connect_published(serve)
    assert "\n" not in str(error.value)


def test_follows_a_link_that_moves_while_it_opens(serve: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version may be removed by a publish after its name was read and before it was opened."""
    connect, seen = duckdb.connect, []

    def removed_the_first_time(path: str, **options: object) -> duckdb.DuckDBPyConnection:
        seen.append(path)
        if len(seen) == 1:
            Path(path).unlink()
            point_current(serve, "20261122T050000Z")
        return connect(path, **options)

    monkeypatch.setattr(duckdb, "connect", removed_the_first_time)
    with connect_published(serve) as connection:
        assert connection.execute("from fct_sale").fetchall() == [(1,)]
    assert len(seen) == 2
