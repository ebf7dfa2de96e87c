"""That a run failed, for readers: they see only what was published, and a run that failed publishes nothing.

One small file beside `current`, which says something only as long as it is younger than the published version. Written
by whoever runs the pipeline, read by dashboards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_FILE = "last_failure.json"


@dataclass(frozen=True)
class Failure:
    """The run that failed last, and when (UTC, without zone)."""

    run_id: str
    failed_at: datetime


def write_failure(serve: Path, run_id: str, now: datetime) -> None:
    """Note that a run failed. `now` must know its zone; readers see this note or the one before, never half of one."""
    serve.mkdir(parents=True, exist_ok=True)
    note = serve / f".{_FILE}"
    failed_at = now.astimezone(UTC).isoformat(timespec="seconds")
    note.write_text(json.dumps({"run_id": run_id, "failed_at": failed_at}), encoding="utf-8")
    note.replace(serve / _FILE)


def read_failure(serve: Path) -> Failure | None:
    """The run that failed last; None where none is noted, or the note cannot be read."""
    try:
        note = json.loads((serve / _FILE).read_text(encoding="utf-8"))
        failed_at = datetime.fromisoformat(note["failed_at"]).astimezone(UTC).replace(tzinfo=None)
        return Failure(note["run_id"], failed_at)
    except (OSError, ValueError, KeyError):
        return None
