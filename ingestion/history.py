"""What lists said before: the states of a key that deliveries have shown, and from when to when.

Of a key the raw table holds the newest row only. Where a contract names columns under `load.history`, every state of
these columns is kept as well, in `history.<kind>`: one row per key and stretch of deliveries that agree, from the
moment of the first (`_first_at`) to that of the last (`_last_at`). So the table grows with what changes, not with what
is delivered, and comes out the same in whatever order the files arrive.

The moment of a row is its `version` where the contract names one, else the time of its file. The deliveries inside a
stretch are not kept: an older file that arrives late and contradicts one parts it at the source's files before and
after it, as if these had held the key too.
"""

from __future__ import annotations

import duckdb

from ingestion.contract import Contract
from ingestion.ledger import LedgerFile
from ingestion.source import Source
from ingestion.sqltext import literal


def keep_states(con: duckdb.DuckDBPyConnection, contract: Contract, source: Source, file: LedgerFile) -> None:
    """Enter the states that a file shows, before its rows meet those of other files; part of its transaction."""
    if not contract.load.history:
        return
    key, version = ", ".join(contract.load.key), contract.load.version
    columns = ", ".join(contract.history_columns)
    shown_at, newest_first = f"timestamp '{file.as_of}'", "_line desc"
    if version:
        shown_at = f"coalesce({version}::timestamp, {shown_at})"
        newest_first = f"{version} desc nulls last, _line desc"
    con.execute(
        f"""create or replace temp table shown as
        select {columns}, {shown_at} as shown_at from {contract.raw_table} where _file_id = {literal(file.file_id)}
        qualify row_number() over (partition by {key} order by {newest_first}) = 1"""
    )
    _part_stretches(con, contract, source, file)
    state = f"row({', '.join(contract.load.history)})"
    con.execute(
        f"""create or replace temp table beside as
        with together as (
            select {columns}, _first_at, _sequence, false as is_new from {contract.history_table}
            where _source = {literal(source.name)}
            union all
            select {columns}, shown_at, {file.sequence}, true from shown
        )
        select {columns}, _first_at, is_new,
            lag({state}) over in_order is not distinct from {state} as goes_on,
            lead({state}) over in_order is not distinct from {state} as begins_earlier,
            lag({{'first_at': _first_at, 'sequence': _sequence}}) over in_order as earlier,
            lead({{'first_at': _first_at, 'sequence': _sequence}}) over in_order as later
        from together
        window in_order as (partition by {key} order by _first_at, _sequence)
        qualify is_new"""
    )
    own = f"h._source = {literal(source.name)} and {_same(contract.load.key, 'h', 'b')}"
    con.execute(
        f"""update {contract.history_table} as h set _last_at = greatest(h._last_at, b._first_at) from beside as b
        where {own} and b.goes_on and {_begins_at("b.earlier")}"""
    )
    con.execute(
        f"""update {contract.history_table} as h
        set _first_at = b._first_at, _sequence = {file.sequence}, _file_id = {literal(file.file_id)} from beside as b
        where {own} and not b.goes_on and b.begins_earlier and {_begins_at("b.later")}"""
    )
    con.execute(
        f"""insert into {contract.history_table} by name
        select {columns}, {literal(source.name)} as _source, {literal(file.file_id)} as _file_id,
            {file.sequence} as _sequence, _first_at, _first_at as _last_at
        from beside where not goes_on and not begins_earlier"""
    )


def _part_stretches(con: duckdb.DuckDBPyConnection, contract: Contract, source: Source, file: LedgerFile) -> None:
    """Part the stretches inside which the file shows another state: they end before it and begin again after it."""
    table = contract.history_table
    files = f"from ops.file where source_name = {literal(source.name)} and as_of"
    inside = f"""h._source = {literal(source.name)} and {_same(contract.load.key, "h", "s")}
        and not ({_same(contract.load.history, "h", "s")}) and h._first_at <= s.shown_at and s.shown_at < h._last_at"""
    con.execute(
        f"""insert into {table} by name
        with next_file as (
            select file_id, sequence, as_of {files} > timestamp '{file.as_of}' order by as_of, sequence limit 1
        )
        select {", ".join(f"h.{name}" for name in contract.history_columns)}, h._source,
            coalesce(n.file_id, h._file_id) as _file_id, coalesce(n.sequence, h._sequence) as _sequence,
            least(n.as_of, h._last_at) as _first_at, h._last_at
        from {table} as h inner join shown as s on {inside} left join next_file as n on true"""
    )
    con.execute(
        f"""update {table} as h
        set _last_at = greatest(h._first_at, (select max(as_of) {files} <= timestamp '{file.as_of}'))
        from shown as s where {inside}"""
    )


def _begins_at(place: str) -> str:
    """A condition that a kept stretch is the one at `place`. Its parts have names: DuckDB 1.5 keeps no others."""
    return f"h._first_at = {place}.first_at and h._sequence = {place}.sequence"


def _same(names: tuple[str, ...], one: str, other: str) -> str:
    """A condition that two relations agree in these columns."""
    return " and ".join(f"{one}.{name} is not distinct from {other}.{name}" for name in names)
