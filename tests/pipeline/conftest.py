"""One run over the demo company's files, shared by the tests of whole runs; who changes something takes a copy."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from demo import DemoTruth, write_demo
from tests.company import Company
from tests.once import made_once

# September (its Monday from which the lathe degrades, its broken ERP rows) to the fifth day of the November promotion;
# analytics back to the 10th and 12th of November, which have broken lines.
AS_OF = date(2026, 11, 27)
SIZE = {"scale": 0.15, "days": 75, "web_days": 18}


@dataclass(frozen=True)
class DemoRun:
    """A finished run: the company, what its files hold, what the command said, and the marts it published."""

    company: Company
    truth: DemoTruth
    said: subprocess.CompletedProcess[str]
    marts: dict[str, tuple[int, str]]


def run_on(company: Company, as_of: date) -> DemoRun:
    """Write the files of the morning `as_of` and run the pipeline on them."""
    truth = write_demo(company.inbox, as_of=as_of, **SIZE)
    said = company.kontor("run")
    assert "Traceback" not in said.stdout + said.stderr, said.stdout + said.stderr
    return DemoRun(company, truth, said, company.marts())


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """The first day, one for all processes. Not to be written to, and be it a log: take a copy of its company."""
    return made_once(tmp_path_factory, "first", lambda folder: run_on(Company(folder / "data"), AS_OF))


@pytest.fixture(scope="session")
def repeated(first: DemoRun, tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """The same files dropped again."""
    return run_on(first.company.copy(tmp_path_factory.mktemp("repeated") / "data"), AS_OF)


@pytest.fixture(scope="session")
def next_day(repeated: DemoRun) -> DemoRun:
    """The files of the next morning, in the folder of the repeated run."""
    return run_on(repeated.company, AS_OF + timedelta(days=1))


@pytest.fixture
def copied(first: DemoRun, tmp_path: Path) -> Company:
    """A company of one's own, as the first run left it."""
    return first.company.copy(tmp_path / "data")
