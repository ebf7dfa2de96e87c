"""`python -m benchmarks [--only NAME] [--scale 0.1] [--dlt-python PATH]`: measures, prints, writes the results.

A missed target is printed as such and does not fail the command: a benchmark says what it measured.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks import documents, history, idle, loading, reading, restore, running, small_files
from benchmarks.measure import Result, write_results


def main() -> None:
    """Run the chosen benchmarks one after the other, each in an empty folder."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--only", action="append", help="name of a benchmark; may be given several times")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the files; other than 1 is not written down")
    parser.add_argument("--dlt-python", type=Path, help="Python of an environment that has dlt")
    arguments = parser.parse_args()
    benchmarks: dict[str, Callable[[Path, float], list[Result]]] = {
        "load_sales_csv": loading.sales_csv,
        "load_access_log": loading.access_log,
        "load_datev": loading.datev,
        "load_ga4": loading.ga4,
        "load_memory": loading.memory,
        "load_einvoice_xml": documents.xml,
        "load_einvoice_pdf": documents.pdf,
        "load_small_files": small_files.small_files,
        "run_nothing_new": running.nothing_new,
        "publish": running.publishing,
        "reader_query": reading.queries,
        "history": history.history,
        "idle_up": idle.idle,
        "restore": restore.restore,
    }
    if arguments.dlt_python:
        python = arguments.dlt_python.absolute()
        benchmarks["load_sales_csv_dlt"] = lambda work, scale: loading.sales_csv_dlt(work, scale, python)
    unknown = set(arguments.only or ()) - benchmarks.keys()
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(benchmarks)}")
    results: list[Result] = []
    for name, benchmark in benchmarks.items():
        if arguments.only and name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory(prefix="kontor-bench-") as work:
            for result in benchmark(Path(work), arguments.scale):
                results.append(result)
                mark = "met" if result.met else "MISSED"
                figure = f"{result.measured:>7g} {result.unit:<3} (≤ {result.target:g})"
                print(f"{result.name:<22} {figure}  {mark:<6}  {result.detail}", flush=True)
    if arguments.scale == 1.0:
        versions = f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
        machine = f"{platform.system()}, {os.cpu_count()} cores, {versions}"
        write_results(results, machine, Path(__file__).parent)


if __name__ == "__main__":
    main()
