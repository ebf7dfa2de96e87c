"""Two instances at once: one writes, the other says whom it waits for, or waits."""

from __future__ import annotations

import time

from tests.faults.conftest import Mornings, SmallCompany
from tests.faults.forked import Forked


def wait_for(run: Forked, words: str) -> None:
    """Until a command that runs has said something."""
    deadline = time.monotonic() + 300
    while words not in run.said.read_text(encoding="utf-8"):
        assert run.process.is_alive() and time.monotonic() < deadline, run.complained.read_text(encoding="utf-8")
        time.sleep(0.02)


def refused(company: SmallCompany, *arguments: str) -> str:
    """What a command says that another run keeps from writing."""
    said = company.kontor(*arguments)
    assert said.returncode == 1 and "Traceback" not in said.stderr, said.stdout + said.stderr
    return " ".join(said.stderr.split())


def test_one_writes_and_the_others_say_who(mornings: Mornings, tmp_path: object) -> None:
    """Two runs that load one file twice, publish half of each other's tables, or wait for each other for ever."""
    company = mornings.again()
    first = company.begin("run")
    wait_for(first, "Loading files")
    waiting = company.begin("run", "--wait", "5")
    for command in (("run",), ("publish",), ("backup", "--to", str(tmp_path)), ("verify",)):
        said = refused(company, *command)
        assert "kontor run" in said and f"process {first.process.pid} " in said, said
    status = company.kontor("status")
    assert f"process {first.process.pid} " in status.stdout and not status.stderr, status.stdout + status.stderr
    assert first.end().returncode == 1 and waiting.end().returncode == 0
    assert company.contents() == mornings.second
