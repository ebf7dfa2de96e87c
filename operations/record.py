"""What became of the last backup and of the last drill: a small file beside the data, for `kontor status` and alerts.

The folder of the backups may be a share that is not connected just now, so nobody looks there to learn when the last
one was. The file is no part of a backup.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

_FILE = "backup_record.json"


@dataclass(frozen=True)
class BackupDone:
    """A backup that was taken: when (UTC), its snapshot, where, and whether it is encrypted."""

    at: datetime
    snapshot: str
    folder: str
    is_encrypted: bool


@dataclass(frozen=True)
class DrillDone:
    """A drill that ended: when (UTC), of which snapshot, how many of its marts came out equal, whether all is well.

    `problem` says what was not; without a snapshot it did not come so far.
    """

    at: datetime
    succeeded: bool
    snapshot: str | None
    marts: int
    equal: int
    problem: str | None = None


@dataclass(frozen=True)
class Record:
    """The last of each; None where there was none yet."""

    backup: BackupDone | None = None
    drill: DrillDone | None = None


def read_record(data: Path) -> Record:
    """The record in a data folder; empty where there is none, or it cannot be read."""
    try:
        document = json.loads((data / _FILE).read_text(encoding="utf-8"))
        backup, drill = document.get("backup"), document.get("drill")
        return Record(
            backup and BackupDone(**{**backup, "at": datetime.fromisoformat(backup["at"])}),
            drill and DrillDone(**{**drill, "at": datetime.fromisoformat(drill["at"])}),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Record()


def note(data: Path, done: BackupDone | DrillDone) -> None:
    """Enter a backup or a drill in the place of the one before; whole or not at all."""
    before = read_record(data)
    record = Record(done, before.drill) if isinstance(done, BackupDone) else Record(before.backup, done)
    fresh = data / f"{_FILE}.new"
    fresh.write_text(json.dumps(asdict(record), default=datetime.isoformat, indent=1), encoding="utf-8")
    fresh.replace(data / _FILE)
