"""From a path to a bounded sample: unpacked, its format told, its first and last lines.

What the lines mean is told in `delimited`, `sheet` and `records`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.content import SUFFIXES, TextFacts, as_utf8, examine_text, open_members
from ingestion.errors import FileRefused
from ingestion.readers.log_forms import COMBINED as LOG_LINE
from ingestion.readers.shdr import is_timed
from ingestion.sniff.table import Doubt

HEAD_LINES, TAIL_LINES = 2000, 50
_HEAD_BYTES, _TAIL_BYTES = 8 << 20, 256 << 10
_OTHER_FORMATS = (
    (re.compile(rb"%PDF"), "a PDF document"),
    (re.compile(rb"\s*<(!doctype html|html|table|meta)", re.IGNORECASE), "a web page (HTML)"),
    (re.compile(rb"\s*<(\?xml|[A-Za-z][\w:]*[\s>])"), "an XML document"),
)
_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Lines:
    """The first and the last lines of a text file, each with its line end. `whole` says that nothing lies between.

    `total` counts all lines of the file.
    """

    head: list[str]
    tail: list[str]
    whole: bool
    total: int


@dataclass(frozen=True)
class Opened:
    """An unpacked file: where it lies, its name (`member`: that inside a zip), its format, for text what it holds."""

    path: Path
    file: str
    format: str
    member: str | None = None
    facts: TextFacts | None = None
    lines: Lines | None = None
    doubts: tuple[Doubt, ...] = ()


def open_sample(path: Path, work: Path) -> Opened:
    """Unpack a file into `work`, tell its format and take its first and last lines.

    Raises FileRefused where there is nothing to look at: an empty file, bytes that are no text, a format that no kind
    reads.
    """
    if not path.is_file():
        raise FileRefused(f"There is no file {path}.")
    unpacked, member, doubts = _unpack(path, work)
    file = path.name
    with unpacked.open("rb") as opened:
        start = opened.read(2048)
    if not start.strip():
        raise FileRefused(f"{file} is empty. The export has probably failed: run it again.")
    if start[:4] in (b"PK\x03\x04", _EXCEL_MAGIC):
        return Opened(unpacked, file, "excel", member, doubts=doubts)
    for pattern, what in _OTHER_FORMATS:
        if pattern.match(start.removeprefix(b"\xef\xbb\xbf")):
            raise FileRefused(
                f"{file} is {what}, whatever its name says, and no table to propose a mapping for. An e-invoice needs "
                "none (kind e_invoices; `kontor sources` lists all kinds); anything else, export as CSV, Excel or JSON."
            )
    _, facts = examine_text(unpacked, "auto", file)
    if facts.encoding.startswith("utf-16"):
        # Its lines can only be told apart once it is decoded.
        decoded, counted = as_utf8(unpacked, facts, work, file)
        if counted.encoding.startswith("utf-16"):
            raise FileRefused(f"{file} is not a text file: it was converted to UTF-16 twice. Export it again.")
        lines = _take_lines(decoded, counted, file)
    else:
        lines = _take_lines(unpacked, facts, file)
    # A table with bars has a line of headings, this has none.
    if _is_adapter_log(lines):
        raise FileRefused(
            f"{file} is a log of an MTConnect adapter, which needs no mapping: name its source with the kind "
            "mtconnect_shdr, and see docs/sources/machine-logs.md for what its signals mean."
        )
    return Opened(unpacked, file, _text_format(lines), member, facts, lines, doubts)


def _unpack(path: Path, work: Path) -> tuple[Path, str | None, tuple[Doubt, ...]]:
    """The file, or the first readable one in an archive, copied where unpacking leaves it only for a moment."""
    formats = ["excel", *SUFFIXES] if path.suffix.lower() in SUFFIXES["excel"] else [*SUFFIXES]
    refusals: list[str] = []
    for file_format in formats:
        try:
            members = open_members(path, file_format, datetime(2000, 1, 1), work)
            member = next(members)
        except FileRefused as error:
            refusals.append(str(error))
            continue
        if not member.is_temporary:
            return path, None, ()
        kept = member.path.rename(work / "sample")
        if member.name is None:
            return kept, None, ()
        others = [other.name for other in members]
        note = Doubt("file", f"{path.name} holds {len(others) + 1} files; only {member.name} was looked at.")
        return kept, member.name, (note,) if others else ()
    raise FileRefused(f"{path.name} holds no CSV, Excel, JSON or log file that can be read. {refusals[0]}")


def _take_lines(path: Path, facts: TextFacts, file: str) -> Lines:
    size = path.stat().st_size
    with path.open("rb") as opened:
        start = opened.read(_HEAD_BYTES)
        newline = b"\n" if b"\n" in start else b"\r"
        pieces = start.split(newline, HEAD_LINES)
        head = [piece + newline for piece in pieces[:-1]]
        if len(start) == size and len(pieces) <= HEAD_LINES:
            head += [pieces[-1]] if pieces[-1] else []
        if not head:
            raise FileRefused(
                f"The first line of {file} is longer than {_HEAD_BYTES >> 20} MB. That is no table; if it is JSON, "
                "export it with one object per line."
            )
        taken = sum(map(len, head))
        tail: list[bytes] = []
        if taken < size:
            opened.seek(max(taken, size - _TAIL_BYTES))
            whole_lines = opened.tell() == taken
            tail = opened.read().splitlines(keepends=True) if newline == b"\n" else []
            tail = (tail if whole_lines else tail[1:])[-TAIL_LINES:]
    encoding = "utf-8" if facts.encoding == "utf-8-sig" else facts.encoding
    texts = [line.decode(encoding) for line in head]
    texts[0] = texts[0].removeprefix("\ufeff")
    return Lines(texts, [line.decode(encoding) for line in tail], taken == size, facts.lines)


def _is_adapter_log(lines: Lines) -> bool:
    first = next((line for line in lines.head if line.strip() and not line.startswith("*")), "")
    return "|" in first and is_timed(first)


def _text_format(lines: Lines) -> str:
    filled = [line.strip() for line in lines.head[:200] if line.strip()]
    if filled and filled[0][0] in "{[":
        return "json"
    logged = sum(bool(re.match(LOG_LINE, line)) for line in filled)
    return "access_log" if logged > len(filled) / 2 else "csv"
