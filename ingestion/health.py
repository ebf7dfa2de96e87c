"""What the ledger and the raw tables tell about a source: how fresh, how clean, what changed."""

from __future__ import annotations

from datetime import datetime

import duckdb

from ingestion.contract import Contract
from ingestion.source import Source


def newest_of(con: duckdb.DuckDBPyConnection, contract: Contract, source: Source) -> datetime | None:
    """UTC time of a source's newest row by its own clock, or of its newest file where rows carry no time.

    A day without an hour counts until its end.
    """
    column = contract.freshness.column
    if column is None:
        sql, values = "select max(as_of) from ops.file where source_name = ?", [source.name]
    else:
        whole_day = " + interval 1 day" if contract.column(column).type == "date" else ""
        sql = f"select max({column})::timestamp{whole_day} from {contract.raw_table} where _source = ?"
        values = [source.name]
    return con.execute(sql, values).fetchall()[0][0]


def quarantine_share(con: duckdb.DuckDBPyConnection, source: str) -> float:
    """Share (0 to 1) of the rows of a source's files that are in quarantine now; 0 without rows."""
    loaded, quarantined = con.execute(
        """select
            (select sum(l.rows_loaded) from ops.load as l
             where l.source_name = ? and l.status = 'loaded'
                and l.load_id = (
                    select max(o.load_id) from ops.load as o where o.file_id = l.file_id and o.status = 'loaded'
                )),
            (select count(*) from ops.quarantine where source_name = ?)""",
        [source, source],
    ).fetchall()[0]
    total = (loaded or 0) + quarantined
    return quarantined / total if total else 0.0
