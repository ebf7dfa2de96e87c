"""Whether the process of a run is still there.

Dagster's queue waits for every run that it believes to be under way, and knows of none that its process was killed or
that the machine went off: one such run would keep all later nights waiting. So each run holds a lock as long as its
process lives, which the operating system frees however it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus as Status
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.in_process import InProcessExecutor
from filelock import FileLock

from kontor.lock import is_held
from kontor.settings import Settings

_DIED = "The run's process ended before the run did: a power cut, or it was killed."
# From a launched run to its first step: loading definitions and, after an update, reading the dbt project anew.
_STARTS_WITHIN = timedelta(minutes=5)


@contextmanager
def alive(settings: Settings, run_id: str) -> Iterator[None]:
    """Show as long as this lasts that the run's process is there."""
    path = _lock_of(settings, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path):
        yield
    path.unlink(missing_ok=True)


class _InOneProcess(InProcessExecutor):
    def __init__(self, settings: Settings) -> None:
        super().__init__(retries=RetryMode.ENABLED)
        self._settings = settings

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[dg.DagsterEvent]:
        with alive(self._settings, plan_context.run_id):
            yield from super().execute(plan_context, execution_plan)


def in_one_process(settings: Settings) -> dg.ExecutorDefinition:
    """Runs all steps in the run's own process: one each costs seconds, and there is one writer anyway."""

    @dg.executor(name="in_one_process")
    def executor(context: dg.InitExecutorContext) -> InProcessExecutor:
        return _InOneProcess(settings)

    return executor


def fail_dead_runs(instance: dg.DagsterInstance, settings: Settings, now: datetime) -> None:
    """Mark runs as failed that Dagster believes to be under way and whose process is gone. `now` knows its zone."""
    for run in dead_runs(instance, settings, now):
        instance.report_run_failed(run, _DIED)


def dead_runs(instance: dg.DagsterInstance, settings: Settings, now: datetime) -> list[dg.DagsterRun]:
    """Runs that Dagster believes to be under way and whose process is gone, oldest first. `now` knows its zone."""
    records = instance.get_run_records(
        dg.RunsFilter(statuses=[Status.STARTING, Status.STARTED, Status.CANCELING]), ascending=True
    )
    return [
        record.dagster_run
        for record in records
        if now - record.update_timestamp.replace(tzinfo=UTC) > _STARTS_WITHIN
        and not _is_held(_lock_of(settings, record.dagster_run.run_id))
    ]


def broke_off(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run failed at none of its steps: its process was killed or told to end, or the machine went off."""
    if run.status is not Status.FAILURE:
        return False
    failures = [
        entry.dagster_event.step_failure_data.error
        for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        if entry.dagster_event is not None
    ]
    told_to_end = dg.DagsterExecutionInterruptedError.__name__
    return all(error is not None and (error.cls_name or "").endswith(told_to_end) for error in failures)


def _lock_of(settings: Settings, run_id: str) -> Path:
    return settings.paths.dagster_home / "running" / f"{run_id}.lock"


def _is_held(path: Path) -> bool:
    if is_held(path):
        return True
    path.unlink(missing_ok=True)
    return False
