"""JSON: one object per line (NDJSON), a list of objects, one object, or one object around a list of records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path

import duckdb

from ingestion.content import TextFacts, as_utf8
from ingestion.contract import Column, Contract
from ingestion.contract_files import load_contracts
from ingestion.errors import FileRefused
from ingestion.readers.incoming import (
    LINE_LIMIT,
    Incoming,
    column_names,
    empty_file,
    land_lines,
    make_rejected,
    numbered,
    scalar,
)
from ingestion.readers.log_forms import described, form_of
from ingestion.sqltext import literal, text_list

# A document that is not one record per line is held in memory as a whole while it is taken apart.
_LARGEST_DOCUMENT = 256 << 20


def read(
    con: duckdb.DuckDBPyConnection, path: Path, facts: TextFacts, contract: Contract, work: Path, name: str
) -> Incoming:
    """JSON records as text columns, one per path of the contract, and one per further key of the records.

    Raises FileRefused for a document that is no JSON, holds no records, or whose records lack a required key.
    """
    path, facts = as_utf8(path, facts, work, name)
    if facts.lines == 0:
        raise empty_file(name)
    make_rejected(con)
    records, blank = _land_records(con, path, facts, contract, work, name)
    keys = [
        key
        for (key,) in con.execute(
            "select distinct unnest(try(json_keys(line))) as key from incoming where line is not null order by key"
        ).fetchall()
    ]
    _require_keys(keys, contract, name)
    named = [paths for column in contract.columns if (paths := _paths_of(column, keys))]
    paths = tuple(dict.fromkeys(chain.from_iterable(named)))
    headings = tuple(dict.fromkeys(first for first, *_ in named))
    top_level = {_first_key(path) for path in paths}
    further = [key for key in keys if key not in top_level]
    columns = column_names(len(headings) + len(further))
    places = {path: f"_values[{number}]" for number, path in enumerate(paths, start=1)}
    values = [f"{_first_filled(path, named, places)} as {at}" for path, at in zip(headings, columns, strict=False)]
    values += [f"_further[{number}] as {column}" for number, column in enumerate(columns[len(headings) :], start=1)]
    # All paths in one call: each call parses the document anew.
    rest = f", try(json_extract(line, {text_list([_path(key) for key in further])})) as _further" if further else ""
    relation = f"""select _line, line, _values, {", ".join(values)} from (
        select _line, line, try(json_extract_string(line, {text_list(paths)})) as _values{rest}
        from ({numbered(con, ("line",))}) where line is not null)"""
    return Incoming(
        headings=(*headings, *further),
        columns=columns,
        relation=relation,
        records=records,
        blank=blank,
        row_problem="case when _values is null then 'this is no valid JSON; the line may have been cut off' end",
        row_text="coalesce(try_cast(line as json), to_json(line))",
    )


def _land_records(
    con: duckdb.DuckDBPyConnection, path: Path, facts: TextFacts, contract: Contract, work: Path, name: str
) -> tuple[int, int]:
    """The records as temporary table `incoming(line)`; how many, and how many blank lines."""
    beginning = _first_lines(path)
    if not beginning:
        raise empty_file(name)
    if len(beginning) > 1 and any(map(_is_record, beginning)) and (_is_record(beginning[0]) or not _is_document(path)):
        lines = land_lines(con, path, facts, work)
        blank = scalar(con, "select count(*) - count(line) from incoming")
        return lines - blank + _spread(con, contract, contract.reader.records), blank
    document = _load_document(path, name)
    found = _records_in(document, contract, name)
    con.execute("create or replace temp table incoming (line varchar)")
    for start in range(0, len(found), 10_000):
        batch = [json.dumps(record) for record in found[start : start + 10_000]]
        con.execute("insert into incoming select unnest(?::varchar[])", [batch])
    return len(found) + _spread(con, contract, ()), 0


def _spread(con: duckdb.DuckDBPyConnection, contract: Contract, around: tuple[str, ...]) -> int:
    """Take the records of `incoming` out of the objects `around` them, and make one of each element of their list
    (`reader.each`), with all that stands beside the list; how many more there are then.

    A record without such a list, or with an empty one, stays one record. In place of its list an element stands under
    the list's own name.
    """
    each = contract.reader.each
    rows = "[line]"
    for name in around:
        inner = f"json_extract(line, {literal(_path(name))})"
        rows = f"""case json_type({inner}) when 'ARRAY' then cast(json_extract(line, {literal(_path(name) + "[*]")})
            as varchar[]) when 'OBJECT' then [cast({inner} as varchar)] else {rows} end"""
    if each is not None:
        element = "json(element)"
        for key in reversed(each.split(".")[1:]):
            element = f"json_object({literal(key)}, {element})"
        merged = f"cast(json_merge_patch(json(record), {element}) as varchar)"
        elements = f"cast(json_extract(record, {literal(each + '[*]')}) as varchar[])"
        rows = f"""flatten(list_transform({rows}, lambda record: case when len({elements}) > 0
            then list_transform({elements}, lambda element: {merged}) else [record] end))"""
    if rows == "[line]":
        return 0
    before = scalar(con, "select count(*) from incoming")
    con.execute(
        f"""create or replace temp table incoming as
        select record as line from (
            select _line, unnest(records) as record, unnest(range(len(records))) as place from (
                select _line, case when json_valid(line) then {rows} else [line] end as records
                from ({numbered(con, ("line",))})
            )
        ) order by _line, place"""
    )
    return scalar(con, "select count(*) from incoming") - before


def _first_filled(path: str, columns: Iterable[tuple[str, ...]], places: dict[str, str]) -> str:
    """SQL of the text under a path; where it is the first of several of a column, the first of them with a value."""
    several = next((paths for paths in columns if len(paths) > 1 and paths[0] == path), None)
    if several is None:
        return places[path]
    return "coalesce(" + ", ".join(f"nullif({places[other]}, '')" for other in several) + ")"


def _first_lines(path: Path) -> list[str]:
    """The first lines that are not blank: more than one broken record does not hide that each line is one."""
    with path.open(encoding="utf-8-sig") as file:
        filled = (line.strip() for line in iter(lambda: file.readline(LINE_LIMIT), "") if not line.isspace())
        return list(islice(filled, 20))


def _is_record(text: str) -> bool:
    """Whether a line is a record; one too long or too deep to be looked at is taken for one."""
    if not text.startswith("{"):
        return False
    try:
        json.loads(text)
    except RecursionError:
        return True
    except ValueError:
        return len(text) >= LINE_LIMIT
    return True


def _is_document(path: Path) -> bool:
    """Whether the file is JSON as a whole: printed over many lines, of which some may look like records."""
    if path.stat().st_size > _LARGEST_DOCUMENT:
        return False
    try:
        _parse(path)
    except (ValueError, RecursionError):
        return False
    return True


def _parse(path: Path) -> object:
    with path.open(encoding="utf-8-sig") as file:
        return json.load(file)


def _load_document(path: Path, name: str) -> object:
    if path.stat().st_size > _LARGEST_DOCUMENT:
        raise FileRefused(
            f"{name} is one JSON document of {path.stat().st_size >> 20} MB, more than the "
            f"{_LARGEST_DOCUMENT >> 20} MB that are read as a whole. Export it as one object per line "
            "(NDJSON), or in smaller parts."
        )
    try:
        return _parse(path)
    except (ValueError, RecursionError) as error:
        form = form_of(path)
        if form not in (None, "json"):
            raise FileRefused(f"{name} is no JSON; it looks like {described(form)}") from None
        raise FileRefused(f"{name} is no valid JSON: {error}. It may have been cut off; export it again.") from None


def _records_in(document: object, contract: Contract, name: str) -> list[object]:
    if contract.reader.records and isinstance(document, dict):
        inner = (document.get(name) for name in contract.reader.records)
        document = next((one for one in inner if isinstance(one, list | dict)), document)
    elif isinstance(document, dict) and len(document) == 1:
        (only,) = document.values()
        document = only if isinstance(only, list) else document
    records = document if isinstance(document, list) else [document]
    wrong = next((n for n, record in enumerate(records, start=1) if not isinstance(record, dict)), None)
    if wrong is not None:
        raise FileRefused(f"{name} should hold a list of objects, but number {wrong} of them is none.")
    return records


def _require_keys(keys: list[str], contract: Contract, name: str) -> None:
    if not keys:
        return
    for column in contract.columns:
        if column.must_be_found and not any(_first_key(path) in keys for path in column.sources):
            raise FileRefused(
                f"{name}: no record has the key {' or '.join(column.sources)} ({column.name}). The records have: "
                f"{', '.join(keys[:15])}. {_likeness(keys, contract)}If one of these is meant, write it under  from:  "
                f"in the contract or mapping. Contract: {contract.path.name}."
            )


def _paths_of(column: Column, keys: list[str]) -> tuple[str, ...]:
    """A column's paths whose key some record has; its first one where none has."""
    return tuple(path for path in column.sources if _first_key(path) in keys) or column.sources[:1]


def _likeness(keys: list[str], contract: Contract) -> str:
    """A sentence that names the shipped kind which records with these keys look most like, if there is one."""
    best, best_fit = None, (0, 0)
    for other in load_contracts().values():
        needed = {_first_key(path) for c in other.columns if c.must_be_found for path in c.sources[:1]}
        known = {_first_key(path) for c in other.columns for path in c.sources} | set(other.known_extra)
        fits = needed <= set(keys) or (len(keys) == 1 and keys[0] in other.reader.records)
        if other.reader.format == "json" and other.kind != contract.kind and needed and fits:
            fit = (len(known & set(keys)), len(needed))
            if best is None or fit > best_fit:
                best, best_fit = other, fit
    return "" if best is None else f"This looks like {best.title.en} (kind {best.kind}); name that kind for it. "


def _first_key(path: str) -> str:
    bare = path.removeprefix("$").removeprefix(".")
    return bare[1:].partition('"')[0] if bare.startswith('"') else re.split(r"[.\[]", bare)[0]


def _path(key: str) -> str:
    return '$."' + key.replace('"', '\\"') + '"'
