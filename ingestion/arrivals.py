"""Which sources have a complete file in the inbox that no run was asked for yet.

A file is complete when two looks find it unchanged. It is asked for once: one that a run leaves in the inbox (the
machine failed, or the folder is somebody else's) is not asked for again until it is written to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ingestion.landing import Areas, marks_of
from ingestion.source import Source

# Of a folder that belongs to somebody else only what is new is watched, however much lies there.
_WATCHED_DAYS = 2

Marks = Mapping[str, frozenset[str]]
"""Marks of files, by the source that they belong to."""


@dataclass(frozen=True)
class Look:
    """What lay in the inbox, for which of it a run was asked before, and what of it is complete and not asked for."""

    seen: Marks = field(default_factory=dict)
    asked: Marks = field(default_factory=dict)
    complete: Marks = field(default_factory=dict)

    def cursor(self, *, asking: bool) -> str:
        """What the next look has to know; `asking` says that a run is asked for what is complete."""
        asked = {
            name: sorted(
                self.asked.get(name, frozenset()) | (self.complete.get(name, frozenset()) if asking else set())
            )
            for name in self.seen
        }
        return json.dumps({"seen": {name: sorted(marks) for name, marks in self.seen.items()}, "asked": asked})


def look(cursor: str | None, areas: Areas, sources: Iterable[Source], now: datetime) -> Look:
    """Look at the inbox, knowing what the look before found. `now` is UTC without zone; raises IngestionError."""
    since = now - timedelta(days=_WATCHED_DAYS) if areas.keep_files else None
    found = {source.name: frozenset(marks_of(areas, source, since)) for source in sources}
    seen = {name: marks for name, marks in found.items() if marks}
    before = _read(cursor)
    if before is None:
        # What somebody else's folder holds from before is for the daily run.
        return Look(seen, seen if areas.keep_files else {})
    asked = {name: marks & before["asked"].get(name, frozenset()) for name, marks in seen.items()}
    settled = {name: marks & before["seen"].get(name, frozenset()) - asked[name] for name, marks in seen.items()}
    return Look(seen, asked, {name: marks for name, marks in settled.items() if marks})


def _read(cursor: str | None) -> dict[str, Marks] | None:
    if cursor is None:
        return None
    try:
        told = json.loads(cursor)
        return {part: {name: frozenset(marks) for name, marks in told[part].items()} for part in ("seen", "asked")}
    except (ValueError, TypeError, KeyError, AttributeError):
        # Written by another version: as if nobody had looked.
        return None
