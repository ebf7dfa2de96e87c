"""Writing files into the inbox.

What belongs here: how bytes become a file, and what is noted about it. What does not: what the bytes say.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from demo.dirty import Dirty


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A file in the inbox: `rows` are its data rows, broken ones included, titles, headings and footers not."""

    path: str
    """Relative to the inbox, with `/`."""
    source: str
    rows: int
    duplicate_of: str | None = None
    replaced_by: str | None = None
    """The later file that holds every key of this one."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a writer made: the bytes of a file, its data rows, and the broken ones among them."""

    data: bytes
    rows: int
    dirty: tuple[Dirty, ...] = ()


def put(path: Path, data: bytes, day: date | None = None) -> None:
    """Write the file whole or not at all: whoever watches the inbox never sees half of it.

    With a day its time is the evening of it, as of a file that somebody exported then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    if day is not None:
        evening = datetime.combine(day, time(17), UTC).timestamp()
        os.utime(part, (evening, evening))
    os.replace(part, path)


def semicolons(rows: Iterable[Iterable[str]], line_end: str) -> str:
    """Rows of a German CSV file. No field of this company holds a semicolon, a quotation mark or a line break."""
    return "".join(";".join(row) + line_end for row in rows)
