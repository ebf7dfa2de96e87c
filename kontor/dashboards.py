"""The dashboards' server: Streamlit as a process of its own, with what it may know of this machine."""

from __future__ import annotations

import subprocess
import sys

from rich.console import Console

from kontor.settings import PROJECT, Settings

# Where its configuration lies, so where it must be started.
DASHBOARDS = PROJECT / "dashboards"


def dashboards_address(settings: Settings, port: int | None = None) -> str:
    """Where the pages are found."""
    return f"http://{settings.dashboards.address}:{port or settings.dashboards.port}"


def dashboards_command(settings: Settings, port: int | None = None) -> list[str]:
    """The command line of the server; run it in DASHBOARDS."""
    return [
        sys.executable,
        "-m",
        "dashboards.serve",
        "run",
        str(DASHBOARDS / "app.py"),
        f"--server.address={settings.dashboards.address}",
        f"--server.port={port or settings.dashboards.port}",
    ]


def run_dashboards(settings: Settings, console: Console, port: int | None = None) -> int:
    """Serve the dashboards until Ctrl+C; the exit status for the shell. Raises SettingsError without its password."""
    settings.dashboards_password()
    address = dashboards_address(settings, port)
    console.print(f"{settings.company.name}: {address}  ·  Ctrl+C ends it.", highlight=False)
    process = subprocess.Popen(
        dashboards_command(settings, port),
        cwd=DASHBOARDS,
        env=settings.reader_environment(),
        stdout=subprocess.DEVNULL,
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait()
    finally:
        process.terminate()
