"""What happens to rows that come again: a log that grew, logs that overlap, keys of which the newest counts, numbers
that are used again for something else.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.binding import Binding
from ingestion.content import start_sha256
from ingestion.contract import Contract
from ingestion.ledger import LedgerFile
from ingestion.readers.incoming import scalar
from ingestion.source import Source
from ingestion.sqltext import literal


def replace_grown(
    con: duckdb.DuckDBPyConnection, contract: Contract, source: Source, file: LedgerFile, path: Path
) -> tuple[int, bool]:
    """What an earlier state of the same file gives way to: a log that is still written to comes again, longer.

    Number of its rows that give way, where this file begins with all of it; else 0, and whether a file of this name was
    loaded with other content, which counts in addition.
    """
    earlier = con.execute(
        """select file_id, sha256, content_bytes from ops.file
        where source_name = ? and file_name = ? and sequence < ? order by sequence desc limit 1""",
        [source.name, file.file_name, file.sequence],
    ).fetchall()
    if not earlier:
        return 0, False
    file_id, sha256, size = earlier[0]
    if size >= file.content_bytes or start_sha256(path, size) != sha256:
        return 0, True
    con.execute("delete from ops.quarantine where file_id = ?", [file_id])
    rows = con.execute(f"delete from {contract.raw_table} where _file_id = ?", [file_id]).fetchall()[0][0]
    return rows, False


def drop_repeated(con: duckdb.DuckDBPyConnection, contract: Contract, source: Source, file: LedgerFile) -> int:
    """Remove this file's rows that earlier files of the source hold as well, each as often as it stands there; their
    number. Equal rows inside one file are rows of their own."""
    moment = contract.load.overlap
    if moment is None:
        return 0
    raw, own = contract.raw_table, f"_file_id = {literal(file.file_id)}"
    first, last = (f"(select {end}({moment}) from {raw} where {own})" for end in ("min", "max"))
    earlier = f"_source = {literal(source.name)} and not {own} and {moment} between {first} and {last}"
    if not scalar(con, f"select count(*) from (select 1 from {raw} where {earlier} limit 1)"):
        return 0
    content = f"hash({', '.join(column.name for column in contract.columns)}, _extra)"
    return con.execute(
        f"""delete from {raw} where {own} and _line in (
            select new._line
            from (
                select _line, {moment}, {content} as content,
                    row_number() over (partition by {moment}, {content} order by _line) as copy
                from {raw} where {own}
            ) as new
            inner join (
                select {moment}, {content} as content, count(*) as copies from {raw} where {earlier} group by all
            ) as old
                on new.{moment} = old.{moment} and new.content = old.content and new.copy <= old.copies)"""
    ).fetchall()[0][0]


def set_used_numbers_aside(
    con: duckdb.DuckDBPyConnection, binding: Binding, source: Source, file: LedgerFile, zone: str, now: datetime
) -> int:
    """Move this file's rows whose key stands for a document of another year into quarantine; their number.

    Taken for that document delivered again they would replace it, and last year's revenue would be gone.
    """
    contract = binding.contract
    if contract.load.same_year is None:
        return 0
    key, raw, own = contract.load.key, contract.raw_table, f"_file_id = {literal(file.file_id)}"
    listed = ", ".join(key)
    year = f"year(timezone({literal(zone)}, timezone('UTC', {contract.load.same_year})))"
    con.execute(
        f"""create or replace temp table used as
        with new as (select _line, {listed}, {year} as own_year from {raw} where {own}),
        old as (
            select {listed}, max({year}) as old_year from {raw}
            where _source = {literal(source.name)} and not {own} and ({listed}) in (select ({listed}) from new)
            group by {listed}
        )
        select n._line, concat_ws(' ', {", ".join(f"n.{name}" for name in key)}) as number, o.old_year
        from new as n inner join old as o on {" and ".join(f"n.{name} = o.{name}" for name in key)}
        where n.own_year <> o.old_year"""
    )
    moved = con.execute(f"delete from {raw} where {own} and _line in (select _line from used)").fetchall()[0][0]
    if moved:
        heading = binding.heading_of(key[0])
        incoming = binding.incoming
        con.execute(
            f"""insert into ops.quarantine
            select ?, ?, ?, ?, ?, u._line // {incoming.cells}, ?,
                ? || ': "' || u.number || '" names a document of ' || u.old_year
                || ' already, and a number names one document', i.original_row, ?::timestamp
            from used as u inner join (
                select _line, {incoming.row_text or binding.original_row()} as original_row
                from ({incoming.relation}) where _line in (select _line from used)
            ) as i on u._line = i._line""",
            [source.name, contract.kind, contract.table, file.file_id, file.file_name, heading, heading, now],
        )
    return moved


def let_newest_win(
    con: duckdb.DuckDBPyConnection, contract: Contract, source: Source, file: LedgerFile
) -> tuple[int, int]:
    """Resolve rows of one key by the load mode: numbers of this file's and of earlier files' rows that gave way."""
    mode, key, version = contract.load.mode, contract.load.key, contract.load.version
    raw, own = contract.raw_table, f"_file_id = {literal(file.file_id)}"
    older = f"_source = {literal(source.name)} and not {own}"
    outdated = 0
    if mode == "upsert":
        newest_first = f"{version} desc nulls last, _line desc" if version else "_line desc"
        outdated = con.execute(
            f"""delete from {raw} where {own} and _line in (
                select _line from {raw} where {own}
                qualify row_number() over (partition by {", ".join(key)} order by {newest_first}) > 1)"""
        ).fetchall()[0][0]
    if not scalar(con, f"select count(*) from (select 1 from {raw} where {older} limit 1)"):
        return outdated, 0
    keys = ", ".join(key)
    newest = f"max({version})" if version else "null"
    same_key = " and ".join(f"o.{name} is not distinct from n.{name}" for name in key)
    delivered = f"(timestamp '{file.as_of}', {file.sequence})"
    con.execute(
        f"""create or replace temp table meeting as
        with newer as (
            select {keys}, {newest} as version, {delivered} as delivered from {raw} where {own} group by {keys}
        ),
        older as (
            select {keys}, {newest} as version, max((f.as_of, f.sequence)) as delivered
            from {raw} as r inner join ops.file as f on r._file_id = f.file_id
            where r._source = {literal(source.name)} and r._file_id <> {literal(file.file_id)}
            group by {keys}
        )
        select {", ".join(f"n.{name}" for name in key)},
            case when n.version is not distinct from o.version then n.delivered >= o.delivered
                else o.version is null or coalesce(n.version > o.version, false) end as new_wins
        from newer as n inner join older as o on {same_key}"""
    )
    matches = " and ".join(f"r.{name} is not distinct from m.{name}" for name in key)
    replaced = con.execute(f"delete from {raw} as r using meeting as m where {older} and m.new_wins and {matches}")
    replaced_rows = replaced.fetchall()[0][0]
    outdated += con.execute(
        f"delete from {raw} as r using meeting as m where {own} and not m.new_wins and {matches}"
    ).fetchall()[0][0]
    return outdated, replaced_rows
