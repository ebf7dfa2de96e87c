"""What was said already: a small file in the data folder, so that no night repeats it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock

_LOCK_SECONDS = 60


@dataclass
class Known:
    """A problem that a person was told of. Times are UTC in ISO form; `cause` is compared, never shown."""

    kind: str
    about: str
    said: str
    cause: str
    since: str
    told_at: str


@dataclass
class Memory:
    """Problems that were told, when all was last said to be well, and what of the last messages did not arrive.

    `undelivered` holds, by channel, what came of the last message where it did not arrive; `tried_at` and `tries` say
    how often in a row no channel at all took one. `seen_run` is when the newest run ended whose outcome was looked at.
    """

    known: dict[str, Known] = field(default_factory=dict)
    all_well_at: str | None = None
    undelivered: dict[str, str] = field(default_factory=dict)
    tried_at: str | None = None
    tries: int = 0
    seen_run: str | None = None


# Where a full disk takes no note, the process must not say the same every minute.
_unwritten: dict[Path, Memory] = {}


@contextmanager
def remembered(path: Path) -> Iterator[Memory]:
    """The memory, written back at the end; one process at a time. A file that cannot be read is as good as none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock"), timeout=_LOCK_SECONDS):
        memory = _unwritten.get(path) or read_memory(path)
        try:
            yield memory
        finally:
            _write(path, memory)


def read_memory(path: Path) -> Memory:
    """What was said, for whoever only wants to know; an empty memory where there is none."""
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = {key: Known(**entry) for key, entry in told.pop("known").items()}
        return Memory(known=known, **told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Memory()


def _write(path: Path, memory: Memory) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(asdict(memory), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        _unwritten[path] = memory
    else:
        _unwritten.pop(path, None)
