"""What is written down of what Kontor does, in `data/logs`: rotated logs of the services, and one structured log.

The structured log has a line of JSON for each event, with the run and the file that it belongs to, times in UTC, one
file a day. It holds names of sources and steps, numbers and ids; no text of a file, no name of a file, no message of an
error, since any of these may hold a person's name. The ids lead to all of that in the ledger.
"""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOG_BYTES = 5_000_000
_OLD_LOGS = 4


def write_event(logs: Path, event: str, **fields: str | int | float | None) -> None:
    """Add a line to the structured log of today, whoever else writes to it.

    Where it cannot be written (a full disk), it is left out: the ledger knows all of it, and no run fails for its log.
    """
    now = datetime.now(UTC)
    line = json.dumps({"at": now.isoformat(timespec="milliseconds"), "event": event, **fields}, ensure_ascii=False)
    with suppress(OSError):
        logs.mkdir(parents=True, exist_ok=True)
        # A line in one write at the end of the file: lines of several processes do not mix.
        descriptor = os.open(logs / f"kontor-{now:%Y-%m-%d}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)


def rotated_log(file: Path, form: str = "%(message)s") -> logging.Logger:
    """A log that goes into a file and nowhere else; beside the file the last four full ones are kept."""
    # Not one of the process's named loggers: what libraries configure does not reach it.
    log = logging.Logger(file.stem, logging.INFO)
    handler = RotatingFileHandler(file, maxBytes=_LOG_BYTES, backupCount=_OLD_LOGS, encoding="utf-8")
    handler.setFormatter(UtcFormatter(form))
    log.addHandler(handler)
    return log


class UtcFormatter(logging.Formatter):
    """Times in UTC."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"
