"""How long Dagster remembers runs: their records, their events, and the file that each run's events have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import dagster as dg

from kontor.settings import Settings
from operations.housekeeping import Finding

# Whatever their age: what happened last can always be looked up.
_ALWAYS = 30
_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def find_old_runs(settings: Settings, instance: dg.DagsterInstance, before: datetime) -> Iterator[Finding]:
    """Runs that were begun before that time (UTC without zone), but for the newest thirty."""
    newest = {run.run_id for run in instance.get_runs(limit=_ALWAYS)}
    filters = dg.RunsFilter(statuses=_FINISHED, created_before=before.replace(tzinfo=UTC))
    old = [run.run_id for run in instance.get_runs(filters) if run.run_id not in newest]
    if old:
        files = [file for run_id in old for file in _files_of(settings, run_id)]
        size = sum(file.stat().st_size for file in files)
        yield Finding("old_runs", len(old), size, partial(_forget, settings, instance, old))


def _forget(settings: Settings, instance: dg.DagsterInstance, run_ids: list[str]) -> None:
    for run_id in run_ids:
        instance.delete_run(run_id)
        for file in _files_of(settings, run_id):
            file.unlink(missing_ok=True)


def _files_of(settings: Settings, run_id: str) -> list[Path]:
    return list((settings.paths.dagster_home / "history" / "runs").glob(f"{run_id}.db*"))
