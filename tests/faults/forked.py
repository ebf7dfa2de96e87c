"""Kontor's commands as forked processes: real ones, which a signal really kills, without the seconds of imports.

A server process imports everything once (preloaded.py) and forks a child for each command. What is to happen to the
child (a signal at some moment, a limit, another user) is done to itself by a context manager around the command.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import dagster as dg
from rich.console import Console

from kontor.settings import load_settings
from orchestration.instance import instance_of

SCHEDULED = "a run that Dagster's daemon has begun"
"""Among the commands: Dagster does it as it does its own, in a process that nothing of the command line ends."""

Around = Callable[[], AbstractContextManager[object]]
"""A picklable call (a function of a module, or a partial of one)."""

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.preloaded"])


@dataclass(frozen=True)
class Forked:
    """A command that runs, or has run; what it says goes to two files."""

    arguments: tuple[str, ...]
    process: ForkServerProcess
    said: Path
    complained: Path

    def end(self, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Wait for its end. A negative exit status is the signal that killed it."""
        self.process.join(timeout)
        assert self.process.exitcode is not None, f"{self.arguments} has not ended within {timeout} s"
        return subprocess.CompletedProcess(
            self.arguments,
            self.process.exitcode,
            self.said.read_text("utf-8", "replace"),
            self.complained.read_text("utf-8", "replace"),
        )


def fork(
    arguments: tuple[str, ...], environment: dict[str, str], project: Path, output: Path, around: Around | None = None
) -> Forked:
    """Begin a command. `project` is the dbt project that it builds, `output` a folder for what it says."""
    output.mkdir(parents=True, exist_ok=True)
    number = len(list(output.iterdir())) // 2
    said, complained = output / f"{number}.out", output / f"{number}.err"
    said.touch()
    complained.touch()
    process = FORKS.Process(target=_run, args=(arguments, environment, project, said, complained, around))
    process.start()
    return Forked(arguments, process, said, complained)


def _run(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    project: Path,
    said: Path,
    complained: Path,
    around: Around | None,
) -> None:
    for descriptor, path in ((1, said), (2, complained)):
        file = os.open(path, os.O_WRONLY)
        os.dup2(file, descriptor)
        os.close(file)
    sys.stdout = io.TextIOWrapper(open(1, "wb", buffering=0), encoding="utf-8", write_through=True)  # noqa: SIM115
    sys.stderr = io.TextIOWrapper(open(2, "wb", buffering=0), encoding="utf-8", write_through=True)  # noqa: SIM115
    sys.argv = ["kontor", *arguments]
    os.environ.clear()
    os.environ.update(environment)
    from kontor.cli import app
    from orchestration.assets import models

    models.DBT_PROJECT = project
    with around() if around else nullcontext():
        run_scheduled() if arguments == (SCHEDULED,) else app()


def daily_job() -> dg.JobDefinition:
    """The job of the company that the environment names; it says which phase it is in."""
    from kontor.report import RunReport
    from orchestration.build import DAILY, build_definitions

    settings = load_settings(None)
    return build_definitions(settings, RunReport(settings, Console())).resolve_job_def(DAILY)


def run_scheduled() -> None:
    """What the process of a run does that Dagster's daemon has begun."""
    from dagster._grpc.impl import core_execute_run

    with instance_of(load_settings(None)) as instance:
        run = instance.create_run_for_job(daily_job())
        for _ in core_execute_run(dg.reconstructable(daily_job), run, instance, inject_env_vars=False):
            pass
