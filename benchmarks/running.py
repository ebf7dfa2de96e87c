"""Whole commands: a run with nothing new against dbt alone, and publishing against a bare copy."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from benchmarks.loading import THREADS
from benchmarks.measure import Result, alternate, ratio
from demo import write_demo
from kontor.settings import PROJECT, load_settings
from serving.publish import publish

_TOOLS = Path(sys.executable).parent
_AS_OF = date(2026, 11, 21)


def nothing_new(work: Path, scale: float) -> list[Result]:
    """`kontor run` on an empty inbox against `dbt build` of the same models and tests, each as a process."""
    environment = company(work, scale)
    quiet = {"env": environment, "check": True, "capture_output": True, "cwd": PROJECT}
    build = [
        str(_TOOLS / "dbt"),
        *("build", "--exclude-resource-type", "unit_test"),
        *("--project-dir", "dbt_project", "--profiles-dir", "dbt_project"),
    ]

    def ours() -> None:
        subprocess.run([str(_TOOLS / "kontor"), "run"], **quiet)

    def theirs() -> None:
        subprocess.run(build, **quiet)

    ours_times, theirs_times = alternate(ours, theirs, 5)
    return [
        ratio("run_nothing_new", ours_times, theirs_times, 1.3, "`kontor run` without new files against `dbt build`")
    ]


def marts_of(work: Path, rows: int) -> Path:
    """A warehouse with two marts of so many rows each, in the widths and repetitions of real ones."""
    warehouse = work / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create schema marts")
        con.execute(
            f"""create table marts.fct_sales_line as select
                md5(i::varchar) as sales_line_key, 'erp' as source_name, 'RE' || (i // 3) as document_number,
                timestamp '2022-01-01' + interval (i % 1400) day as document_at,
                date '2022-01-01' + (i % 1400)::int as document_date, md5((i % 4000)::varchar) as customer_key,
                'LA-' || (i % 400) as product_key, 'B2B' as channel, (i % 20)::decimal(18, 4) as quantity,
                (hash(i) % 250000 / 100)::decimal(18, 4) as net_amount,
                (hash(i) % 47500 / 100)::decimal(18, 4) as tax_amount,
                true as is_revenue
            from range({rows}) as r(i)"""
        )
        con.execute(
            f"""create table marts.fct_web_event as select
                md5(i::varchar) as web_event_key, timestamp '2026-01-01' + interval (i) second as event_at,
                'page_view' as event_name, md5((i % 50000)::varchar) as visitor_key,
                '/products/la-' || (hash(i) % 400) as page_path, (hash(i) % 90000)::bigint as response_bytes
            from range({rows}) as r(i)"""
        )
    return warehouse


def publishing(work: Path, scale: float) -> list[Result]:
    """Publishing some 2 million rows of marts against a bare CREATE TABLE AS of them into an attached file."""
    rows = int(1_000_000 * scale)
    warehouse = marts_of(work, rows)

    def ours() -> None:
        publish(warehouse, work / "serve", keep=1, run_id="bench", now=datetime.now(UTC))

    def theirs() -> None:
        target = work / "bare.duckdb"
        target.unlink(missing_ok=True)
        with duckdb.connect() as con:
            con.execute(f"set threads = {THREADS}")
            con.execute(f"attach '{warehouse}' as source (read_only)")
            con.execute(f"attach '{target}' as target (storage_version 'v1.0.0')")
            for table in ("fct_sales_line", "fct_web_event"):
                con.execute(f"create table target.{table} as from source.marts.{table}")
            con.execute("checkpoint target")

    ours_times, theirs_times = alternate(ours, theirs, 5)
    return [
        ratio("publish", ours_times, theirs_times, 1.2, f"{2 * rows:,} rows, Parquet included, against CREATE TABLE AS")
    ]


def company(work: Path, scale: float) -> dict[str, str]:
    """A demo company that has loaded everything; the environment of its commands."""
    os.environ["KONTOR_DATA"] = str(work / "data")
    settings = load_settings(PROJECT / "kontor.toml")
    environment = settings.child_environment()
    write_demo(settings.paths.inbox, as_of=_AS_OF, scale=scale)
    subprocess.run([str(_TOOLS / "kontor"), "run"], env=environment, check=True, capture_output=True, cwd=PROJECT)
    return environment
