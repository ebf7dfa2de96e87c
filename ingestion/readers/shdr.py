"""Logs of MTConnect adapters (SHDR): a time, then keys and values, all separated by bars.

Format: the MTConnect Institute's description of its adapter protocol, github.com/mtconnect/cppagent (README, "SHDR"),
and MTConnect Standard Part 1. What keys and values mean belongs to the mapping onto machine states.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb

from ingestion.content import TextFacts, as_utf8
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.readers.incoming import (
    LINE_LIMIT,
    TOO_LONG,
    Incoming,
    RejectedRows,
    column_names,
    empty_file,
    land_rows,
    make_rejected,
)

HEADINGS = ("timestamp", "device", "key", "value", "level", "native_code", "native_severity", "qualifier", "duration")
# A line holds a few dozen values; `_line` counts so many places for each.
_MOST_VALUES = 1000
_LEVELS = ("NORMAL", "WARNING", "FAULT", "UNAVAILABLE")
_QUALIFIERS = ("", "HIGH", "LOW")
_SERIES = re.compile(r"\d+\|[\d.]*$")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?(?:@(\d+(?:\.\d+)?))?$")
_BLOCK = re.compile(r"\|(--multiline--\S*)\s*$")
# A bar inside a value is written \|.
_BAR = re.compile(r"(?<!\\)\|")
_NO_END = "the block that begins here has no end; the file may have been cut off"
_LOOKED_AT = 50
_OTHER_FORMS = (
    (r"\s*<", "XML, as an MTConnect agent answers. Put the log of the adapter in, or the agent's answer as a table"),
    (r'"?VarName"?[;,\t]', 'a tag log of WinCC. Write  kind = "wincc_tag_log"  for this source'),
    (r"\s*[{\[]", "JSON"),
    (r"\d+(\.\d+)?\|", "an adapter's log with times relative to its start. Let the adapter write absolute times"),
    (
        r"\d{4}-\d\d-\d\d \d\d:\d\d|\d\d\.\d\d\.\d{2,4}",
        "a table or log of its own. Map it onto  kind: machine_observations",
    ),
    (r"[^;]*;[^;]*;", "a table separated by semicolons. Map it onto  kind: machine_observations"),
    (r"[^,]*,[^,]*,", "a table separated by commas. Map it onto  kind: machine_observations"),
)


def read(
    con: duckdb.DuckDBPyConnection, path: Path, facts: TextFacts, contract: Contract, work: Path, name: str
) -> Incoming:
    """A log as text columns, one row per observation; assets and lines of the protocol are set aside and counted.

    Raises FileRefused where none of the first lines is of this form, with what they look like instead.
    """
    path, facts = as_utf8(path, facts, work, name)
    if facts.lines == 0:
        raise empty_file(name)
    _refuse_other_form(path, name)
    make_rejected(con)
    with RejectedRows(work) as rejected, path.open(encoding="utf-8-sig", newline="\n") as file:
        log = _Log(iter(lambda: file.readline(LINE_LIMIT + 1), ""), rejected)
        observations = land_rows(con, log, len(HEADINGS), work)
        rejected.land(con)
    return Incoming(
        HEADINGS,
        column_names(len(HEADINGS)),
        "select * from incoming",
        records=observations + log.rejected,
        blank=log.blank,
        set_aside=(("asset", log.assets), ("protocol", log.protocol)),
        cells=_MOST_VALUES,
    )


def _refuse_other_form(path: Path, name: str) -> None:
    with path.open(encoding="utf-8-sig") as file:
        filled = (line for line in iter(lambda: file.readline(LINE_LIMIT), "") if not line.isspace())
        lines = list(islice(filled, _LOOKED_AT))
    if not lines:
        raise empty_file(name)
    if any(map(is_timed, lines)):
        return
    looks = next((says for pattern, says in _OTHER_FORMS if re.match(pattern, lines[0])), None)
    if looks is None:
        looks = f"none of the forms that are known; it begins with {lines[0].strip()[:60]!r}"
    raise FileRefused(f"{name} is no log of an MTConnect adapter (time|key|value|…). It looks like {looks}.")


class _Log:
    """The observations of a log, line by line; counts are complete once it is exhausted."""

    def __init__(self, lines: Iterator[str], rejected: RejectedRows) -> None:
        self._lines, self._rejected = enumerate(lines, start=1), rejected
        self.blank = self.assets = self.protocol = self.rejected = 0

    def __iter__(self) -> Iterator[tuple[int, tuple[str | None, ...]]]:
        following = None
        while (entry := following or next(self._lines, None)) is not None:
            number, line = entry
            opened = _BLOCK.search(line) if is_timed(line) else None
            if opened is None:
                following = None
                yield from self._observations(number, line)
            else:
                following = self._skip_block(number, line, opened[1])

    def _skip_block(self, number: int, line: str, mark: str) -> tuple[int, str] | None:
        """Read to the end of an asset's block; the line to go on with, where the block turns out to have no end."""
        for entry in self._lines:
            if entry[1].strip() == mark:
                self.assets += 1
                return None
            if is_timed(entry[1]):
                self._reject(number, line, _NO_END)
                return entry
        self._reject(number, line, _NO_END)
        return None

    def _observations(self, number: int, line: str) -> Iterator[tuple[int, tuple[str | None, ...]]]:
        if not line.strip():
            self.blank += 1
        elif line.startswith("*"):
            self.protocol += 1
        elif len(line) > LINE_LIMIT:
            self._reject(number, line, TOO_LONG)
        else:
            time, *fields = _BAR.split(line.rstrip("\r\n"))
            moment = _TIME.match(time)
            if moment is None:
                self._reject(number, line, "the line does not begin with a time, as every line of such a log does")
            elif fields and fields[0].startswith("@"):
                self.assets += 1
            elif (told := _told(fields)) is None:
                self._reject(number, line, "what follows the time is neither keys with values nor a condition")
            else:
                # Without an offset times of the protocol are UTC.
                at, offset, duration = moment[1], moment[2] or "Z", moment[3]
                for place, (key, value, *condition) in enumerate(told):
                    device, _, bare = key.rpartition(":")
                    yield (
                        number * _MOST_VALUES + place,
                        (at + offset, device or None, bare, value or None, *(condition or [None] * 4), duration),
                    )

    def _reject(self, number: int, line: str, reason: str) -> None:
        self.rejected += 1
        self._rejected.add(number, line, reason)


