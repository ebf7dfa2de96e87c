"""kill -9 in the middle of a publish: readers keep a complete version, and the next publish clears up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from serving.publish import publish
from serving.read import connect_published
from serving.versions import current_version, list_versions

ROWS = 300_000
BEFORE = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
DURING = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
AFTER = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)

# Publishes and kills itself at the n-th line of serving/ that it comes to, in whichever thread; prints how many lines
# it came to when n is more than there are. keep=1, so that the removal of a version is among the lines.
PUBLISHER = """
import itertools, os, signal, sys, threading
from datetime import datetime
from pathlib import Path
from serving import publish as publishing, versions

die_at, lines = int(sys.argv[3]), itertools.count(1)
files = {publishing.__file__, versions.__file__}

def trace(frame, event, argument):
    if frame.f_code.co_filename not in files:
        return None
    if event == "line" and next(lines) == die_at:
        os.kill(os.getpid(), signal.SIGKILL)
    return trace

print("begin", flush=True)
if die_at:
    threading.settrace(trace)
    sys.settrace(trace)
publishing.publish(
    Path(sys.argv[1]), Path(sys.argv[2]), keep=1, run_id="during", now=datetime.fromisoformat(sys.argv[4])
)
sys.settrace(None)
print(next(lines))
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("killed") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            create schema marts;
            create table marts.fct_sale as
            select i as sale_id, md5(i::varchar) as sale_key, (i / 7)::decimal(18, 2) as net_amount
            from range({ROWS}) t(i);
            comment on table marts.fct_sale is 'One row per sale.';
            create view marts.mart_total as select count(*) as sale_count from marts.fct_sale;
            """
        )
    return path


def start(warehouse: Path, serve: Path, die_at: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, warehouse, serve, str(die_at), DURING.isoformat()],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def assert_complete(serve: Path) -> str:
    """What `current` names is whole: database, account and Parquet agree. Returns whose run it was."""
    with connect_published(serve) as connection:
        assert connection.execute("select count(*), count(distinct sale_key) from fct_sale").fetchall() == [
            (ROWS, ROWS)
        ]
        assert connection.execute("from mart_total").fetchall() == [(ROWS,)]
        assert connection.execute("select table_name, row_count from publication_table order by 1").fetchall() == [
            ("fct_sale", ROWS),
            ("mart_total", 1),
        ]
        parquet = serve / "current" / "parquet"
        assert connection.execute(f"select count(*) from '{parquet}/marts.fct_sale.parquet'").fetchall() == [(ROWS,)]
        ((run_id,),) = connection.execute(f"select run_id from '{parquet}/marts.publication.parquet'").fetchall()
        assert connection.execute("select run_id from publication").fetchall() == [(run_id,)]
    return str(run_id)


def assert_next_publish_clears_up(warehouse: Path, serve: Path) -> None:
    after = publish(warehouse, serve, keep=1, run_id="after", now=AFTER)
    assert assert_complete(serve) == "after"
    assert os.listdir(serve / "versions") == [after.version] == list_versions(serve)
    assert sorted(os.listdir(serve)) == ["current", "versions"]


def test_killed_at_lines_all_over_a_publish(warehouse: Path, tmp_path: Path) -> None:
    """Any order of steps in which one moment leaves `current` missing, half-made or without its files fails here."""
    whole = start(warehouse, tmp_path / "whole", sys.maxsize)
    lines = int(whole.communicate()[0].split()[1])
    assert whole.returncode == 0 and lines > 100
    # All of the last lines, where the version gets its name, the link moves and the old version goes, and some before.
    moments = sorted({*random.Random(7).sample(range(1, lines - 60), 12), *range(lines - 60, lines, 3)})
    seen = set()
    for moment in moments:
        serve = tmp_path / str(moment)
        publish(warehouse, serve, keep=1, run_id="before", now=BEFORE)
        killed = start(warehouse, serve, moment)
        killed.communicate()
        assert killed.returncode == -signal.SIGKILL, f"line {moment} of {lines} was not reached"
        seen.add(assert_complete(serve))
        assert_next_publish_clears_up(warehouse, serve)
    assert seen == {"before", "during"}


def test_killed_at_moments_all_over_a_publish(warehouse: Path, tmp_path: Path) -> None:
    """Between two lines of Python stand the long statements in DuckDB, which the test above does not cut."""
    serve = tmp_path / "serve"
    publish(warehouse, serve, keep=1, run_id="before", now=BEFORE)
    whole = start(warehouse, tmp_path / "whole", 0)
    assert whole.stdout and whole.stdout.readline() == "begin\n"
    begun = time.monotonic()
    whole.communicate()
    seconds = time.monotonic() - begun
    unfinished = 0
    for share in (0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        killed = start(warehouse, serve, 0)
        assert killed.stdout and killed.stdout.readline() == "begin\n"
        time.sleep(seconds * share)
        killed.kill()
        killed.communicate()
        unfinished += any(name.startswith(".building-") for name in os.listdir(serve / "versions"))
        assert assert_complete(serve) in ("before", "during")
    assert unfinished > 0
    assert_next_publish_clears_up(warehouse, serve)


def test_unfinished_version_is_not_published_by_rollback(warehouse: Path, tmp_path: Path) -> None:
    serve = tmp_path / "serve"
    before = publish(warehouse, serve, keep=1, run_id="before", now=BEFORE)
    folder = serve / "versions" / ".building-20261123T050000Z"
    folder.mkdir()
    (folder / "warehouse.duckdb").write_bytes(b"half")
    assert list_versions(serve) == [before.version] == [current_version(serve)]
    assert_next_publish_clears_up(warehouse, serve)
