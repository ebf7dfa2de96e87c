"""JSON and access logs: formats that name their own columns."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ingestion.errors import FileRefused
from ingestion.readers.access_log import FIELDS
from ingestion.readers.log_forms import COMBINED
from ingestion.sniff.sample import HEAD_LINES, Opened
from ingestion.sniff.table import Doubt, Field, Table, count_texts

# A document that is not one object per line is read as a whole.
_LARGEST_DOCUMENT = 32 << 20
_PLAIN_KEY = re.compile(r"\w+")


def read_json(opened: Opened, work: Path) -> Table:
    """Records as a table with one column per key; those of nested objects are paths such as `$.billing.city`."""
    assert opened.lines is not None and opened.facts is not None
    doubts, settings = [*opened.doubts], dict[str, object]()
    head = [line for line in opened.lines.head if line.strip()]
    parsed = [_parse(line) for line in head]
    by_line = isinstance(parsed[0], dict) and (len(head) == 1 or any(isinstance(one, dict) for one in parsed[1:]))
    path, whole, broken = opened.path, opened.lines.whole, 0
    # One object in one line may be a single record, or an envelope around many.
    if by_line and len(head) > 1:
        records = [record for record in parsed if isinstance(record, dict)]
        broken = len(parsed) - len(records)
        if not whole:
            path = work / "lines.ndjson"
            path.write_text("".join([*opened.lines.head, *opened.lines.tail]), encoding="utf-8", newline="")
    else:
        found, settings, doubts = _records(_document(opened), doubts)
        if not all(isinstance(record, dict) for record in found):
            raise FileRefused(f"{opened.file} is JSON, but holds no list of objects.")
        records, whole = found[:HEAD_LINES], len(found) <= HEAD_LINES
        if not whole:
            path = work / "records.ndjson"
            path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    fields = _fields(records)
    lists = [one.heading.removeprefix("$.") for one in fields if one.natives["list"]]
    return Table(
        file=opened.file,
        member=opened.member,
        format="json",
        path=path,
        is_whole=whole,
        fields=fields,
        rows=len(records) + broken,
        settings=settings,
        encoding=opened.facts.encoding,
        lines=opened.lines.total if by_line else None,
        head_lines=len(opened.lines.head),
        sample_lines=len(opened.lines.head) + len(opened.lines.tail),
        broken=broken,
        facts=(
            "JSON, one object per line." if by_line and len(head) > 1 else "One JSON document.",
            *([f"Lists inside a record ({', '.join(lists)}) stay together in one value."] if lists else []),
        ),
        doubts=tuple(doubts),
    )


def read_log(opened: Opened, work: Path) -> Table:
    """An access log as a table; lines of another form count as broken."""
    assert opened.lines is not None and opened.facts is not None
    sample = [*opened.lines.head, *opened.lines.tail]
    lines = [line for line in sample if line.strip()]
    matches = [match for line in lines if (match := re.match(COMBINED, line))]
    path = opened.path
    if not opened.lines.whole:
        path = work / "lines.log"
        path.write_text("".join(sample), encoding="utf-8", newline="")
    return Table(
        file=opened.file,
        member=opened.member,
        format="access_log",
        path=path,
        is_whole=opened.lines.whole,
        fields=tuple(
            Field(heading, count_texts(match[number] for match in matches))
            for number, heading in enumerate(FIELDS, start=1)
        ),
        rows=len(lines),
        settings={},
        encoding=opened.facts.encoding,
        lines=opened.lines.total,
        head_lines=len(opened.lines.head),
        sample_lines=len(opened.lines.head) + len(opened.lines.tail),
        broken=len(lines) - len(matches),
        facts=("A web server's access log; its columns have no headings but a fixed order.",),
        doubts=opened.doubts,
    )


def _parse(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _document(opened: Opened) -> Any:
    assert opened.facts is not None
    size = opened.path.stat().st_size
    if size > _LARGEST_DOCUMENT:
        raise FileRefused(
            f"{opened.file} is one JSON document of {size >> 20} MB, too large to look into. Export it with one object "
            "per line (NDJSON)."
        )
    try:
        encoding = "utf-8-sig" if opened.facts.encoding == "utf-8" else opened.facts.encoding
        return json.loads(opened.path.read_text(encoding=encoding))
    except (ValueError, RecursionError) as error:
        raise FileRefused(f"{opened.file} begins like JSON but is none: {error}. It may have been cut off.") from None


def _records(document: Any, doubts: list[Doubt]) -> tuple[list[Any], dict[str, object], list[Doubt]]:
    """The records of a document, the reader options they need, and what is not certain."""
    if isinstance(document, list):
        return document, {}, doubts
    lists = {
        key: value
        for key, value in document.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    }
    if len(document) == 1 and lists:
        return next(iter(lists.values())), {}, doubts
    inner = next(iter(document.values())) if len(document) == 1 else None
    if isinstance(inner, dict):
        return [inner], {"records": next(iter(document))}, doubts
    # An envelope says little beside its one list; a record has many values of its own.
    own = sum(not isinstance(value, list | dict) for value in document.values())
    if len(lists) == 1 and own <= 5:
        key, records = next(iter(lists.items()))
        note = Doubt("reader.records", f"The records are taken from the list {key!r} of the document.")
        return records, {"records": key}, [*doubts, note]
    return [document], {}, doubts


def _fields(records: Sequence[dict[str, Any]]) -> tuple[Field, ...]:
    fields: dict[str, Field] = {}
    for record in records:
        for path, value in _flat(record, "$", 3):
            found = fields.setdefault(path, Field(path, Counter()))
            match value:
                case None:
                    pass
                case list():
                    found.natives["list"] += 1
                case dict():
                    found.natives["object"] += 1
                case bool():
                    found.texts["true" if value else "false"] += 1
                case _:
                    text = str(value)
                    found.texts.update([text] if text.strip() else [])
    return tuple(fields.values())


def _flat(record: dict[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        path = f"{prefix}.{key}" if _PLAIN_KEY.fullmatch(key) else prefix + '."' + key.replace('"', '\\"') + '"'
        yield path, value
        if isinstance(value, dict) and depth > 1:
            yield from _flat(value, path, depth - 1)
