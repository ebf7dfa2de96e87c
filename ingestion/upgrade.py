"""Bringing a warehouse from the form in which an earlier Kontor left it to that of this one.

Two things happen, each step in a transaction of its own, so that whatever is interrupted is gone on with. The ledger is
carried over by the small steps below: it holds what the archive cannot tell. Raw tables are read again from the archive
where the contracts of their kinds are others now: so they come to hold what a warehouse begun today would.

To add a step: write a function, give it the next number, raise FORMAT in formats.py, and store a small warehouse of the
form before it for tests/upgrade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingestion import ledger
from ingestion.contract import Contract
from ingestion.formats import format_of, outdated_tables, refuse_newer
from ingestion.landing import Run
from ingestion.ledger import LoadResult
from ingestion.replay import Configured, read_table_again


@dataclass(frozen=True)
class Step:
    """A small change of the ledger's tables; `format` is the number that the warehouse has after it.

    `apply` may meet what it does already done, and then does nothing.
    """

    format: int
    name: str
    says: str
    apply: Callable[[duckdb.DuckDBPyConnection], None]


def _size_of_contents(con: duckdb.DuckDBPyConnection) -> None:
    columns = {name for (name,) in con.execute("select column_name from (describe ops.file)").fetchall()}
    if "content_bytes" in columns:
        return
    # Made anew, since a column that is added comes last. The sizes come when the files are read again.
    con.execute(
        """create or replace table ops.file as
        select file_id, source_name, sha256, bytes, file_name, member, archive_path,
            cast(null as bigint) as content_bytes, as_of, landed_at, sequence, headings
        from ops.file"""
    )


def _contracts_of_tables(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table if not exists ops.raw_contract (table_name varchar, digest varchar)")


STEPS = (
    Step(2, "size_of_contents", "the ledger tells how large each content is, unpacked", _size_of_contents),
    Step(3, "contracts_of_tables", "the warehouse knows by which contracts its tables were read", _contracts_of_tables),
)


def steps_to_do(con: duckdb.DuckDBPyConnection) -> list[Step]:
    """The steps that an open warehouse lacks, in their order. Raises IngestionError for one that is newer than this."""
    number = format_of(con)
    refuse_newer(number)
    return [step for step in STEPS if step.format > number]


def upgrade_ledger(con: duckdb.DuckDBPyConnection, now: datetime) -> list[Step]:
    """Take the steps that are lacking, each in a transaction with its entry; those taken."""
    con.execute("create table if not exists ops.migration (format integer, name varchar, applied_at timestamp)")
    taken = steps_to_do(con)
    for step in taken:
        con.execute("begin")
        try:
            step.apply(con)
            con.execute("insert into ops.migration values (?, ?, ?)", [step.format, step.name, now])
            con.execute("commit")
        except BaseException:
            con.execute("rollback")
            raise
    return taken


def read_outdated_again(
    con: duckdb.DuckDBPyConnection, run: Run, sources: Iterable[Configured], contracts: Iterable[Contract]
) -> Iterator[tuple[str, list[LoadResult]]]:
    """Read raw tables again whose contracts are others now, each in a transaction; table and what became of its files.

    Raises IngestionError when an original is missing, was changed or no longer fits; that table stays as it was.
    """
    contracts, sources = list(contracts), list(sources)
    ledger.prepare(con, contracts)
    for table in outdated_tables(con, contracts):
        filling = [one for one in sources if one[1].table == table]
        yield table, read_table_again(con, run, table, filling, contracts)
