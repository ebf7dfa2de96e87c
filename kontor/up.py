"""`kontor up`: dashboards, Dagster's web interface and daemon, and the server of the definitions, under one process.

The definitions get a server of their own, which web interface and daemon both ask. Without it each starts one, and the
daemon starts its own anew every minute, to see changes: a sixth of a core, all day long. Here the files are watched
instead, and the server is started again when they change.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from rich.console import Console

from ingestion.errors import ContractError
from kontor.dashboards import DASHBOARDS, dashboards_address, dashboards_command
from kontor.lock import only_one
from kontor.logs import UtcFormatter, rotated_log, write_event
from kontor.settings import PROJECT, Settings, SettingsError, load_settings
from kontor.supervisor import Service, Supervisor

_LOCAL = "127.0.0.1"
_MODULE = "orchestration.definitions"
_WATCH_SECONDS = 30.0


def run_services(settings: Settings, console: Console, *, port: int, dashboards_port: int | None = None) -> int:
    """Run them until a signal comes; the exit status for the shell.

    Raises AlreadyRunning where they run already, and SettingsError where one of their ports is taken.
    """
    from orchestration.instance import prepare_instance

    settings.dashboards_password()
    with only_one(settings.paths.up_lock, "kontor up", datetime.now(UTC).replace(tzinfo=None)):
        _check_free(port, "--port")
        _check_free(port + 1, "--port")
        _check_free(dashboards_port or settings.dashboards.port, "--dashboards-port")
        prepare_instance(settings)
        logs = settings.paths.logs
        logs.mkdir(parents=True, exist_ok=True)
        with _log(logs) as log:
            supervisor = Supervisor(_services(settings, port, dashboards_port), logs, log)
            console.print(
                f"In a few seconds: dashboards {dashboards_address(settings, dashboards_port)}  ·  "
                f"runs http://{_LOCAL}:{port}  ·  "
                f"daily run at {settings.schedule.daily} {settings.company.time_zone}",
                highlight=False,
            )
            console.print(f"Logs: {logs}. Ctrl+C ends it.", highlight=False)
            _run(supervisor, settings, log)
    return 0


def _run(supervisor: Supervisor, settings: Settings, log: logging.Logger) -> None:
    from orchestration.instance import runs_in_progress

    def stop(number: int, frame: FrameType | None) -> None:
        supervisor.stop()

    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGBREAK", signal.SIGTERM)):
        signal.signal(number, stop)
    write_event(settings.paths.logs, "up_started", pid=os.getpid())
    read = _definition(settings)

    def watch() -> None:
        """Read settings and mappings again when they have changed, but not under a run."""
        nonlocal read
        now = _definition(settings)
        if now == read or runs_in_progress(settings):
            return
        read = now
        try:
            load_settings(settings.config)
        except (SettingsError, ContractError) as error:
            log.error("The settings were changed and cannot be used; no run can begin until that is mended. %s", error)
            return
        log.info("Settings or mappings were changed: read again.")
        supervisor.restart("definitions")

    log.info("Started, process %d.", os.getpid())
    try:
        supervisor.run(_WATCH_SECONDS, watch)
    finally:
        log.info("Stopped.")
        write_event(settings.paths.logs, "up_stopped", pid=os.getpid())


def _services(settings: Settings, port: int, dashboards_port: int | None) -> list[Service]:
    tools = Path(sys.executable).parent
    environment = settings.child_environment()
    workspace = settings.paths.dagster_home / "workspace.yaml"
    address = {"host": _LOCAL, "port": port + 1, "location_name": _MODULE}
    workspace.write_text(json.dumps({"load_from": [{"grpc_server": address}]}), encoding="utf-8")
    definitions = [
        *(str(tools / "dagster"), "api", "grpc", "-m", _MODULE, "-d", str(PROJECT)),
        *("-h", _LOCAL, "-p", str(port + 1), "--location-name", _MODULE),
    ]
    web = [sys.executable, "-m", "orchestration.services", "web", "-w", str(workspace), "-h", _LOCAL, "-p", str(port)]
    daemon = [sys.executable, "-m", "orchestration.services", "daemon", "run", "-w", str(workspace)]
    return [
        # Readers, unlike the pipeline, need no key of the pseudonyms.
        Service("dashboards", dashboards_command(settings, dashboards_port), DASHBOARDS, settings.reader_environment()),
        Service(
            "definitions",
            definitions,
            PROJECT,
            environment,
            ready=lambda: _answers(port + 1),
        ),
        Service("dagster-webserver", web, PROJECT, environment),
        Service("dagster-daemon", daemon, PROJECT, environment),
    ]


def _definition(settings: Settings) -> list[tuple[str, int]]:
    """The files that the definitions are made of, with their times."""
    files = [settings.config, *sorted(settings.paths.mappings.rglob("*.yaml"))]
    return [(str(file), file.stat().st_mtime_ns) for file in files if file.exists()]


def _check_free(port: int, option: str) -> None:
    with closing(socket.socket()) as probe:
        # As servers do: a port whose last connections have only just ended is free.
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOCAL, port))
        except OSError:
            raise SettingsError(
                f"Port {port} of this machine is taken by another program. Choose another:  kontor up {option} NUMBER"
            ) from None


def _answers(port: int) -> bool:
    try:
        socket.create_connection((_LOCAL, port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def _log(logs: Path) -> Iterator[logging.Logger]:
    """What the parent of all services has to say: on the screen, and with its time in up.log."""
    log = rotated_log(logs / "up.log", "%(asctime)s %(levelname)s %(message)s")
    screen = logging.StreamHandler(sys.stdout)
    screen.setFormatter(UtcFormatter("%(message)s"))
    log.addHandler(screen)
    try:
        yield log
    finally:
        for handler in log.handlers:
            handler.close()
