"""Runs that Dagster takes for running though their process is gone: after a power cut, a kill, a crash.

Dagster starts no run while another one runs, so such a run would stop the nightly run for ever. Called by `kontor up`
when no run can be alive: nobody holds the writer's lock, and the services have not started yet.
"""

from __future__ import annotations

import dagster as dg

from kontor.settings import load_settings
from orchestration.instance import IN_PROGRESS, instance_of


def fail_dead_runs(instance: dg.DagsterInstance) -> int:
    """Mark them as failed; how many there were."""
    runs = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus(status) for status in IN_PROGRESS]))
    for run in runs:
        instance.report_run_failed(run, "The run's process ended before the run did: a power cut, or it was killed.")
    return len(runs)


if __name__ == "__main__":
    with instance_of(load_settings()) as instance:
        fail_dead_runs(instance)
