"""What is recorded of a run beside Dagster's own log: lines of the structured log, and the metrics file."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import duckdb

from ingestion.ledger import LoadResult
from kontor.logs import write_event
from kontor.metrics_file import write_metrics
from kontor.settings import Settings


def record_file(settings: Settings, run_id: str, result: LoadResult) -> None:
    """What became of a file."""
    write_event(
        settings.paths.logs,
        "file",
        run_id=run_id,
        file_id=result.file_id,
        source=result.source,
        kind=result.kind,
        status=result.status,
        rows_read=result.rows_read,
        rows_loaded=result.rows_loaded,
        rows_quarantined=result.rows_quarantined,
        rows_skipped=result.rows_skipped,
        rows_replaced=result.rows_replaced,
        seconds=round(result.seconds, 3),
    )


def record_published(
    settings: Settings, instance: dg.DagsterInstance, con: duckdb.DuckDBPyConnection, run_id: str, version: str
) -> None:
    """How long each step took, and that readers have a new version. Called in the step that publishes."""
    now = datetime.now(UTC)
    seconds = {}
    for step in instance.get_run_step_stats(run_id):
        if step.start_time is not None:
            seconds[step.step_key] = round((step.end_time or now.timestamp()) - step.start_time, 3)
    for step, took in seconds.items():
        write_event(settings.paths.logs, "step", run_id=run_id, step=step, seconds=took)
    write_event(settings.paths.logs, "published", run_id=run_id, version=version)
    write_metrics(settings, now, seconds, con)


def record_failure(settings: Settings, run_id: str, step: str) -> None:
    """That a step failed; why is said in Dagster's log, since errors may quote what was delivered."""
    write_event(settings.paths.logs, "failed", run_id=run_id, step=step)
    write_metrics(settings, datetime.now(UTC), {})
