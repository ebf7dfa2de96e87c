"""Watches, every minute: runs whose process is gone, runs that have ended, and what is the matter between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterRunStatus as Status

from kontor.settings import Settings
from kontor.watching import LOOKED_AT, free_gb, problems_now, published_local
from operations.alerts.memory import read_memory
from operations.alerts.problem import PIPELINE
from operations.alerts.telling import Look, Told, tell
from operations.alerts.texts import alert_say
from orchestration.alive import broke_off, fail_dead_runs
from orchestration.outcome import outcome_of

SENSOR = "watch"
LOOKS_SECONDS = 60
# Runs that ended before anybody was to be told of them are history.
_OLDEST = timedelta(days=2)
# On a run that makes up for one that died: should it die as well, nobody makes up for it.
_INSTEAD_OF = "kontor/instead_of"


def watch_sensor(
    settings: Settings, daily: dg.UnresolvedAssetJobDefinition, pipeline: frozenset[str]
) -> dg.SensorDefinition:
    """The sensor; `pipeline` names all jobs that load or build."""

    @dg.sensor(
        name=SENSOR,
        job=daily,
        minimum_interval_seconds=LOOKS_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs whose process is gone, and tells people what they must know.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now = datetime.now(UTC)
        fail_dead_runs(context.instance, settings, now)
        wanted = make_up_for(context.instance, pipeline)
        told = [*tell_of_runs(context.instance, settings, pipeline, now), tell_of_now(settings, now)]
        for failed in (failed for one in told for failed in one.failed):
            context.log.warning(f"An alert did not arrive over {failed.channel}: {failed.said}")
        for broken in (one.broken for one in told if one.broken):
            context.log.warning(f"Alerts could not be sent: {broken}")
        if wanted:
            return dg.SensorResult(run_requests=wanted)
        return dg.SensorResult(skip_reason=f"Looked; {sum(len(one.messages) for one in told)} messages.")

    return watch


def make_up_for(instance: dg.DagsterInstance, pipeline: frozenset[str]) -> list[dg.RunRequest]:
    """A daily run in place of the newest run of the pipeline, if that one broke off; asked for once."""
    newest = next((run for run in instance.get_runs(limit=50) if run.job_name in pipeline), None)
    if newest is None or _INSTEAD_OF in newest.tags or not broke_off(instance, newest):
        return []
    return [dg.RunRequest(run_key=f"{_INSTEAD_OF}:{newest.run_id}", tags={_INSTEAD_OF: newest.run_id})]


def tell_of_runs(
    instance: dg.DagsterInstance, settings: Settings, pipeline: frozenset[str], now: datetime
) -> list[Told]:
    """Tell of runs that have ended since the last one that was told of, the oldest first. `now` knows its zone."""
    if not settings.alert_urls():
        return []
    seen = read_memory(settings.paths.alerts).seen_run
    since = now - _OLDEST if seen is None else datetime.fromisoformat(seen).replace(tzinfo=UTC)
    ended = instance.get_run_records(
        dg.RunsFilter(statuses=[Status.SUCCESS, Status.FAILURE], updated_after=since), ascending=True
    )
    ended = sorted((record for record in ended if record.end_time), key=lambda record: record.end_time or 0)
    return [tell_of_run(instance, record.dagster_run.run_id, settings, pipeline, now) for record in ended]


def tell_of_run(
    instance: dg.DagsterInstance, run_id: str, settings: Settings, pipeline: frozenset[str], now: datetime
) -> Told:
    """Tell what a run found, together with what is the matter besides. Says nothing twice, whoever calls."""
    outcome = outcome_of(instance, run_id, settings, pipeline) if settings.alert_urls() else None
    if outcome is None:
        return Told()
    utc = now.replace(tzinfo=None)
    published = published_local(settings)
    all_well = None
    if outcome.succeeded and f"run:{PIPELINE}" in outcome.looked_at and published is not None:
        say = alert_say(settings.company.language)
        room = say.decimal(free_gb(settings))
        said = say("all_well_said", time=say.day(published), sources=len(settings.sources), free=room)
        all_well = f"{say('all_well_title')}\n{said}"
    look = Look(
        [*outcome.problems, *problems_now(settings, utc)],
        lambda key: key in outcome.looked_at or key.partition(":")[0] in LOOKED_AT,
        utc,
        all_well=all_well,
        run_ended=outcome.ended_at,
    )
    return tell(settings, look)


def tell_of_now(settings: Settings, now: datetime) -> Told:
    """Tell what is the matter between two runs."""
    if not settings.alert_urls():
        return Told()
    utc = now.replace(tzinfo=None)
    return tell(settings, Look(problems_now(settings, utc), lambda key: key.partition(":")[0] in LOOKED_AT, utc))
