"""`kill -9` of a whole run while it loads, builds or publishes: the next run ends where an undisturbed one does."""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from demo import write_demo
from tests.company import Company

AS_OF = date(2026, 11, 13)
SIZE = {"scale": 0.02, "days": 12, "web_days": 3}
# What the run prints when a phase begins, and for how many seconds at most the killer then waits.
PHASES = {"Dateien laden": 1.5, "Auswertungstabellen bauen": 6.0, "Veröffentlichen": 0.4}
SEED = 20261122
ROUNDS = 3


# Fifteen runs; a machine with other work to do takes a minute for each.
pytestmark = pytest.mark.timeout(2400)


def new_company(data: Path) -> Company:
    """Both companies have the same key, so that they make the same pseudonyms."""
    data.mkdir(parents=True)
    (data / ".env").write_text("KONTOR_PSEUDONYM_KEY=the same for both\n", encoding="utf-8")
    (data / ".env").chmod(0o600)
    return Company(data)


def write_files(company: Company, day: int) -> None:
    write_demo(company.inbox, as_of=AS_OF + timedelta(days=day), **SIZE)


def kill_during(company: Company, phase: str, seconds: float) -> bool:
    """Start a run and kill it that long after the phase began; whether it was still running then."""
    with company.start("run") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(phase):
                break
        time.sleep(seconds)
        running = process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return running


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, tuple[int, str]]]:
    """The marts after each morning of a company that nobody disturbs."""
    company = new_company(tmp_path_factory.mktemp("undisturbed") / "data")
    found = {}
    for day in range(ROUNDS):
        write_files(company, day)
        said = company.kontor("run")
        assert said.returncode == 0, said.stdout + said.stderr
        found[day] = company.marts()
    assert found[0] != found[1] != found[2], "each morning must bring something"
    return found


def test_a_killed_run_leaves_nothing_behind(undisturbed: dict, tmp_path: Path) -> None:
    """Rows doubled or lost, a warehouse that no longer opens, a lock that nobody holds, half a version for readers."""
    chance = random.Random(SEED)
    company = new_company(tmp_path / "data")
    killed = 0
    for day in range(ROUNDS):
        write_files(company, day)
        for phase, longest in PHASES.items():
            seconds = chance.uniform(0, longest)
            killed += kill_during(company, phase, seconds)
            if day:
                assert company.marts() in (undisturbed[day - 1], undisturbed[day]), (phase, seconds)
        said = company.kontor("run")
        assert said.returncode == 0, said.stdout + said.stderr
        assert company.marts() == undisturbed[day], day
    assert killed >= 8, "the runs were over before they could be killed"
