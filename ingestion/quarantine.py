"""Rows that could not be loaded: reading them back for people."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class QuarantinedRow:
    """One row that could not be loaded, as it stands in the archived file, and why."""

    source: str
    file_name: str
    line: int
    column: str | None
    reason: str
    original_row: str


def quarantined_rows(
    con: duckdb.DuckDBPyConnection, source: str | None = None, limit: int | None = None
) -> list[QuarantinedRow]:
    """Rows in quarantine, newest file first, of one source or of all."""
    rows = con.execute(
        """select source_name, file_name, line, column_name, reason, original_row
        from ops.quarantine where $source is null or source_name = $source
        order by quarantined_at desc, source_name, file_name, line limit $limit""",
        {"source": source, "limit": limit if limit is not None else 2**62},
    ).fetchall()
    return [QuarantinedRow(*row) for row in rows]


def reasons_in_quarantine(con: duckdb.DuckDBPyConnection, limit: int = 12) -> list[tuple[str, str, int]]:
    """Source, an example of the reason, number of rows, most frequent first; reasons of one column count together."""
    return con.execute(
        """select source_name, min(reason), count(*) from ops.quarantine
        group by source_name, coalesce(column_name, reason) order by count(*) desc, 1, 2 limit ?""",
        [limit],
    ).fetchall()
