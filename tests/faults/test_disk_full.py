"""A disk that is full from some moment on: one sentence, nothing lost, and a run with room ends as if nothing was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from kontor.settings import load_settings
from orchestration.alive import fail_dead_runs
from orchestration.build import pipeline_jobs
from orchestration.instance import instance_of
from orchestration.outcome import outcome_of
from tests.faults.conftest import Mornings
from tests.faults.forked import SCHEDULED
from tests.faults.killing import PHASES, Moment
from tests.faults.machine import fill, full_at, own_disk

MEGABYTES = 200


@pytest.fixture
def disk(mornings: Mornings) -> Iterator[Path]:
    """The company's data on a file system of their own."""
    mornings.clear()
    with own_disk(mornings.company.data, MEGABYTES) as path:
        yield path
        mornings.clear()


@pytest.mark.parametrize("phase", PHASES.values())
def test_a_run_whose_disk_fills_up(mornings: Mornings, disk: Path, phase: str) -> None:
    """A traceback of SQLite at three in the morning; rows that are half there; readers without their version."""
    company = mornings.again()
    said = company.kontor("run", around=partial(full_at, Moment(phase, 5), disk))
    everything = said.stdout + said.stderr
    assert said.returncode == 1, everything
    assert "Traceback" not in everything
    assert everything.count("is full") == 1 and "Make room" in everything, everything
    assert company.marts() == mornings.first["marts"], "readers keep what they had"
    status = company.kontor("status")
    assert "Readers see" in status.stdout and "Traceback" not in status.stderr, status.stdout + status.stderr

    (disk / "ballast").unlink()
    said = company.kontor("run")
    assert "Traceback" not in said.stdout + said.stderr
    assert company.contents() == mornings.second, said.stdout + said.stderr


def test_a_scheduled_run_whose_disk_fills_up(mornings: Mornings, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process hangs with the warehouse open, no later night can write, and nobody hears of it."""
    company = mornings.again()
    company.kontor(SCHEDULED, around=partial(full_at, Moment("building", 5), disk))
    (disk / "ballast").unlink()
    assert company.marts() == mornings.first["marts"], "readers keep what they had"

    monkeypatch.setenv("KONTOR_DATA", str(company.data))
    settings = load_settings(company.config)
    with instance_of(settings) as instance:
        # As the watch does, which gives a run's process some minutes to begin.
        fail_dead_runs(instance, settings, datetime.now(UTC) + timedelta(minutes=10))
        [newest] = instance.get_runs(limit=1)
        outcome = outcome_of(instance, newest.run_id, settings, pipeline_jobs(settings))
    assert outcome is not None and [problem.key for problem in outcome.problems] == ["run:pipeline"]

    said = company.kontor("run")
    assert company.contents() == mornings.second, said.stdout + said.stderr


def test_a_backup_onto_a_full_disk(mornings: Mornings, tmp_path: Path) -> None:
    """A backup that destroys the one before it while it finds out that there is no room; or that says it succeeded."""
    company = mornings.again()
    with own_disk(tmp_path / "share", 20) as share:
        company.succeed("backup", "--to", str(share))
        before = company.succeed("restore", str(share), "--list")
        (company.data / "archive" / "till" / "more").write_bytes(b"x" * 1_000_000)
        fill(share)
        said = company.kontor("backup", "--to", str(share))
        assert said.returncode == 1 and "Traceback" not in said.stderr, said.stderr
        assert said.stderr.count("No space left on device") == 1 and "has room" in " ".join(said.stderr.split())
        assert company.succeed("restore", str(share), "--list") == before
        (share / "ballast").unlink()
        company.succeed("backup", "--to", str(share))
        assert len(company.succeed("restore", str(share), "--list").splitlines()) == 2
