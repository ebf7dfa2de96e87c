"""Loads a file soon after it is complete: a sensor that looks into the inbox and asks for the job of its domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg
from dagster import DagsterRunStatus as Status

from ingestion.arrivals import look
from ingestion.errors import IngestionError
from kontor.settings import Settings

SENSOR = "inbox"
LOOKS_SECONDS = 30
UNDER_WAY = [Status.NOT_STARTED, Status.QUEUED, Status.STARTING, Status.STARTED, Status.CANCELING]


def inbox_sensor(
    settings: Settings, daily: dg.UnresolvedAssetJobDefinition, jobs: Sequence[dg.UnresolvedAssetJobDefinition]
) -> dg.SensorDefinition:
    """The sensor. `jobs` are those of the domains, by their names; files of several domains are one daily run."""
    domains = {source.name: settings.contract_of(source).domain for source in settings.sources}

    @dg.sensor(
        name=SENSOR,
        jobs=[daily, *jobs],
        minimum_interval_seconds=LOOKS_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Asks for a run when a file in the inbox is complete.",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now = datetime.now(UTC)
        if not settings.schedule.loads_at(now.astimezone(ZoneInfo(settings.company.time_zone)).time()):
            return _wait("The settings leave files to the daily run at this hour.", context.cursor)
        try:
            found = look(context.cursor, settings.areas, settings.sources, now.replace(tzinfo=None))
        except IngestionError as error:
            return _wait(str(error), context.cursor)
        if not found.complete:
            return _wait("No file is complete that no run was asked for.", found.cursor(asking=False))
        if context.instance.get_runs_count(dg.RunsFilter(statuses=UNDER_WAY)):
            # It may load them; what it leaves is asked for afterwards.
            return _wait("A run is under way.", found.cursor(asking=False))
        needed = {domains[name] for name in found.complete}
        job = needed.pop() if len(needed) == 1 else daily.name
        return dg.SensorResult(run_requests=[dg.RunRequest(job_name=job)], cursor=found.cursor(asking=True))

    return inbox


def _wait(why: str, cursor: str | None) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=why, cursor=cursor)
