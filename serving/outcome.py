"""How the last run ended, for readers: they see only what was published, and a run that failed publishes nothing.

One small file beside `current`. Written by whoever runs the pipeline, read by dashboards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_FILE = "last_run.json"


@dataclass(frozen=True)
class Outcome:
    """The run that ended last: when (UTC, without zone), and whether readers got a new version from it."""

    run_id: str
    ended_at: datetime
    published: bool


def write_outcome(serve: Path, run_id: str, now: datetime, *, published: bool) -> None:
    """Note how a run ended. `now` must know its zone; readers see this note or the one before, never half of one."""
    serve.mkdir(parents=True, exist_ok=True)
    note = serve / f".{_FILE}"
    ended_at = now.astimezone(UTC).isoformat(timespec="seconds")
    note.write_text(json.dumps({"run_id": run_id, "ended_at": ended_at, "published": published}), encoding="utf-8")
    note.replace(serve / _FILE)


def read_outcome(serve: Path) -> Outcome | None:
    """How the last run ended; None where none is noted, or the note cannot be read."""
    try:
        note = json.loads((serve / _FILE).read_text(encoding="utf-8"))
        ended_at = datetime.fromisoformat(note["ended_at"]).astimezone(UTC).replace(tzinfo=None)
        return Outcome(note["run_id"], ended_at, note["published"])
    except (OSError, ValueError, KeyError):
        return None
