"""Loading, with everything it does (hash, checks, quarantine, ledger, archive), against DuckDB's bare reading."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb

from benchmarks import files
from benchmarks.measure import Result, alternate, ratio
from ingestion import ledger
from ingestion.contract_files import load_contracts
from ingestion.landing import Areas, Run, load_source
from ingestion.ledger import LoadResult
from ingestion.readers.access_log import FIELDS
from ingestion.readers.log_forms import COMBINED
from ingestion.source import Source
from ingestion.sqltext import literal, text_list
from ingestion.warehouse import open_warehouse

THREADS = 2
MEMORY_GB = 1.0
NOW = datetime(2026, 11, 1)
_ROUNDS = 5
_GA4_FIELDS = {
    **dict.fromkeys(
        ("event_date", "event_timestamp", "event_name", "user_pseudo_id", "stream_id", "platform"), "VARCHAR"
    ),
    **dict.fromkeys(("event_params", "privacy_info", "device", "geo", "traffic_source"), "JSON"),
    **dict.fromkeys(("collected_traffic_source", "ecommerce", "items"), "JSON"),
}


def sales_csv(work: Path, scale: float) -> list[Result]:
    """2 million sales lines against DuckDB's own typed CREATE TABLE AS of the same lines (without the dirty ones'
    bad dates, which would stop it)."""
    lines = int(2_000_000 * scale)
    dirty, clean = work / "lines.csv", work / "clean.csv"
    files.sales_lines(dirty, lines)
    files.sales_lines(clean, lines, dirty=False)

    def ours() -> None:
        result = load(work / "company", dirty, "sales_lines")
        assert result.rows_read == lines and result.rows_quarantined == lines // 100_000, result

    ours_times, theirs_times = alternate(ours, lambda: _typed_read(clean, work / "bare.duckdb"), _ROUNDS)
    return [ratio("load_sales_csv", ours_times, theirs_times, 2.0, f"{lines:,} lines against DuckDB's typed read_csv")]


def sales_csv_dlt(work: Path, scale: float, dlt_python: Path) -> list[Result]:
    """The same lines by dlt's road: pandas chunks, dlt, DuckDB, in dlt's own environment."""
    lines = int(200_000 * scale)
    path = work / "lines.csv"
    files.sales_lines(path, lines, dirty=False)
    script = Path(__file__).with_name("dlt_pandas.py")

    def theirs() -> None:
        folder = work / "dlt"
        shutil.rmtree(folder, ignore_errors=True)
        environment = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(folder)}
        subprocess.run([str(dlt_python), str(script), str(path), str(folder)], check=True, env=environment)

    def ours() -> None:
        _in_process(work, path, "sales_lines")

    ours_times, theirs_times = alternate(ours, theirs, 3)
    return [
        ratio(
            "load_sales_csv_dlt",
            ours_times,
            theirs_times,
            1.0,
            f"{lines:,} lines, each a process, against pandas and dlt",
        )
    ]


def memory(work: Path, scale: float) -> list[Result]:
    """Peak memory of a process that loads 2 million lines, and of one that loads ten times as many."""
    lines = int(2_000_000 * scale)
    small, large = work / "small.csv", work / "large.csv"
    files.sales_lines(small, lines)
    header, _, body = small.read_bytes().partition(b"\n")
    with large.open("wb") as out:
        out.write(header + b"\n")
        for _ in range(10):
            out.write(body)
    del body
    small_gb = _in_process(work, small, "sales_lines") / 1e6
    large_gb = _in_process(work, large, "sales_lines") / 1e6
    large.unlink()
    return [
        Result.of(
            "load_memory", max(small_gb, large_gb), "GB", 1.5, f"peak of loading {lines:,} and {10 * lines:,} lines"
        ),
        Result.of(
            "load_memory_tenfold",
            large_gb / small_gb,
            "×",
            1.1,
            f"peak for {10 * lines:,} lines ({large_gb:.2f} GB) against {lines:,} ({small_gb:.2f} GB)",
        ),
    ]


def access_log(work: Path, scale: float) -> list[Result]:
    """5 million log lines against DuckDB's own regexp_extract of the same columns."""
    lines = int(5_000_000 * scale)
    path = work / "access.log"
    files.access_log(path, lines)

    def ours() -> None:
        result = load(work / "company", path, "access_log")
        assert result.rows_read == lines and 0 < result.rows_quarantined <= 5, result

    def theirs() -> None:
        with _fresh(work / "bare.duckdb") as con:
            con.execute(
                f"""create table t as select unnest(regexp_extract(line, {literal(COMBINED)}, {text_list(FIELDS)}))
                from read_csv({literal(str(path))}, columns = {{'line': 'VARCHAR'}}, auto_detect = false,
                    header = false, delim = '\x01', quote = '', escape = '')"""
            )

    ours_times, theirs_times = alternate(ours, theirs, 3)
    return [ratio("load_access_log", ours_times, theirs_times, 2.0, f"{lines:,} lines against DuckDB's regexp_extract")]


