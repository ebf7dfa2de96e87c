"""Death of a process at a chosen moment: the n-th time that it touches a file of its data while it is in a phase.

Between two such moments lie DuckDB's own statements, which Python does not see: death may come some milliseconds after
the moment, in the middle of one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

# What a run says when a phase begins; before that it starts.
PHASES = {"Loading files": "loading", "Building": "building", "Publishing": "publishing"}
# What Python tells its audit hooks of files; sqlite3 is Dagster's event log.
_TOUCHES = ("open", "os.", "shutil.", "sqlite3.connect", "tempfile.")


@dataclass(frozen=True)
class Moment:
    """The n-th touch of a file in a phase, and how many seconds later."""

    phase: str
    number: int
    later: float = 0.0


class _Said:
    """Standard output that notices in which phase the run is."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.phase = "starting"

    def write(self, text: str) -> int:
        for begins, phase in PHASES.items():
            if begins in text and self.phase != phase:
                self.phase = phase
        return self._out.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._out, name)


@contextmanager
def counted(into: Path, data: Path) -> Iterator[None]:
    """Around an undisturbed run: write down how many touches each phase has."""
    said = sys.stdout = _Said(sys.stdout)
    touches: Counter[str] = Counter()
    _watch(data, lambda: touches.update([said.phase]))
    try:
        yield
    finally:
        into.write_text(json.dumps(touches), encoding="utf-8")


@contextmanager
def killed(moment: Moment, data: Path) -> Iterator[None]:
    """Around a run that is to die at that moment, by SIGKILL, which no program can catch."""
    at(moment, data, lambda: os.kill(os.getpid(), signal.SIGKILL))
    yield


def at(moment: Moment, data: Path, happens: Callable[[], object]) -> None:
    """From now on wait for a moment of this process, then let something happen, once."""
    said = sys.stdout = _Said(sys.stdout)
    left = moment.number

    def later() -> None:
        time.sleep(moment.later)
        happens()

    def touched() -> None:
        nonlocal left
        if said.phase == moment.phase:
            left -= 1
            if left == 0:
                threading.Thread(target=later).start() if moment.later else happens()

    _watch(data, touched)


def _watch(data: Path, touched: Callable[[], object]) -> None:
    below = str(data)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(_TOUCHES) and arguments and str(arguments[0]).startswith(below):
            touched()

    sys.addaudithook(hook)
