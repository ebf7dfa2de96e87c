"""`kontor up` without its services: processes that die are started again, and none outlives this one."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kontor.supervisor import Service, Supervisor, pause_after

PROJECT = Path(__file__).parents[2]
# A service that starts a process of its own, says both numbers, and waits.
FAMILY = "sleep 300 & echo $$ $!; wait"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="process groups are those of POSIX")


def service(tmp_path: Path, command: list[str]) -> Service:
    return Service("family", command, tmp_path, dict(os.environ))


@contextmanager
def running(supervisor: Supervisor) -> Iterator[None]:
    thread = threading.Thread(target=supervisor.run, args=(60.0, lambda: None))
    thread.start()
    try:
        yield
    finally:
        supervisor.stop()
        thread.join(timeout=30)
        assert not thread.is_alive()


def until(true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """A process that has ended, but that its parent has not looked after yet, is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def families(log: Path) -> list[list[int]]:
    """The numbers that were said, one list for each start."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [[int(pid) for pid in line.split()] for line in lines if line]


def test_a_killed_service_is_started_again_without_what_it_left_behind(tmp_path: Path) -> None:
    """A web interface that stays away after one crash; two runs at once, because the first one's parent was killed."""
    log = tmp_path / "family.log"
    told = logging.Logger("told")
    messages: list[str] = []
    told.addHandler(handler := logging.Handler())
    handler.emit = lambda record: messages.append(record.getMessage())
    family = service(tmp_path, ["sh", "-c", FAMILY])
    with running(Supervisor([family], tmp_path, told)):
        until(lambda: len(families(log)) == 1)
        first = families(log)[0]
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(families(log)) == 2)
        second = families(log)[1]
        assert not any(alive(pid) for pid in first) and all(alive(pid) for pid in second)
    assert not any(alive(pid) for pid in second)
    assert len(messages) == 1 and "family ended with exit status -9. It is started again in 1 s" in messages[0]


def test_starting_again_slows_down_and_never_ends() -> None:
    """A service that cannot start takes the whole machine, or is given up at night when nobody looks."""
    pauses = [pause_after(failures) for failures in range(1, 2000)]
    assert pauses[:4] == [1, 2, 4, 8] and pauses == sorted(pauses)
    assert pauses[-1] == max(pauses) <= 600


def test_a_command_that_does_not_exist_is_a_failure_like_others(tmp_path: Path) -> None:
    """A broken installation takes down the services that still work."""
    messages: list[str] = []
    told = logging.Logger("told")
    told.addHandler(handler := logging.Handler())
    handler.emit = lambda record: messages.append(record.getMessage())
    missing = Service("missing", [str(tmp_path / "no such program")], tmp_path, {})
    with running(Supervisor([missing, service(tmp_path, ["sh", "-c", FAMILY])], tmp_path, told)):
        until(lambda: families(tmp_path / "family.log"))
    assert "missing cannot be started: No such file or directory" in messages[0]


def test_it_ends_at_once_while_a_service_is_still_starting(tmp_path: Path) -> None:
    """A machine that is shut down just after it was started waits until somebody cuts the power."""
    starting = Service("family", ["sh", "-c", FAMILY], tmp_path, dict(os.environ), ready=lambda: False)
    supervisor = Supervisor([starting], tmp_path, logging.Logger(""))
    thread = threading.Thread(target=supervisor.run, args=(3600.0, lambda: None))
    thread.start()
    until(lambda: families(tmp_path / "family.log"))
    supervisor.stop()
    thread.join(timeout=30)
    assert not thread.is_alive()


def test_nothing_outlives_a_killed_parent(tmp_path: Path) -> None:
    """`kill -9` of the parent leaves a daemon that goes on starting runs, beside the one started next."""
    program = f"""
import logging, os, pathlib
from kontor.supervisor import Service, Supervisor
service = Service("family", ["sh", "-c", {FAMILY!r}], pathlib.Path({str(tmp_path)!r}), dict(os.environ))
Supervisor([service], pathlib.Path({str(tmp_path)!r}), logging.Logger("")).run(60.0, lambda: None)
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT) as parent:
        until(lambda: families(tmp_path / "family.log"))
        parent.kill()
    [family] = families(tmp_path / "family.log")
    until(lambda: not any(alive(pid) for pid in family))
