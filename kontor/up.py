"""The dashboards, Dagster's web interface and its daemon on this machine, as processes under this one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from rich.console import Console

from kontor.dashboards import DASHBOARDS, dashboards_address, dashboards_command
from kontor.settings import PROJECT, Settings

_POLL_SECONDS = 0.5
_STOP_SECONDS = 20


@dataclass(frozen=True)
class _Service:
    """A process: its name, its command line, where and with what environment it runs."""

    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str]


def run_services(settings: Settings, console: Console, *, port: int, dashboards_port: int | None = None) -> int:
    """Run them until a signal comes or one of them ends; then end the others. The exit status for the shell."""
    from orchestration.instance import prepare_instance

    settings.dashboards_password()
    prepare_instance(settings)
    services = _services(settings, port, dashboards_port)
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
        for service in services:
            with (logs / f"{service.name}.log").open("ab") as log:
                processes.append(
                    subprocess.Popen(
                        service.command,
                        env=service.environment,
                        cwd=service.folder,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                )
        console.print(
            f"In a few seconds: dashboards {dashboards_address(settings, dashboards_port)}  ·  "
            f"runs http://127.0.0.1:{port}  ·  "
            f"daily run at {settings.schedule.daily} {settings.company.time_zone}",
            highlight=False,
        )
        console.print(f"Logs: {logs}. Ctrl+C ends it.", highlight=False)
        while not stopping and ended is None:
            time.sleep(_POLL_SECONDS)
            running = zip(services, processes, strict=True)
            ended = next((service.name for service, process in running if process.poll() is not None), None)
    finally:
        _stop(processes)
    if stopping or ended is None:
        return 0
    console.print(f"[red]{ended} ended by itself. What it said last stands in {logs / f'{ended}.log'}.[/red]")
    return 1


def _services(settings: Settings, port: int, dashboards_port: int | None) -> list[_Service]:
    tools = Path(sys.executable).parent
    module = ["-m", "orchestration.definitions", "-d", str(PROJECT)]
    environment = settings.child_environment()
    web = [str(tools / "dagster-webserver"), *module, "-h", "127.0.0.1", "-p", str(port)]
    pages = dashboards_command(settings, dashboards_port)
    daemon = [str(tools / "dagster-daemon"), "run", *module]
    return [
        _Service("dagster-webserver", web, PROJECT, environment),
        _Service("dagster-daemon", daemon, PROJECT, environment),
        # Readers, unlike the pipeline, need no key of the pseudonyms.
        _Service("dashboards", pages, DASHBOARDS, settings.reader_environment()),
    ]


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
