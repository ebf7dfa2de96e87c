"""kill -9 in the middle of a publish: readers keep a complete version, and the next publish clears up."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from serving.publish import publish
from serving.read import connect_published
from serving.versions import current_version

BEFORE = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
DURING = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
AFTER = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)

# Publishes and kills itself before the n-th line of serving/ that it comes to, in whichever thread (n = 0: never);
# prints at the end which functions the lines were in. keep=1, so that the removal of a version is among them.
PUBLISHER = """
import os, signal, sys, threading
from datetime import datetime
from pathlib import Path
from serving import copying, parquet, publish as publishing, versions

die_at, passed = int(sys.argv[3]), []
files = {module.__file__ for module in (publishing, copying, parquet, versions)}

def trace(frame, event, argument):
    if frame.f_code.co_filename not in files:
        return None
    if event == "line":
        passed.append(frame.f_code.co_name)
        if len(passed) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
    return trace

print("begin", flush=True)
threading.settrace(trace)
sys.settrace(trace)
publishing.publish(
    Path(sys.argv[1]), Path(sys.argv[2]), keep=1, run_id="during", now=datetime.fromisoformat(sys.argv[4])
)
sys.settrace(None)
print(*passed)
"""


def make_warehouse(path: Path, rows: int) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            create schema marts;
            create table marts.fct_sale as
            select i as sale_id, md5(i::varchar) as sale_key, (i / 7)::decimal(18, 2) as net_amount
            from range({rows}) t(i);
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


def assert_complete(serve: Path, rows: int) -> str:
    """What `current` names is whole: database, account and Parquet agree. Returns whose run it was."""
    with connect_published(serve) as connection:
        assert connection.execute("select count(*), count(distinct sale_key) from fct_sale").fetchall() == [
            (rows, rows)
        ]
        assert connection.execute("from mart_total").fetchall() == [(rows,)]
        assert connection.execute("select table_name, row_count from publication_table order by 1").fetchall() == [
            ("fct_sale", rows),
            ("mart_total", 1),
        ]
        parquet = serve / "current" / "parquet"
        assert connection.execute(f"select count(*) from '{parquet}/marts.fct_sale.parquet'").fetchall() == [(rows,)]
        ((run_id,),) = connection.execute(f"select run_id from '{parquet}/marts.publication.parquet'").fetchall()
        assert connection.execute("select run_id from publication").fetchall() == [(run_id,)]
    return str(run_id)


def assert_next_publish_clears_up(warehouse: Path, serve: Path, rows: int) -> None:
    replaced = current_version(serve)
    after = publish(warehouse, serve, keep=1, run_id="after", now=AFTER)
    assert assert_complete(serve, rows) == "after"
    assert sorted(os.listdir(serve / "versions")) == [replaced, after.version]
    assert sorted(os.listdir(serve)) == ["current", "versions"]


def test_killed_at_lines_all_over_a_publish(tmp_path: Path) -> None:
    """Any order of steps in which one moment leaves `current` missing, half-made or without its files fails here."""
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", 1000)
    template = tmp_path / "template"
    for day in (20, 21, 22):
        # Two before the last, so that there is one to remove.
        publish(warehouse, template, keep=3, run_id="before", now=datetime(2026, 11, day, 5, tzinfo=UTC))
    whole = start(warehouse, shutil.copytree(template, tmp_path / "whole", symlinks=True), 0)
    lines = whole.communicate()[0].split()[1:]
    assert whole.returncode == 0
    link = [number for number, function in enumerate(lines, start=1) if function == "point_current"]
    # Some before the link moves, every line while it does, some of what comes after, the removal of a version.
    chance = random.Random(7)
    moments = [
        *sorted(chance.sample(range(1, link[0]), 8)),
        *link,
        *sorted(chance.sample(range(link[-1] + 1, len(lines) + 1), 8)),
    ]
    seen = set()
    for moment in moments:
        serve = shutil.copytree(template, tmp_path / str(moment), symlinks=True)
        killed = start(warehouse, serve, moment)
        killed.communicate()
        assert killed.returncode == -signal.SIGKILL, f"line {moment} of {len(lines)} was not reached"
        seen.add(assert_complete(serve, 1000))
        assert_next_publish_clears_up(warehouse, serve, 1000)
    assert seen == {"before", "during"}


def test_killed_at_moments_all_over_a_publish(tmp_path: Path) -> None:
    """Between two lines of Python stand the long statements in DuckDB, which the test above does not cut."""
    rows = 300_000
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", rows)
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
        assert assert_complete(serve, rows) in ("before", "during")
    assert unfinished > 0
    assert_next_publish_clears_up(warehouse, serve, rows)
