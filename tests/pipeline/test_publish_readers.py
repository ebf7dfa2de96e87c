"""Readers in other processes while versions come and go: no error, no mixture of versions."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from serving.publish import publish

PUBLISHES = 20
NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)

# Connects again and again and asks several tables of one connection for the number that each version has throughout.
# "link" is how a BI tool comes, by the path; "published" how Python does. "stay" keeps its first connection all along.
READER = """
import sys
import duckdb
from pathlib import Path
from serving.read import connect_published

serve, kind = Path(sys.argv[1]), sys.argv[2]

def connect():
    if kind == "link":
        return duckdb.connect(str(serve / "current" / "warehouse.duckdb"), read_only=True)
    return connect_published(serve)

def number(connection):
    seen = {
        *connection.execute("select distinct number from marts.fct_sale").fetchall(),
        *connection.execute("select number from marts.mart_total").fetchall(),
        *connection.execute("select run_id::integer from marts.publication").fetchall(),
    }
    assert len(seen) == 1, f"mixed versions {seen}"
    return seen.pop()[0]

stayed = connect() if kind == "stay" else None
first, seen, rounds = number(stayed or connect()), [], 0
print("ready", flush=True)
while not (serve / "stop").exists():
    if stayed:
        assert number(stayed) == first, "an open connection moved to another version"
    connection = connect()
    seen.append(number(connection))
    connection.close()
    rounds += 1
assert seen == sorted(seen), "went back to an older version"
print(rounds, len(set(seen)))
"""


def put_number(warehouse: Path, number: int) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            f"""
            create schema if not exists marts;
            create or replace table marts.fct_sale as select i, {number} as number from range(50000) t(i);
            create or replace view marts.mart_total as select max(number) as number from marts.fct_sale;
            """
        )


def test_readers_see_whole_versions_only(tmp_path: Path) -> None:
    """Overwriting the file in place corrupted readers; replacing it left a process on the old data."""
    warehouse, serve = tmp_path / "warehouse.duckdb", tmp_path / "serve"

    def publish_number(number: int) -> None:
        put_number(warehouse, number)
        # keep=1: every publish removes what it may.
        publish(warehouse, serve, keep=1, run_id=str(number), now=NOW + timedelta(days=number))

    publish_number(0)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, serve, kind],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for kind in ("link", "published", "stay")
    ]
    try:
        for reader in readers:
            assert reader.stdout and reader.stdout.readline() == "ready\n", reader.stderr and reader.stderr.read()
        for number in range(1, PUBLISHES + 1):
            publish_number(number)
    finally:
        (serve / "stop").touch()
        ends = [reader.communicate(timeout=60) for reader in readers]
    for reader, (out, err) in zip(readers, ends, strict=True):
        assert reader.returncode == 0, err
        rounds, versions = map(int, out.split())
        # A reader that saw nothing move has tested nothing.
        assert rounds >= versions >= 5
