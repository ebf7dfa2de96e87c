"""An error of DuckDB 2.0.0 that gives wrong sums without saying so is kept out of every connection that is Kontor's."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import yaml

from ingestion.warehouse import open_warehouse, read_warehouse
from serving.publish import publish
from serving.read import connect_published

PROJECT = Path(__file__).parents[2]


def sums(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    con.execute("create temp table part as select i // 20 as run, i % 5 as kind, 30000 - i as n from range(100) t(i)")
    con.execute("create temp table run as select 4 as run")
    return con.execute(
        "select kind, sum(n) from part where run = (select max(run) from run) group by kind order by kind"
    ).fetchall()


RIGHT = [(kind, sum(30000 - i for i in range(80, 100) if i % 5 == kind)) for kind in range(5)]


def test_sums_are_right_wherever_kontor_asks(tmp_path: Path) -> None:
    """A turnover of 30,050 in place of 119,650, in a report that looks like every other."""
    file = tmp_path / "warehouse.duckdb"
    with closing(open_warehouse(file, work=tmp_path / "work", memory_gb=1, threads=2)) as con:
        assert sums(con) == RIGHT
        con.execute("create schema marts; create table marts.dim_date as select current_date as date_day")
    with closing(read_warehouse(file)) as con:
        assert sums(con) == RIGHT
    publish(file, tmp_path / "serve", keep=1, run_id="1", now=datetime(2026, 11, 21, 5, tzinfo=UTC))
    with connect_published(tmp_path / "serve") as con:
        assert sums(con) == RIGHT


def test_sums_are_right_in_dbts_sessions() -> None:
    """The same in a mart."""
    profile = yaml.safe_load((PROJECT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8"))
    for output in profile["kontor"]["outputs"].values():
        with duckdb.connect() as con:
            con.execute(f"set disabled_optimizers = '{output['settings']['disabled_optimizers']}'")
            assert sums(con) == RIGHT