def datev(work: Path, scale: float) -> list[Result]:
    """1 million DATEV bookings against DuckDB's own typed read of the same columns. Ours is Windows text, as DATEV
    writes it; DuckDB, which cannot read that, gets the same in UTF-8."""
    lines = int(1_000_000 * scale)
    windows, utf8 = work / "EXTF_windows.csv", work / "utf8.csv"
    files.datev_bookings(windows, lines, "cp1252")
    files.datev_bookings(utf8, lines, "utf-8")

    def ours() -> None:
        result = load(work / "company", windows, "datev_bookings")
        assert result.rows_loaded == lines, result

    def theirs() -> None:
        contract = load_contracts()["datev_bookings"]
        read = {column.position: column for column in contract.columns if column.position is not None}
        sql_type = {place: "VARCHAR" if column.type in ("date", "boolean") else column.sql_type
                    for place, column in read.items()}  # fmt: skip
        columns = ", ".join(f"'c{place}': '{sql_type.get(place, 'VARCHAR')}'" for place in range(1, 126))
        with _fresh(work / "bare.duckdb") as con:
            con.execute(
                f"""create table t as select {", ".join(f"c{place}" for place in read)}
                from read_csv({literal(str(utf8))}, columns = {{{columns}}}, auto_detect = false, header = false,
                    skip = 2, delim = ';', quote = '"', escape = '"', decimal_separator = ',')"""
            )

    ours_times, theirs_times = alternate(ours, theirs, 3)
    return [ratio("load_datev", ours_times, theirs_times, 2.5, f"{lines:,} bookings against DuckDB's typed read_csv")]


def ga4(work: Path, scale: float) -> list[Result]:
    """1 million GA4 events against DuckDB's own read_json of the same fields."""
    events = int(1_000_000 * scale)
    path = work / "events_20261001.json"
    files.ga4_events(path, events)
    fields = ", ".join(f"'{name}': '{kind}'" for name, kind in _GA4_FIELDS.items())

    def ours() -> None:
        result = load(work / "company", path, "ga4_events")
        assert result.rows_read == result.rows_loaded == events, result

    def theirs() -> None:
        with _fresh(work / "bare.duckdb") as con:
            con.execute(
                f"""create table t as select * from read_json({literal(str(path))}, columns = {{{fields}}},
                    format = 'newline_delimited')"""
            )

    ours_times, theirs_times = alternate(ours, theirs, 3)
    return [ratio("load_ga4", ours_times, theirs_times, 2.5, f"{events:,} events against DuckDB's read_json")]


def load(folder: Path, path: Path, kind: str) -> LoadResult:
    """Load a file into a new company's warehouse; the file itself stays, its company gets a link to it."""
    shutil.rmtree(folder, ignore_errors=True)
    areas = Areas(folder / "inbox", folder / "archive", folder / "refused", folder / "work")
    areas.prepare()
    # A hard link costs nothing, and moving it to the archive leaves the original where it is.
    os.link(path, areas.inbox / path.name)
    contracts = load_contracts()
    source = Source(name="bench", kind=kind, files="*", role="sales")
    con = open_warehouse(folder / "warehouse.duckdb", work=areas.work, memory_gb=MEMORY_GB, threads=THREADS)
    try:
        ledger.prepare(con, contracts.values())
        (result,) = load_source(con, Run(areas, "bench", NOW), contracts[kind], source, "Europe/Berlin")
    finally:
        con.close()
    assert result.status == "loaded", result
    return result


def _in_process(work: Path, path: Path, kind: str) -> int:
    """Load in a process of its own; its peak memory in kB."""
    code = (
        "import json, resource, sys; from pathlib import Path; from benchmarks.loading import load; "
        "load(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]); "
        "print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(work / "company"), str(path), kind],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    return int(json.loads(said.stdout))


def _typed_read(path: Path, database: Path) -> None:
    types = dict.fromkeys(files.HEADINGS, "VARCHAR")
    types["Belegdatum"] = "DATE"
    for name in ("Menge", "Einzelpreis", "Nettobetrag", "USt %", "USt-Betrag"):
        types[name] = "DECIMAL(18,4)"
    columns = ", ".join(f"{literal(name)}: '{kind}'" for name, kind in types.items())
    with _fresh(database) as con:
        con.execute(
            f"""create table t as select * from read_csv({literal(str(path))}, columns = {{{columns}}},
                auto_detect = false, header = true, delim = ';', quote = '"', escape = '"',
                decimal_separator = ',', thousands = '.', dateformat = '%d.%m.%Y')"""
        )


def _fresh(database: Path) -> duckdb.DuckDBPyConnection:
    for path in (database, database.with_name(database.name + ".wal")):
        path.unlink(missing_ok=True)
    con = duckdb.connect(str(database))
    con.execute(f"set threads = {THREADS}")
    return con
