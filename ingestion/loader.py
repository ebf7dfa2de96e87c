"""Loads one file in one transaction: text columns → contract → typed rows in raw, the rest in quarantine.

What is not loaded is quarantined or skipped by construction: the rows of the file without those that arrived in the
raw table are the rows to explain. Every statement is set-based; no Python loop sees the rows of a file.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion import ledger, metadata
from ingestion.binding import Binding, options_for, place_of, places_of
from ingestion.content import TextFacts
from ingestion.contract import Contract
from ingestion.errors import HeadingsRefused, IngestionError
from ingestion.history import keep_states
from ingestion.joining import joined
from ingestion.ledger import LedgerFile, LoadResult
from ingestion.load_modes import drop_repeated, let_newest_win, replace_grown, set_used_numbers_aside
from ingestion.readers import access_log, csv, einvoice, excel, json, shdr, w3c_log, xml
from ingestion.readers.incoming import REJECTED, REST, Incoming, plain, scalar
from ingestion.source import Source
from ingestion.sqltext import literal
from ingestion.unpivot import unpivoted

# A footer stands at the end of a file; a row further up that looks like one is data or an error.
_FOOTER_ROWS = 20
_BLOCK_LINES = 4096
_FEW_BLOCKS = 200
_TEXT_READERS = {"csv": csv, "json": json, "access_log": access_log, "w3c_log": w3c_log, "shdr": shdr, "xml": xml}
_BINARY_READERS = {"excel": excel, "einvoice": einvoice}


@dataclass(frozen=True)
class Readable:
    """Content at a path, with what is known of it as a text (None where it is none)."""

    path: Path
    facts: TextFacts | None


def read_incoming(
    con: duckdb.DuckDBPyConnection, content: Readable, contract: Contract, work: Path, name: str
) -> Incoming:
    """The file as text columns, by the reader of the contract's format. Raises FileRefused."""
    if content.facts is None:
        return _BINARY_READERS[contract.reader.format].read(con, content.path, contract, work, name)
    return _TEXT_READERS[contract.reader.format].read(con, content.path, content.facts, contract, work, name)


@dataclass(frozen=True)
class Loading:
    """What all files of a source have in common that are loaded in one run: whither, and how they are read.

    `zone` is the time zone of local times without an offset; `now` is UTC without zone.
    """

    con: duckdb.DuckDBPyConnection
    contract: Contract
    source: Source
    zone: str
    work: Path
    run_id: str
    now: datetime


def load(loading: Loading, content: Readable, file: LedgerFile) -> LoadResult:
    """Load one content; the caller has begun the transaction and commits it.

    Raises FileRefused when the file as a whole does not fit.
    """
    began = time.monotonic()
    con, contract, source, zone, now = loading.con, loading.contract, loading.source, loading.zone, loading.now
    options, name = options_for(contract), file.file_name
    try:
        incoming = read_incoming(con, content, contract, loading.work, name)
    except HeadingsRefused as refusal:
        # What the file says of itself explains more than the headings that it lacks.
        metadata.read(con, contract, options, refusal.above, (), name, zone)
        raise
    said_once = metadata.read(con, contract, options, incoming.above, incoming.headings, name, zone)
    incoming, footers = _set_footers_aside(con, incoming, contract)
    incoming, totals = _set_totals_aside(con, incoming, contract)
    incoming, empty_cells = unpivoted(con, incoming, contract)
    incoming = joined(incoming, contract)
    set_aside = sum(count for _, count in incoming.set_aside) + footers + totals
    rows_read = incoming.titles + incoming.blank + set_aside + empty_cells + incoming.records
    binding = Binding(contract, incoming, said_once, zone)
    binding.tell_doubled_hours(con)

    inserted = _insert_valid(con, binding, file.file_id, source, now)
    quarantined = blank = 0
    if inserted < incoming.records:
        quarantined, blank = _quarantine(con, binding, file, source, now)
    used_again = set_used_numbers_aside(con, binding, source, file, zone, now)
    inserted, quarantined = inserted - used_again, quarantined + used_again
    keep_states(con, contract, source, file)
    repeated = 0
    if contract.load.mode == "append":
        outdated, (replaced, is_changed) = 0, replace_grown(con, contract, source, file, content.path)
        repeated = drop_repeated(con, contract, source, file)
    else:
        (outdated, replaced), is_changed = let_newest_win(con, contract, source, file), False

    skipped = {
        "title": incoming.titles,
        "blank": incoming.blank + blank,
        **dict(incoming.set_aside),
        "footer": footers,
        "total": totals,
        "empty cell": empty_cells,
        "superseded": outdated,
        "repeated": repeated,
    }
    result = LoadResult(
        source=source.name,
        kind=contract.kind,
        table=contract.table,
        file_id=file.file_id,
        file_name=file.file_name,
        status="loaded",
        rows_read=rows_read,
        rows_loaded=inserted - outdated - repeated,
        rows_quarantined=quarantined,
        skipped=tuple((cause, count) for cause, count in skipped.items() if count),
        rows_replaced=replaced,
        drift=enter_drift(loading, binding, [file], is_changed=is_changed)[0],
    )
    accounted = result.rows_loaded + result.rows_quarantined + result.rows_skipped
    if accounted != result.rows_read:
        raise IngestionError(
            f"{file.file_name}: {result.rows_read} rows were read but {accounted} are accounted for. Nothing of it was "
            "loaded; please report this with the file, it is a defect of the loader."
        )
    ledger.enter_file(con, file, incoming.headings)
    result = replace(result, seconds=time.monotonic() - began)
    ledger.enter_load(con, result, loading.run_id, now)
    return result


