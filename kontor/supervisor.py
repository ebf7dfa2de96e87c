"""Keeps services running under this process: what dies is started again, and when this process ends, all of them do.

Knows processes, their logs and their ends; which services there are is the business of up.py.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from kontor.guard import end_groups
from kontor.logs import rotated_log

WINDOWS = os.name == "nt"
# A service that lived so long was well; the next failure counts as its first.
_WELL_SECONDS = 600.0
_LONGEST_PAUSE_SECONDS = 300.0
_STOP_SECONDS = 20.0
_READY_SECONDS = 90.0


@dataclass(frozen=True)
class Service:
    """A process: its name, its command line, where and with what environment it runs.

    `ready` says whether those that come after it may start.
    """

    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str]
    ready: Callable[[], bool] | None = None


@dataclass
class _State:
    service: Service
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0


def pause_after(failures: int) -> float:
    """Seconds until a service is started again after so many failures in a row: 1, 2, 4, … at most five minutes."""
    return min(_LONGEST_PAUSE_SECONDS, 2.0 ** min(failures - 1, 20))


class Supervisor:
    """Runs services in their order. `run` returns when `stop` was called, and then none of them is left."""

    def __init__(self, services: list[Service], logs: Path, log: logging.Logger) -> None:
        self._states = {service.name: _State(service) for service in services}
        self._logs, self._log = logs, log
        # What wakes the loop: a service's name and process when it has ended, None for `stop`.
        self._events: SimpleQueue[tuple[str, subprocess.Popen[bytes]] | None] = SimpleQueue()
        self._stopping = False
        self._guard: subprocess.Popen[bytes] | None = None
        self._outputs: dict[str, logging.Logger] = {}

    def stop(self) -> None:
        """Let `run` end; may be called by a signal handler."""
        self._stopping = True
        self._events.put(None)

    def restart(self, name: str) -> None:
        """End a service and start it again at once, which counts as no failure."""
        state = self._states[name]
        if state.process is not None:
            process, state.process = state.process, None
            self._end([process])
        state.due = 0.0

    def run(self, every_seconds: float, watch: Callable[[], None]) -> None:
        """Keep them running; in between, call `watch` about so often."""
        self._logs.mkdir(parents=True, exist_ok=True)
        _die_with_this_process()
        watched = time.monotonic()
        try:
            while not self._stopping:
                self._start_what_is_due()
                if self._stopping:
                    # Its event may have been taken by whoever waited for a service to be ready.
                    break
                now = time.monotonic()
                if now - watched >= every_seconds:
                    watched = now
                    watch()
                    continue
                dues = [state.due for state in self._states.values() if state.process is None]
                self._wait(max(0.05, min([watched + every_seconds, *dues]) - now))
        finally:
            self._end([state.process for state in self._states.values() if state.process is not None])
            if self._guard is not None and self._guard.stdin is not None:
                self._guard.stdin.close()
                self._guard.wait()

    def _wait(self, seconds: float) -> None:
        try:
            event = self._events.get(timeout=seconds)
        except Empty:
            return
        if event is not None:
            self._note_death(*event)

    def _start_what_is_due(self) -> None:
        for state in self._states.values():
            if self._stopping:
                return
            if state.process is None and state.due <= time.monotonic():
                self._start(state)
                self._wait_until_ready(state)

    def _start(self, state: _State) -> None:
        service = state.service
        state.started = time.monotonic()
        try:
            process = subprocess.Popen(
                service.command,
                env=service.environment,
                cwd=service.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=not WINDOWS,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            self._fail(state, f"cannot be started: {error.strerror or error}")
            return
        state.process = process
        self._tell_guard(f"+{process.pid}")
        for target in (self._copy_output, self._report_end):
            threading.Thread(target=target, args=(service.name, process), daemon=True).start()

    def _wait_until_ready(self, state: _State) -> None:
        """Wait for what others need, as long as it lives; a service that is slow today holds nobody up for ever."""
        deadline = time.monotonic() + _READY_SECONDS
        while state.service.ready and state.process and not self._stopping and time.monotonic() < deadline:
            if state.service.ready():
                return
            self._wait(0.2)

    def _note_death(self, name: str, process: subprocess.Popen[bytes]) -> None:
        state = self._states[name]
        if state.process is not process:
            return
        state.process = None
        # What it started itself must not go on without it, or there would be two of them.
        self._end([process])
        if time.monotonic() - state.started >= _WELL_SECONDS:
            state.failures = 0
        self._fail(state, f"ended with exit status {process.returncode}")

    def _fail(self, state: _State, what: str) -> None:
        state.failures += 1
        seconds = pause_after(state.failures)
        state.due = time.monotonic() + seconds
        log = self._logs / f"{state.service.name}.log"
        self._log.warning(
            "%s %s. It is started again in %g s (failure %d in a row). What it said last stands in %s.",
            state.service.name,
            what,
            seconds,
            state.failures,
            log,
        )

    def _end(self, processes: list[subprocess.Popen[bytes]]) -> None:
        """End processes and all that they started: told first, killed later."""
        if WINDOWS:
            for process in processes:
                process.terminate()
        else:
            end_groups({process.pid for process in processes}, _STOP_SECONDS)
        for process in processes:
            process.wait()
            self._tell_guard(f"-{process.pid}")

    def _copy_output(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """What a service says goes into a log of its own, which is rotated."""
        output = self._outputs.get(name)
        if output is None:
            output = self._outputs[name] = rotated_log(self._logs / f"{name}.log")
        assert process.stdout is not None
        for line in process.stdout:
            output.info("%s", line.decode("utf-8", "replace").rstrip("\r\n"))

    def _report_end(self, name: str, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self._events.put((name, process))

    def _tell_guard(self, line: str) -> None:
        if WINDOWS:
            return
        if self._guard is not None:
            assert self._guard.stdin is not None
            try:
                self._guard.stdin.write(f"{line}\n".encode())
                self._guard.stdin.flush()
                return
            except BrokenPipeError:
                self._guard.wait()
        # -I -S: nothing but the standard library, so that it starts in a moment and stays small.
        command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py"))]
        self._guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        running = [state.process.pid for state in self._states.values() if state.process is not None]
        self._tell_guard("\n".join([*(f"+{pid}" for pid in running), line]))


def _die_with_this_process() -> None:
    """On Windows: a job that this process and all it starts belong to, and that ends with it."""
    if WINDOWS:
        import win32api
        import win32job

        # Never closed: the system does that when this process is gone.
        global _job
        _job = win32job.CreateJobObject(None, "")
        limits = win32job.QueryInformationJobObject(_job, win32job.JobObjectExtendedLimitInformation)
        limits["BasicLimitInformation"]["LimitFlags"] |= win32job.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        win32job.SetInformationJobObject(_job, win32job.JobObjectExtendedLimitInformation, limits)
        win32job.AssignProcessToJobObject(_job, win32api.GetCurrentProcess())