def is_timed(line: str) -> bool:
    """Whether a line begins with a time, as all lines of such a log do but those inside blocks."""
    return _TIME.match(line.partition("|")[0]) is not None


def _told(fields: list[str]) -> list[tuple[str | None, ...]] | None:
    """Keys with their values, and for a condition level, code, severity and qualifier; None where there is no telling.

    The protocol gives conditions, messages and time series a line of their own, but does not mark them: a condition has
    a level in second place and HIGH, LOW or nothing in fifth, where three pairs have their third key; a message has
    three fields; a time series says how many values it has and, in third place, how often they were taken.
    """
    fields = [_bare(field) for field in fields]
    if len(fields) in (3, 5, 6) and fields[1].upper() in _LEVELS and "".join(fields[4:5]).upper() in _QUALIFIERS:
        key, level, code, severity, qualifier, text = (*fields, *[""] * (6 - len(fields)))
        told = [(key, text, level.upper(), code or None, severity or None, qualifier or None)]
    elif len(fields) == 3:
        told = [(fields[0], fields[2], None, fields[1] or None, None, None)]
    elif len(fields) == 4 and _SERIES.match("|".join(fields[1:3])) and len(fields[3].split()) == int(fields[1]):
        told = [(fields[0], fields[3])]
    elif fields and len(fields) % 2 == 0 and len(fields) <= 2 * _MOST_VALUES:
        told = list(zip(fields[::2], fields[1::2], strict=True))
    else:
        return None
    return told if all(entry[0] for entry in told) else None


def _bare(field: str) -> str:
    field = field.strip()
    if len(field) > 1 and field[0] == field[-1] == '"':
        field = field[1:-1]
    return field.replace("\\|", "|")
