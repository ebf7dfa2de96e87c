"""What the published copy costs its readers: the same queries on it and on a plain DuckDB file with the same tables."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.measure import Result, alternate, ratio
from benchmarks.running import THREADS, marts_of
from serving.publish import publish

# As dashboards and analysts ask: a period by day, a ranking, a join on a text key, few rows of many columns.
_QUERIES = (
    "select document_date, channel, sum(net_amount), count(distinct document_number) from fct_sales_line "
    "where document_date >= '2025-01-01' group by all order by 1",
    "select product_key, sum(net_amount) as revenue from fct_sales_line where is_revenue "
    "group by all order by revenue desc limit 20",
    "select s.customer_key, sum(s.net_amount), count(e.web_event_key) from fct_sales_line s "
    "left join (from fct_web_event limit 50000) e on e.visitor_key = s.customer_key "
    "group by all order by 2 desc limit 10",
    "from fct_sales_line where document_number = 'RE12345'",
)
_TIMES = 5


def queries(work: Path, scale: float) -> list[Result]:
    """Four queries on the published copy, each connection included, against the plain file."""
    rows = int(1_000_000 * scale)
    warehouse, plain = marts_of(work, rows), work / "plain" / "warehouse.duckdb"
    publish(warehouse, work / "serve", keep=1, run_id="bench", now=datetime.now(UTC))
    plain.parent.mkdir()
    with duckdb.connect() as con:
        con.execute(f"attach '{warehouse}' as source (read_only)")
        con.execute(f"attach '{plain}' as target")
        con.execute("create schema target.marts")
        for table in ("fct_sales_line", "fct_web_event"):
            con.execute(f"create table target.marts.{table} as from source.marts.{table}")

    def ask(file: Path) -> None:
        for _ in range(_TIMES):
            with closing(duckdb.connect(str(file), read_only=True)) as con:
                con.execute(f"set threads = {THREADS}")
                con.execute("set search_path = 'marts'")
                for query in _QUERIES:
                    con.execute(query).fetchall()

    copy = work / "serve" / "current" / "warehouse.duckdb"
    ours, theirs = alternate(lambda: ask(copy), lambda: ask(plain), 7)
    what = f"{len(_QUERIES)} queries on {2 * rows:,} published rows, {_TIMES} times, against a plain DuckDB file"
    return [ratio("reader_query", ours, theirs, 1.1, what)]
