"""`kill -9` while the database is written anew: it is the old file or the new one, and the next compaction succeeds."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import duckdb

from operations.compact import Machine, _contents, compact

PROJECT = Path(__file__).parents[2]
SEED = 20261122
KILLS = 10
# Again and again, so that a kill falls into any part of it.
PROGRAM = """
import sys
from pathlib import Path
from operations.compact import Machine, compact
print("begins", flush=True)
while True:
    compact(Path(sys.argv[1]), Machine(0.5, 1, Path(sys.argv[2])))
"""


def test_a_killed_compaction_loses_nothing(tmp_path: Path) -> None:
    """Half a database in the place of the whole one: the history of years, made anew from the archive for a day."""
    database, work = tmp_path / "warehouse.duckdb", tmp_path / "work"
    with closing(duckdb.connect(str(database))) as con:
        con.execute("create schema raw")
        con.execute("create table raw.sales as select range as id, md5(range::varchar) as text from range(300000)")
        con.execute("create view raw.doubled as select * from raw.sales union all select * from raw.sales")
        contents = _contents(con, "warehouse")
    chance, hit = random.Random(SEED), 0
    for _ in range(KILLS):
        command = [sys.executable, "-c", PROGRAM, str(database), str(work)]
        with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.8))
            process.kill()
        hit += (tmp_path / "compacting.duckdb").exists()
        with closing(duckdb.connect(str(database))) as con:
            assert _contents(con, "warehouse") == contents
    assert hit >= 2, "the kills fell between compactions only"
    compact(database, Machine(0.5, 1, work))
    with closing(duckdb.connect(str(database), read_only=True)) as con:
        assert _contents(con, "warehouse") == contents
    assert [path.name for path in tmp_path.glob("*.duckdb*")] == ["warehouse.duckdb"]
