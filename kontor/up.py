"""Dagster's web interface and daemon on this machine, as two processes under this one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from rich.console import Console

from kontor.settings import PROJECT, Settings

_POLL_SECONDS = 0.5
_STOP_SECONDS = 20


def run_services(settings: Settings, console: Console, *, port: int) -> int:
    """Run both until a signal comes or one of them ends; then end the other. The exit status for the shell."""
    from orchestration.instance import prepare_instance

    prepare_instance(settings)
    environment = settings.child_environment()
    tools = Path(sys.executable).parent
    module = ["-m", "orchestration.definitions", "-d", str(PROJECT)]
    web = ["dagster-webserver", *module, "-h", "127.0.0.1", "-p", str(port)]
    commands = [web, ["dagster-daemon", "run", *module]]
    stopping = False
    ended: str | None = None

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    logs = settings.paths.data / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            with (logs / f"{command[0]}.log").open("ab") as log:
                processes.append(
                    subprocess.Popen(
                        [str(tools / command[0]), *command[1:]],
                        env=environment,
                        cwd=PROJECT,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                )
        console.print(
            f"In a few seconds: http://127.0.0.1:{port}  ·  "
            f"daily run at {settings.schedule.daily} {settings.company.time_zone}"
        )
        console.print(f"Logs: {logs}. Ctrl+C ends it.", highlight=False)
        while not stopping and ended is None:
            time.sleep(_POLL_SECONDS)
            named = zip(commands, processes, strict=True)
            ended = next((command[0] for command, process in named if process.poll() is not None), None)
    finally:
        _stop(processes)
    if stopping or ended is None:
        return 0
    console.print(f"[red]{ended} ended by itself. What it said last stands in {logs / f'{ended}.log'}.[/red]")
    return 1


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for process in processes:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
