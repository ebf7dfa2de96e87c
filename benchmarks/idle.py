"""What `kontor up` costs a machine on which nothing happens: time of a core, and memory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from benchmarks.measure import Result
from benchmarks.running import company

_TOOLS = Path(sys.executable).parent
_SETTLES_SECONDS = 90.0
_MEASURED_SECONDS = 120.0
_TARGET_PERCENT = 2.0


def idle(work: Path, scale: float) -> list[Result]:
    """The whole family of processes after a run of the demo company, with its schedule and its sensors at work."""
    return measured(company(work, scale * 0.1))


def measured(environment: dict[str, str]) -> list[Result]:
    """Start it with that environment, let it settle, measure, end it. Linux only, since it reads /proc."""
    port, pages = _free_ports()
    command = [str(_TOOLS / "kontor"), "up", "--port", str(port), "--dashboards-port", str(pages)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(pages)
            _wait_for(port)
            time.sleep(_SETTLES_SECONDS)
            began, before = time.monotonic(), _cpu_seconds(process.pid)
            time.sleep(_MEASURED_SECONDS)
            after, seconds = _cpu_seconds(process.pid), time.monotonic() - began
            memory = sum(_own_megabytes(pid) for pid in after)
        finally:
            process.send_signal(signal.SIGTERM)
    used = sum(after.values()) - sum(before.get(pid, 0.0) for pid in after)
    detail = f"`kontor up`, {len(after)} processes over {seconds:.0f} s, {memory:.0f} MB of memory (shared pages split)"
    return [Result.of("idle_up", 100 * used / seconds, "%", _TARGET_PERCENT, detail)]


def _cpu_seconds(parent: int) -> dict[int, float]:
    """Time on a core of a process and all its descendants."""
    processes: dict[int, tuple[int, float]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        processes[int(file.parent.name)] = int(fields[1]), used
    family = [parent]
    for one in family:
        family += [pid for pid, (its_parent, _) in processes.items() if its_parent == one]
    return {pid: processes[pid][1] for pid in family if pid in processes}


def _own_megabytes(pid: int) -> float:
    """Memory of a process, in which a page that several share counts in parts."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def _free_ports() -> tuple[int, int]:
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(f"Nothing answers on port {port}.")
