"""What a warehouse says of its own form: a number, and by which contracts each raw table was read.

Here belongs telling whether a warehouse is of this Kontor, an earlier or a later one; the steps from one form to the
next stand in upgrade.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import duckdb

from ingestion.contract import Contract
from ingestion.errors import IngestionError
from ingestion.sqltext import identifier

# The number of the last step in upgrade.py. A warehouse without a number was written before there were any: 1.
FORMAT = 3
# Raised when the loader itself comes to read the same file by the same contract otherwise: all is read again then.
_READING = 1
# What of a contract decides which rows come of a file, and how.
_DECIDES = {"reader", "load", "columns", "checks", "known_extra", "known_places"}
_DESCRIBES = {"columns": {"__all__": {"description", "unit", "personal"}}}


def format_of(con: duckdb.DuckDBPyConnection) -> int:
    """The number of an open warehouse; that of this Kontor while nothing stands in it."""
    if not _has(con, "ops", "file"):
        return FORMAT
    if not _has(con, "ops", "migration"):
        return 1
    return int(con.execute("select coalesce(max(format), 1) from ops.migration").fetchall()[0][0])


def outdated_tables(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> list[str]:
    """Raw tables whose rows were read by other contracts than the kinds of this Kontor, or it is not known by which.

    A company's own mappings are its own affair: after a change of one, `kontor replay` is said by a person.
    """
    return [table for table, is_filled in _read_otherwise(con, contracts) if is_filled]


def is_outdated(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> bool:
    """Whether an earlier Kontor wrote the warehouse, so that `kontor upgrade` has something to do."""
    return format_of(con) < FORMAT or bool(outdated_tables(con, contracts))


def check_format(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> None:
    """Raise IngestionError unless this Kontor may write to the warehouse as it is."""
    refuse_newer(format_of(con))
    if is_outdated(con, contracts):
        raise IngestionError(
            "The warehouse was written by an earlier version of Kontor. Bring it up to date:  kontor upgrade  "
            "(kontor upgrade --dry-run  only says what it would do). Until then readers keep what they have."
        )


def refuse_newer(number: int) -> None:
    """Raise IngestionError for a warehouse that a later Kontor wrote."""
    if number > FORMAT:
        raise IngestionError(
            f"The warehouse was written by a newer version of Kontor: it has format {number}, this version knows "
            f"formats up to {FORMAT}. Nothing was changed. Install the newer version again, or make a warehouse of "
            "this one from the archive:  kontor rebuild"
        )


def unread_tables(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> list[str]:
    """Raw tables into which no file was loaded yet, and which were made by other contracts than today's, or not yet."""
    return [table for table, is_filled in _read_otherwise(con, contracts) if not is_filled]


def note_contracts(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract], tables: Iterable[str]) -> None:
    """Enter that the rows of these tables come by the contracts as they are now."""
    now = _digests(contracts)
    names = sorted(now.keys() & set(tables))
    if not names:
        return
    con.execute("delete from ops.raw_contract where table_name in (select unnest(?::varchar[]))", [names])
    con.execute(
        "insert into ops.raw_contract select unnest(?::varchar[]), unnest(?::varchar[])",
        [names, [now[name] for name in names]],
    )


def _has(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    return bool(
        con.execute(
            "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [schema, table]
        ).fetchall()
    )


def _read_otherwise(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> list[tuple[str, bool]]:
    """Raw tables that were made by other contracts than today's, or by none that is known; whether files fill them."""
    now, before, filled = _digests(contracts), {}, set()
    if _has(con, "ops", "raw_contract"):
        before = dict(con.execute("select table_name, digest from ops.raw_contract").fetchall())
    if _has(con, "ops", "load"):
        loaded = con.execute("select distinct table_name from ops.load where status = 'loaded'").fetchall()
        filled = {table for (table,) in loaded}
    otherwise = sorted(table for table in now if before.get(table) != now[table])
    return [(table, table in filled or _has_rows(con, table)) for table in otherwise]


def _has_rows(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether rows stand there, whatever the ledger still knows of how they came."""
    return any(
        con.execute(f"select 1 from {schema}.{identifier(table)} limit 1").fetchall()
        for schema in ("raw", "history")
        if _has(con, schema, table)
    )


def _digests(contracts: Iterable[Contract]) -> dict[str, str]:
    """For each raw table a digest of what decides how files become its rows, in all shipped kinds that fill it."""
    texts: dict[str, list[str]] = {}
    for contract in contracts:
        if contract.is_shipped:
            decides = contract.model_dump(mode="json", include=_DECIDES, exclude=_DESCRIBES, exclude_defaults=True)
            text = json.dumps([contract.kind, _READING, decides], sort_keys=True)
            texts.setdefault(contract.table, []).append(text)
    return {table: hashlib.sha256("\n".join(sorted(kinds)).encode()).hexdigest() for table, kinds in texts.items()}
