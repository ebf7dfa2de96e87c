"""The warehouse without its dead space: the same contents, or the file as it was."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from operations import compact as module
from operations.compact import Machine, compact, space_of
from operations.errors import OperationError


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(memory_gb=0.5, threads=1, work=tmp_path / "work")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small, with everything that a warehouse has, and mostly dead. Not to be changed."""
    path = tmp_path_factory.mktemp("compact") / "warehouse.duckdb"
    with closing(duckdb.connect(str(path))) as con:
        con.execute(
            """
            create schema raw; create schema marts; create schema ops;
            create table raw."Größe; drop" (id bigint not null default 7, name varchar, amount decimal(18, 2));
            insert into raw."Größe; drop" select i, 'Zeile ' || i, i / 7 from range(1000) as t (i);
            create table raw.doubled as select 1 as id, null::varchar as nothing from range(3);
            create table raw.large as select range as id, md5(range::varchar) as text from range(200000);
            """
        )
        con.execute("""create view marts.zzz as select id, amount from raw."Größe; drop" """)
        con.execute("create view marts.aaa as select * from marts.zzz")
        con.execute("create macro ops.twice(x) as 2 * x")
        con.execute("comment on view marts.aaa is 'Eine Zeile je Größe'")
        con.execute("""comment on column raw."Größe; drop".amount is 'EUR'""")
        con.execute("checkpoint")
        con.execute("drop table raw.large")
        con.execute("checkpoint")
    return path


@pytest.fixture
def database(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copy(made, tmp_path / "warehouse.duckdb")


def test_the_dead_space_is_gone_and_nothing_else(database: Path, machine: Machine) -> None:
    """A nightly saving of disk space that loses a view's comment, a row that is there three times, or a default."""
    with closing(duckdb.connect(str(database))) as con:
        contents = module._contents(con, "warehouse")
        assert space_of(con).dead_share > 0.5
    size = database.stat().st_size
    before, after = compact(database, machine)
    assert database.stat().st_size < size / 2
    assert before.dead_bytes > before.bytes / 2 and after.dead_share < 0.2
    with closing(duckdb.connect(str(database))) as con:
        assert module._contents(con, "warehouse") == contents
        assert con.execute("select count(*), sum(amount) from marts.aaa").fetchall()[0][0] == 1000
        assert con.execute("select ops.twice(4)").fetchall() == [(8,)]
        con.execute("""insert into raw."Größe; drop" (name) values ('later')""")
        assert con.execute("""select id from raw."Größe; drop" where name = 'later'""").fetchall() == [(7,)]
    assert [path.name for path in database.parent.glob("*.duckdb*")] == ["warehouse.duckdb"]


@pytest.mark.parametrize("what", ["a row", "a comment", "a view"])
def test_a_copy_that_differs_is_discarded(
    database: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The only copy of the warehouse replaced by one in which something is missing."""
    damage = {
        "a row": "delete from kontor_copy.raw.doubled where rowid = 0",
        "a comment": "comment on view kontor_copy.marts.aaa is null",
        "a view": "drop view kontor_copy.marts.aaa",
    }[what]
    contents = module._contents

    def damaged(con: duckdb.DuckDBPyConnection, catalog: str) -> dict:
        if catalog == "kontor_copy":
            con.execute(damage)
        return contents(con, catalog)

    monkeypatch.setattr(module, "_contents", damaged)
    before = database.read_bytes()
    with pytest.raises(OperationError, match=r"differs from .*warehouse\.duckdb in .*(doubled|aaa)"):
        compact(database, machine)
    assert database.read_bytes() == before
    assert [path.name for path in database.parent.glob("*.duckdb*")] == ["warehouse.duckdb"]


def test_what_a_killed_compaction_left_is_no_obstacle(database: Path, machine: Machine) -> None:
    """One power cut in the middle, and the file is never compacted again."""
    database.with_name("compacting.duckdb").write_bytes(b"half a database")
    database.with_name("compacting.duckdb.wal").write_bytes(b"half a log")
    compact(database, machine)
    assert [path.name for path in database.parent.glob("*.duckdb*")] == ["warehouse.duckdb"]


def test_a_damaged_file_is_left_for_a_rebuild(database: Path, machine: Machine) -> None:
    """A damaged file replaced by an empty one."""
    database.write_bytes(b"no database" * 1000)
    with pytest.raises(OperationError, match="is as it was"):
        compact(database, machine)
    assert database.read_bytes() == b"no database" * 1000
