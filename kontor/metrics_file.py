"""`data/metrics/kontor.prom`: figures for whoever watches several machines, in the text format of Prometheus.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/. node_exporter's textfile collector reads such
files, and so does Telegraf. Ages are left to the reader: there are only moments, so that a run that never comes is
seen. Labels are names of sources and steps, which settings and code give; nothing of what was delivered.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter

import duckdb

from ingestion.errors import IngestionError
from ingestion.warehouse import read_warehouse
from kontor.settings import Settings
from serving.failure import read_failure
from serving.publish import kontor_version
from serving.versions import current_version, published_at

# Sorted here, not there: DuckDB 2.0.0 takes the sums of an ordered result for as small as the rows that they are made
# of, and breaks off ("INT128 with value 38332 can't be cast ... INT16").
_LATEST_RUN = """
    select source_name, coalesce(sum(rows_loaded), 0), coalesce(sum(rows_quarantined), 0), count(*),
        count(*) filter (status in ('refused', 'failed'))
    from ops.load where run_id = (select arg_max(run_id, started_at) from ops.run) group by source_name
"""
_SOURCES = """
    select source_name, row_count, quarantined_rows, epoch(newest_at), freshness from ops.source_state
"""


@dataclass(frozen=True)
class _Metric:
    """A figure of one kind, with its values by label."""

    name: str
    help: str
    values: list[tuple[dict[str, str], float]]


def write_metrics(
    settings: Settings,
    now: datetime,
    step_seconds: dict[str, float],
    con: duckdb.DuckDBPyConnection | None = None,
) -> None:
    """Write the file as a whole, in one rename. `now` knows its zone; `step_seconds` are those of the last run; `con`
    has the warehouse open, which otherwise is opened for it.

    Where it cannot be written, the old one stays; that it grows old is what a watcher looks for.
    """
    file = settings.paths.metrics
    following = file.with_name(f".{file.name}")
    text = "".join(_text(metric) for metric in _metrics(settings, now, step_seconds, con))
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        following.write_text(text, encoding="utf-8")
        os.replace(following, file)


def _metrics(
    settings: Settings, now: datetime, step_seconds: dict[str, float], con: duckdb.DuckDBPyConnection | None
) -> Iterator[_Metric]:
    disk, paths = shutil.disk_usage(settings.paths.data), settings.paths
    yield _one("kontor_written_timestamp_seconds", "When this file was written.", now.timestamp())
    yield _Metric("kontor_info", "Versions.", [({"kontor": kontor_version(), "duckdb": duckdb.__version__}, 1)])
    yield _one("kontor_disk_free_bytes", "Free on the disk of the data.", disk.free)
    yield _one("kontor_disk_size_bytes", "Size of the disk of the data.", disk.total)
    version, failure = current_version(paths.serve), read_failure(paths.serve)
    if version is not None:
        at = published_at(version).timestamp()
        yield _one("kontor_last_success_timestamp_seconds", "When the version that readers see was published.", at)
    if failure is not None:
        at = failure.failed_at.replace(tzinfo=UTC).timestamp()
        yield _one("kontor_last_failure_timestamp_seconds", "When a run failed last.", at)
    yield _Metric(
        "kontor_step_seconds",
        "How long each step of the last run took, if it published.",
        [({"step": step}, seconds) for step, seconds in sorted(step_seconds.items())],
    )
    if paths.warehouse.exists():
        yield _one("kontor_warehouse_bytes", "Size of the pipeline's database.", paths.warehouse.stat().st_size)
        if con is not None:
            yield from _of_sources(con)
            return
        try:
            with closing(read_warehouse(paths.warehouse)) as reading:
                yield from list(_of_sources(reading))
        except (IngestionError, duckdb.Error):
            # Damaged, or of an older Kontor: what else there is to say is said.
            return


def _of_sources(con: duckdb.DuckDBPyConnection) -> Iterator[_Metric]:
    run, sources = (sorted(con.execute(query).fetchall(), key=itemgetter(0)) for query in (_LATEST_RUN, _SOURCES))
    for column, (name, text) in enumerate(_OF_RUN, start=1):
        yield _Metric(name, text, [({"source": row[0]}, row[column]) for row in run])
    yield _Metric("kontor_source_rows", "Rows of the source in the warehouse.", [(_s(row), row[1]) for row in sources])
    yield _Metric(
        "kontor_source_quarantined_rows", "Rows of the source in quarantine.", [(_s(row), row[2]) for row in sources]
    )
    yield _Metric(
        "kontor_source_newest_timestamp_seconds",
        "The source's newest row by its own clock.",
        [(_s(row), row[3]) for row in sources if row[3] is not None],
    )
    yield _Metric(
        "kontor_source_late", "1 if the source was late at the last run.", [(_s(r), r[4] == "late") for r in sources]
    )


_OF_RUN = (
    ("kontor_run_rows_loaded", "Rows that the last run loaded."),
    ("kontor_run_rows_quarantined", "Rows that the last run put into quarantine."),
    ("kontor_run_files", "Files that the last run looked at."),
    ("kontor_run_files_refused", "Files that the last run refused."),
)


def _s(row: tuple) -> dict[str, str]:
    return {"source": row[0]}


def _one(name: str, text: str, value: float) -> _Metric:
    return _Metric(name, text, [({}, value)])


def _text(metric: _Metric) -> str:
    if not metric.values:
        return ""
    lines = [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} gauge"]
    for labels, value in metric.values:
        listed = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        lines.append(f"{metric.name}{{{listed}}} {float(value)!r}" if listed else f"{metric.name} {float(value)!r}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
