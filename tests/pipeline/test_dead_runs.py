"""What Dagster believes of runs whose process is gone."""

from __future__ import annotations

import uuid
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus as Status

from kontor.settings import load_settings
from orchestration.dead_runs import fail_dead_runs
from orchestration.instance import instance_of, runs_in_progress

PROJECT = Path(__file__).parents[2]


def test_a_run_that_died_with_the_machine_stops_no_later_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut at night: Dagster takes the run for running and never starts another one."""
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path / "data"))
    settings = load_settings(PROJECT / "kontor.toml")
    # It names itself in the environment, which is taken back after this test.
    for name in settings.child_environment():
        monkeypatch.setenv(name, settings.child_environment()[name])
    assert runs_in_progress(settings) == 0
    with instance_of(settings) as instance:
        runs = {
            status: instance.add_run(dg.DagsterRun(job_name="daily", run_id=str(uuid.uuid4()), status=status))
            for status in (Status.STARTED, Status.STARTING, Status.CANCELING, Status.NOT_STARTED, Status.SUCCESS)
        }
        assert runs_in_progress(settings) == 3
        assert fail_dead_runs(instance) == 3
        after = {before: instance.get_run_by_id(run.run_id).status for before, run in runs.items()}
        assert after == {
            Status.STARTED: Status.FAILURE,
            Status.STARTING: Status.FAILURE,
            Status.CANCELING: Status.FAILURE,
            Status.NOT_STARTED: Status.NOT_STARTED,
            Status.SUCCESS: Status.SUCCESS,
        }
    assert runs_in_progress(settings) == 0
