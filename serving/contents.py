"""What a published version holds, as numbers that can be compared: rows and a digest for each mart."""

from __future__ import annotations

from pathlib import Path

import duckdb

from serving.quoting import quoted
from serving.read import connect_published

Contents = dict[str, tuple[int, str]]

# What a run stamps on rows, and the blocks that a table happens to take; everything else must be the same whenever and
# however often something was loaded.
RUN_COLUMNS = ("loaded_at", "measured_at", "stored_bytes")


def published_contents(serve: Path, schema: str = "marts") -> Contents:
    """(rows, digest) of every mart of the current version. The digest does not depend on the order of rows.

    Two digests can be compared if the same version of DuckDB made them.
    """
    with connect_published(serve) as con:
        tables = con.execute(
            """select table_name, list(column_name order by column_index) from duckdb_columns()
            where schema_name = ? and table_name not in ('publication', 'publication_table') group by all order by 1""",
            [schema],
        ).fetchall()
        return {table: digest(con, quoted(schema, table), columns) for table, columns in tables}


def digest(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> tuple[int, str]:
    """Rows of a table and the sum of the hashes of all its rows: equal rows count as often as they occur."""
    kept = ", ".join(quoted(column) for column in columns if column not in RUN_COLUMNS)
    [found] = con.execute(f"select count(*), coalesce(sum(hash({kept})::hugeint), 0)::varchar from {table}").fetchall()
    return found
