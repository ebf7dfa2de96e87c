"""Loading ten thousand small files at once, as after a holiday, or when a till writes one for every receipt."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.loading import MEMORY_GB, NOW, THREADS
from benchmarks.measure import Result, seconds_of
from ingestion import ledger
from ingestion.contract_files import load_contracts
from ingestion.landing import Areas, Run, load_source
from ingestion.source import Source
from ingestion.warehouse import open_warehouse

_LINES = 10
_HEADINGS = "Belegnr;Pos;Belegdatum;Kundennr;Artikelnr;Menge;Nettobetrag\n"


def small_files(work: Path, scale: float) -> list[Result]:
    """Milliseconds for each of 10,000 CSV files of ten lines, above those of reading it."""
    count = max(int(10_000 * scale), 1)
    areas = Areas(work / "inbox", work / "archive", work / "refused", work / "work")
    areas.prepare()
    paths = [areas.inbox / f"receipt-{number:05}.csv" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(_HEADINGS + "".join(_line(number, line) for line in range(_LINES)), encoding="utf-8")
        # A file just written could still be growing, and is waited for.
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    os.sync()
    reading = seconds_of(lambda: [path.read_bytes() for path in paths])
    contract = load_contracts()["sales_lines"]
    source = Source(name="till", kind="sales_lines", files="*", role="sales")
    con = open_warehouse(work / "warehouse.duckdb", work=areas.work, memory_gb=MEMORY_GB, threads=THREADS)
    try:
        ledger.prepare(con, [contract])
        loaded = 0

        def load() -> None:
            nonlocal loaded
            for result in load_source(con, Run(areas, "bench", NOW), contract, source, "Europe/Berlin"):
                loaded += result.rows_loaded

        loading = seconds_of(load)
    finally:
        con.close()
    assert loaded == count * _LINES, loaded
    what = f"each of {count:,} CSV files of {_LINES} lines, above reading it: {loading:.1f} s against {reading:.1f} s"
    return [Result.of("load_small_files", 1000 * (loading - reading) / count, "ms", 10.0, what)]


def _line(number: int, line: int) -> str:
    day = f"{number % 28 + 1:02}.{number % 12 + 1:02}.2026"
    return (
        f"R{number};{line + 1};{day};K{number % 500};A{(number + line) % 200};{line + 1};{(number % 900) + line},50\n"
    )
