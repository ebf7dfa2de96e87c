"""Small files that are loaded with the statements of one.

A statement over all columns of a kind costs as much for ten rows as for ten thousand, and a till writes a file for
every receipt. So contents that come one after the other and have the same headings are read as if they were one file,
and each row is entered under the file and the line that it comes from.

That is for the ordinary only. What has a row that does not load, a sum line, or the name of an earlier file is read by
itself, and what has a key that others have too is entered by itself, each in its turn. So everything ends as if each
file had been loaded by itself.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any

from ingestion import ledger
from ingestion.binding import Binding
from ingestion.content import TextFacts
from ingestion.contract import Contract
from ingestion.errors import FileRefused, IngestionError
from ingestion.joining import joined
from ingestion.ledger import LedgerFile, LoadResult
from ingestion.load_modes import let_newest_win
from ingestion.loader import Loading, Readable, enter_drift, first_cell, load
from ingestion.readers import csv, einvoice
from ingestion.readers.incoming import Part
from ingestion.sqltext import literal

# So many contents go together at most, of so many bytes, which are held in memory.
MOST_FILES = 2000
_MOST_BYTES = 32 << 20
_READERS = {"csv": csv, "einvoice": einvoice}
# Beyond these, reading takes longer than what is saved.
_LARGEST_BYTES = {"csv": 64 << 10, "einvoice": 16 << 20}


@dataclass(frozen=True)
class Piece:
    """A content that may go together with others, as it is and told into rows."""

    file: LedgerFile
    data: bytes
    facts: TextFacts | None
    part: Part


def goes_together(contract: Contract, size: int = 0) -> bool:
    """Whether contents of a kind, and of so many bytes, may go together. Not where what a file says as a whole, or the
    order of all files, has a part in what becomes of a row."""
    reader, options = contract.reader, contract.load
    needs_file = reader.metadata or reader.totals or reader.unpivot or options.overlap or options.history
    return reader.format in _READERS and not needs_file and size <= _LARGEST_BYTES[reader.format]


def piece_of(content: Readable, contract: Contract, file: LedgerFile) -> Piece | None:
    """A content as one of many; None where it has to go by itself. Raises FileRefused where it cannot be read."""
    if not goes_together(contract, file.content_bytes):
        return None
    data = content.path.read_bytes()
    part = _READERS[contract.reader.format].part_of(data, content.facts, contract, file.file_name)
    return None if part is None else Piece(file, data, content.facts, part)


def batches(files: Iterable[Any], contract: Contract) -> Iterator[list[Any]]:
    """Files, which say how many `bytes` they have, in lists of those that follow each other and may go together."""
    batch: list[Any] = []
    held = 0
    for file in files:
        is_small = goes_together(contract, file.bytes)
        if batch and not is_small:
            yield batch
            batch, held = [], 0
        batch.append(file)
        held += file.bytes
        if not is_small or len(batch) == MOST_FILES or held >= _MOST_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def load_all(loading: Loading, contents: Iterable[tuple[Readable, LedgerFile]]) -> Iterator[LoadResult]:
    """Load contents in their order, small ones together; each is needed until the next one is asked for.

    The caller has begun the transaction and commits it. Raises FileRefused when a file as a whole does not fit.
    """
    waiting: list[Piece] = []
    held = 0
    for content, file in contents:
        piece = piece_of(content, loading.contract, file)
        if piece is not None:
            waiting.append(piece)
            held += len(piece.data)
        if piece is None or len(waiting) == MOST_FILES or held >= _MOST_BYTES:
            yield from load_together(loading, waiting)
            waiting, held = [], 0
        if piece is None:
            yield load(loading, content, file)
    yield from load_together(loading, waiting)


def load_together(loading: Loading, pieces: Iterable[Piece]) -> Iterator[LoadResult]:
    """Load contents in their order with as few statements as they allow; a result for each, as `load` gives it.

    The caller has begun the transaction and commits it. Raises FileRefused when a file as a whole does not fit.
    """
    for _, alike in groupby(pieces, key=lambda piece: piece.part.head):
        yield from _load_alike(loading, list(alike))


def _load_alike(loading: Loading, pieces: Sequence[Piece]) -> Iterator[LoadResult]:
    began = time.monotonic()
    binding = _read_as_one(loading, pieces)
    if binding is None:
        yield from (_load_alone(loading, piece) for piece in pieces)
        return
    odd, meeting = _out_of_the_ordinary(loading, binding, pieces), _with_keys_of_others(loading)
    if loading.contract.load.same_year is not None:
        odd |= meeting
    by_themselves = odd | meeting
    seconds = (time.monotonic() - began) / len(pieces)
    for alone, numbers in groupby(range(len(pieces)), lambda number: number if number in by_themselves else None):
        if alone in odd:
            yield _load_alone(loading, pieces[alone])
        else:
            yield from _enter(loading, binding, pieces, list(numbers), seconds, meets_others=alone is not None)


def _load_alone(loading: Loading, piece: Piece) -> LoadResult:
    path = loading.work / "alone"
    path.write_bytes(piece.data)
    try:
        return load(loading, Readable(path, piece.facts), piece.file)
    finally:
        path.unlink()


def _read_as_one(loading: Loading, pieces: Sequence[Piece]) -> Binding | None:
    """All contents as one, in the table `together`: for each row of theirs its place (`_number` of the content from 0,
    `_file_id`, `_file_line`) and its values, or NULL in `_line` where it may not be loaded. None where they are not
    what they look like."""
    con, contract, parts = loading.con, loading.contract, [piece.part for piece in pieces]
    if len(pieces) == 1:
        return None
    try:
        incoming = _READERS[contract.reader.format].read_parts(con, parts, contract, loading.work)
    except FileRefused:
        return None
    above, counts = len(parts[0].head), [len(part.rows) for part in parts]
    if (incoming.titles, incoming.records) != (max(above - 1, 0), sum(counts)):
        return None
    binding = Binding(contract, joined(incoming, contract), {}, loading.zone)
    con.execute(
        """create or replace temp table place as
        select _number, _file_id, before, unnest(range(before + $above + 1, before + $above + 1 + rows)) as line
        from (
            select unnest(range($count)) as _number, unnest($file_ids::varchar[]) as _file_id,
                unnest($before::bigint[]) as before, unnest($rows::bigint[]) as rows
        )""",
        {
            "above": above,
            "count": len(pieces),
            "file_ids": [piece.file.file_id for piece in pieces],
            "before": [0, *accumulate(counts)][:-1],
            "rows": counts,
        },
    )
    con.execute(
        f"""create or replace temp table together as
        select p._number, p._file_id, p.line - p.before as _file_line, v.*
        from place as p left join ({binding.valid()}) as v on p.line = v._line"""
    )
    return binding


def _out_of_the_ordinary(loading: Loading, binding: Binding, pieces: Sequence[Piece]) -> set[int]:
    """Numbers of the contents of `together` of which more has to be known than the rows that it holds of them."""
    con, contract, source = loading.con, loading.contract, loading.source
    found = con.execute(f"select _number from together where _line is null or {binding.in_doubled_hour()}").fetchall()
    odd = {number for (number,) in found}
    if contract.load.mode == "append":
        names = [piece.file.file_name for piece in pieces]
        known = con.execute(
            "select file_name from ops.file where source_name = ? and file_name in (select unnest(?::varchar[]))",
            [source.name, names],
        ).fetchall()
        seen = {name for (name,) in known}
        for number, name in enumerate(names):
            if name in seen:
                odd.add(number)
            seen.add(name)
    footer = contract.reader.footer
    if footer is not None:
        cells = con.execute(
            f"""select _number, {first_cell(binding.incoming)} from ({binding.incoming.relation}) as r
            inner join place as p on r._line = p.line"""
        ).fetchall()
        odd.update(number for number, text in cells if text and re.search(footer, text))
    return odd


def _with_keys_of_others(loading: Loading) -> set[int]:
    """Numbers of the contents of `together` with a key that another of them or an earlier file has, or, where one row
    counts of a key, that they have twice."""
    contract, keys = loading.contract, loading.contract.load.key
    if not keys:
        return set()
    repeated = "count(*) > 1" if contract.load.mode == "upsert" else "count(distinct _number) > 1"
    earlier = f"select {', '.join(keys)} from {contract.raw_table} where _source = {literal(loading.source.name)}"
    same_key = " and ".join(f"new.{name} is not distinct from old.{name}" for name in keys)
    found = loading.con.execute(
        f"""select unnest(list(_number)) from together group by {", ".join(keys)} having {repeated}
        union select _number from together as new semi join ({earlier}) as old on {same_key}"""
    ).fetchall()
    return {number for (number,) in found}


def _enter(
    loading: Loading,
    binding: Binding,
    pieces: Sequence[Piece],
    numbers: Sequence[int],
    seconds: float,
    *,
    meets_others: bool,
) -> list[LoadResult]:
    """Load the contents of `together` from the first of these numbers to the last. Where it is one with a key of
    others (`meets_others`), the newest then wins."""
    con, contract, source = loading.con, loading.contract, loading.source
    segment = [pieces[number] for number in numbers]
    columns = ", ".join(column.name for column in contract.columns)
    inserted = con.execute(
        f"""insert into {contract.raw_table} ({columns}, _extra, _line, _source, _file_id, _loaded_at)
        select {columns}, _extra, _file_line, ?, _file_id, ?::timestamp from together where _number between ? and ?""",
        [source.name, loading.now, numbers[0], numbers[-1]],
    ).fetchall()[0][0]
    if inserted != sum(len(piece.part.rows) for piece in segment):
        raise IngestionError(
            f"{segment[0].file.file_name} and the files after it: as many rows as were read did not arrive. Nothing "
            "of them was loaded; please report this with the files, it is a defect of the loader."
        )
    files = [piece.file for piece in segment]
    outdated, replaced = let_newest_win(con, contract, source, files[0]) if meets_others else (0, 0)
    skipped = {"title": binding.incoming.titles, "superseded": outdated}
    results = [
        LoadResult(
            source=source.name,
            kind=contract.kind,
            table=contract.table,
            file_id=piece.file.file_id,
            file_name=piece.file.file_name,
            status="loaded",
            rows_read=binding.incoming.titles + len(piece.part.rows),
            rows_loaded=len(piece.part.rows) - outdated,
            skipped=tuple((cause, count) for cause, count in skipped.items() if count),
            rows_replaced=replaced,
            drift=drift,
            seconds=seconds,
        )
        for piece, drift in zip(segment, enter_drift(loading, binding, files), strict=True)
    ]
    ledger.enter_files(con, files, binding.incoming.headings)
    ledger.enter_loads(con, results, loading.run_id, loading.now)
    return results
