"""One writer at a time: a lock file that says who holds it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout


class WriterBusy(Exception):
    """Another process writes; the text says which, since when and doing what."""


class AlreadyRunning(Exception):
    """A service of which there may be one runs already; the text names its process."""


# The locks that this process holds.
_held: set[Path] = set()


@contextmanager
def writer_lock(path: Path, doing: str, now: datetime, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the right to write. The operating system frees it when the process ends, however it ends.

    Raises WriterBusy when another process still holds it after `wait_seconds`.
    """
    if path in _held:
        # A step of a run that holds the lock already.
        yield
        return
    try:
        with _hold(path, doing, now, wait_seconds):
            _held.add(path)
            yield
    except Timeout:
        raise WriterBusy(_describe(_holder(path))) from None
    finally:
        _held.discard(path)


@contextmanager
def only_one(path: Path, doing: str, now: datetime) -> Iterator[None]:
    """Be the only one who does this with these data. Raises AlreadyRunning."""
    try:
        with _hold(path, doing, now, 0):
            yield
    except Timeout:
        entry = _entry(_holder(path))
        who = f": process {entry['pid']} on {entry['host']}, since {entry['since']}" if entry else ""
        raise AlreadyRunning(f"{doing} runs already{who}. Use that one, or end it first.") from None


@contextmanager
def _hold(path: Path, doing: str, now: datetime, wait_seconds: float) -> Iterator[None]:
    """Raises filelock.Timeout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    lock.acquire(timeout=wait_seconds)
    try:
        entry = {"pid": os.getpid(), "host": socket.gethostname(), "doing": doing, "since": f"{now:%Y-%m-%d %H:%M} UTC"}
        _holder(path).write_text(json.dumps(entry), encoding="utf-8")
        yield
    finally:
        _holder(path).unlink(missing_ok=True)
        lock.release()


def _holder(path: Path) -> Path:
    return path.with_name(path.name + ".holder")


def _entry(holder: Path) -> dict[str, str] | None:
    try:
        return json.loads(holder.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _describe(holder: Path) -> str:
    entry = _entry(holder)
    if entry is None:
        return "Another kontor is just writing the warehouse. Wait until it has finished, then try again."
    return (
        f"Another kontor is writing the warehouse: {entry['doing']}, since {entry['since']}, process {entry['pid']} on "
        f"{entry['host']}. Wait until it has finished, then try again."
    )


def holder_of(path: Path) -> str | None:
    """Who holds the lock now, as a sentence; None when nobody does."""
    return _describe(_holder(path)) if is_held(path) else None


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock of a file; a file that is not there is held by nobody."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