def _set_footers_aside(con: duckdb.DuckDBPyConnection, incoming: Incoming, contract: Contract) -> tuple[Incoming, int]:
    """The rows without the sum lines at the end of the file, and how many those were."""
    pattern = contract.reader.footer
    if pattern is None or incoming.records == 0:
        return incoming, 0
    # Line numbers first: sorting whole rows takes three times as long.
    last = con.execute(
        f"""select _line, {first_cell(incoming)} from ({incoming.relation})
        where _line in (select _line from ({incoming.relation}) order by _line desc limit {_FOOTER_ROWS})
        order by _line desc"""
    ).fetchall()
    lines = [str(line) for line, text in last if text and re.search(pattern, text)]
    # A sum line may have fewer separators than the rows above, and then was not told into columns.
    end = last[-1][0] if len(last) == _FOOTER_ROWS else 0
    rejected = con.execute(
        f"delete from {REJECTED} where _line > {end} and regexp_matches(trim(text, ' ;,\t\"'), {literal(pattern)})"
    ).fetchall()[0][0]
    relation = incoming.relation
    if lines:
        relation = f"select * from ({relation}) where _line not in ({', '.join(lines)})"
    footers = rejected + len(lines)
    return replace(incoming, relation=relation, records=incoming.records - footers), footers


def first_cell(incoming: Incoming) -> str:
    """SQL of the first cell of a row that is not empty: where a sum line says that it is one."""
    return f"trim(coalesce({', '.join(incoming.columns)}))"


def _set_totals_aside(con: duckdb.DuckDBPyConnection, incoming: Incoming, contract: Contract) -> tuple[Incoming, int]:
    """The rows without those that `reader.totals` tells as sums of others, wherever they stand; how many those were."""
    headings, totals = places_of(incoming), contract.reader.totals
    tests = {place_of(contract.column(name), incoming, headings): test for name, test in totals.items()}
    if not tests or None in tests:
        return incoming, 0
    is_total = " and ".join(
        f"regexp_matches(trim(coalesce({place}, '')), {literal(test)})" for place, test in tests.items()
    )
    count = scalar(con, f"select count(*) from ({incoming.relation}) where {is_total}")
    relation = f"select * from ({incoming.relation}) where not ({is_total})"
    return replace(incoming, relation=relation, records=incoming.records - count), count


def _insert_valid(con: duckdb.DuckDBPyConnection, binding: Binding, file_id: str, source: Source, now: datetime) -> int:
    """Insert the rows that may be loaded into the raw table; their number."""
    columns = ", ".join(column.name for column in binding.contract.columns)
    return con.execute(
        f"""insert into {binding.contract.raw_table} ({columns}, _extra, _line, _source, _file_id, _loaded_at)
        select {columns}, _extra, _line, ?, ?, ?::timestamp from ({binding.valid()})""",
        [source.name, file_id, now],
    ).fetchall()[0][0]


