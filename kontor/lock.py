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
    path.parent.mkdir(parents=True, exist_ok=True)
    holder = path.with_name(path.name + ".holder")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        raise WriterBusy(_describe(holder)) from None
    try:
        entry = {"pid": os.getpid(), "host": socket.gethostname(), "doing": doing, "since": f"{now:%Y-%m-%d %H:%M} UTC"}
        holder.write_text(json.dumps(entry), encoding="utf-8")
        _held.add(path)
        yield
    finally:
        _held.discard(path)
        holder.unlink(missing_ok=True)
        lock.release()


def _describe(holder: Path) -> str:
    try:
        entry = json.loads(holder.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "Another kontor is just writing the warehouse. Wait until it has finished, then try again."
    return (
        f"Another kontor is writing the warehouse: {entry['doing']}, since {entry['since']}, process {entry['pid']} on "
        f"{entry['host']}. Wait until it has finished, then try again."
    )


def holder_of(path: Path) -> str | None:
    """Who holds the lock now, as a sentence; None when nobody does."""
    if not path.exists():
        return None
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _describe(path.with_name(path.name + ".holder"))
    lock.release()
    return None
