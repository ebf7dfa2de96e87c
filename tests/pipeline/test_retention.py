"""How long Dagster remembers runs."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus as Status

from kontor.settings import load_settings
from orchestration.instance import instance_of
from orchestration.retention import find_old_runs

PROJECT = Path(__file__).parents[2]


def test_old_runs_go_with_their_files_but_never_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of ten thousand files of events; a company that was closed for months and finds no last run; a run that
    is still under way and loses its record.
    """
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path / "data"))
    settings = load_settings(PROJECT / "kontor.toml")
    # Dagster's instance names itself in the environment, which is taken back after this test.
    for name, value in settings.child_environment().items():
        monkeypatch.setenv(name, value)
    tomorrow = datetime.now() + timedelta(days=1)
    with instance_of(settings) as instance:
        runs = [str(uuid.uuid4()) for _ in range(33)]
        for number, run_id in enumerate(runs):
            status = Status.STARTED if number == 1 else Status.SUCCESS
            instance.add_run(dg.DagsterRun(job_name="daily", run_id=run_id, status=status))
        for run_id in (runs[0], runs[1], runs[-1]):
            instance.report_engine_event("an event", job_name="daily", run_id=run_id)
        events = settings.paths.dagster_home / "history" / "runs"
        assert list(find_old_runs(settings, instance, datetime.now() - timedelta(days=90))) == []
        [finding] = find_old_runs(settings, instance, tomorrow)
        assert finding.items == 2 and finding.bytes == sum(
            path.stat().st_size for path in events.glob(f"{runs[0]}.db*")
        )
        finding.remove()
        left = {run.run_id for run in instance.get_runs()}
        assert left == set(runs) - {runs[0], runs[2]}
        assert not list(events.glob(f"{runs[0]}.db*")) and list(events.glob(f"{runs[1]}.db*"))
        assert list(find_old_runs(settings, instance, tomorrow)) == []