def _quarantine(
    con: duckdb.DuckDBPyConnection, binding: Binding, file: LedgerFile, source: Source, now: datetime
) -> tuple[int, int]:
    """Explain every row that did not arrive in the raw table, those that were never told into columns included; numbers
    of quarantined and of blank rows."""
    incoming = binding.incoming
    raw, own = binding.contract.raw_table, f"_file_id = {literal(file.file_id)}"
    near = _near_missing_lines(con, incoming.relation, f"{raw} where {own}")
    left_over = f"""select *, {incoming.row_text or binding.original_row()} as original_row from ({incoming.relation})
        where ({near}) and _line not in (select _line from {raw} where {own} and ({near}))"""
    listed = ", ".join(
        f"{{'heading': {literal(binding.heading_of(column))}, 'says': {problem}}}"
        for column, problem in binding.problems()
    )
    problems = f"list_filter([{listed}], lambda p: p.says is not null)"
    is_blank = f"coalesce({', '.join(incoming.own_columns)}) is null"
    if incoming.in_rest:
        is_blank += f" and {REST} is null"
    if incoming.row_problem is not None:
        # What is wrong with the row as a whole explains the rest; and a line with text in it is never blank.
        whole = f"[{{'heading': '', 'says': {incoming.row_problem}}}]"
        problems = f"case when ({incoming.row_problem}) is not null then {whole} else {problems} end"
        is_blank = "false"
    con.execute(
        f"""create or replace temp table left_over as
        select _line, original_row, {is_blank} as is_blank, {problems} as problems
        from ({binding.typed(left_over)})"""
    )
    blank = con.execute("delete from left_over where is_blank").fetchall()[0][0]
    if scalar(con, "select count(*) from left_over where len(problems) = 0"):
        raise IngestionError(
            f"{file.file_name}: rows did not load and no rule says why. Nothing of the file was loaded; please report "
            "this with the file, it is a defect of the loader."
        )
    values = [source.name, binding.contract.kind, binding.contract.table, file.file_id, file.file_name]
    said = "case when p.heading = '' then '' else p.heading || ': ' end || p.says"
    quarantined = con.execute(
        f"""insert into ops.quarantine
        select ?, ?, ?, ?, ?, _line // {incoming.cells}, nullif(problems[1].heading, ''),
            array_to_string(list_transform(problems, lambda p: {said}), '; '), original_row, ?::timestamp
        from left_over
        union all
        select ?, ?, ?, ?, ?, _line, null, reason, to_json(text), ?::timestamp from {REJECTED}""",
        [*values, now, *values, now],
    ).fetchall()[0][0]
    return quarantined, blank


def _near_missing_lines(con: duckdb.DuckDBPyConnection, relation: str, arrived: str) -> str:
    """A condition on `_line` that holds for all lines that did not arrive and for few others.

    As ranges of numbers, which DuckDB looks at before it takes a line apart; a table of all lines would grow with the
    file.
    """
    block = f"_line // {_BLOCK_LINES}"
    incomplete = con.execute(
        f"""select block from (
            select {block} as block, count(*) as lines from ({relation}) group by all
            except select {block}, count(*) from {arrived} group by all
        ) order by block limit {_FEW_BLOCKS + 1}"""
    ).fetchall()
    if len(incomplete) > _FEW_BLOCKS:
        return "true"
    starts = (number * _BLOCK_LINES for (number,) in incomplete)
    return " or ".join(f"_line between {start} and {start + _BLOCK_LINES - 1}" for start in starts) or "false"


def enter_drift(
    loading: Loading, binding: Binding, files: Sequence[LedgerFile], *, is_changed: bool = False
) -> list[tuple[str, ...]]:
    """Enter how files of the same columns, in the order of loading, differ from the contract and each from the source's
    file before (in a zip the last of that name); as sentence parts for each.

    `is_changed` says that they have the name of a file with other content, beside which they count.
    """
    contract, source, headings = loading.contract, loading.source, binding.incoming.headings
    before = dict(
        loading.con.execute(
            """select member, arg_max(headings, sequence) from ops.file
            where source_name = ? and (member is null or member in (select unnest(?::varchar[]))) group by member""",
            [source.name, [file.member for file in files]],
        ).fetchall()
    )
    findings: list[list[tuple[str, str, str]]] = []
    for file in files:
        found = [("new column", heading, "kept in _extra; nothing reads it yet") for heading in binding.new_columns]
        previous = before.get(file.member) or []
        if previous is not headings:
            known = {plain(heading) for heading in previous}
            found += [
                ("column gone", name, "was there in the file before; its values are now empty")
                for name in binding.absent_columns
                if any(plain(heading) in known for heading in contract.column(name).sources)
            ]
        if is_changed:
            found.append(("same name, other content", file.file_name, "its rows count beside those of the file before"))
        before[file.member] = headings
        findings.append(found)
    ledger.enter_drift(
        loading.con,
        [
            (source.name, contract.kind, file.file_id, file.file_name, *finding, loading.now)
            for file, found in zip(files, findings, strict=True)
            for finding in found
        ],
    )
    return [tuple(f"{finding}: {column}" for finding, column, _ in found) for found in findings]
