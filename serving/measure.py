"""How much each mart holds: rows, days, bytes. Measured in the finished warehouse, before readers get their copy.

Counts, minima and maxima only, so that it stays cheap at ten million rows. What a mart means does not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

# DuckDB's block, unless a database is made with another size, which nothing here does.
_BLOCK_BYTES = 262_144


@dataclass(frozen=True)
class MartSize:
    """Rows of a mart, the first and last day they are about, and the bytes it takes in the warehouse, estimated."""

    name: str
    rows: int
    first_date: date | None
    last_date: date | None
    stored_bytes: int


def measure_marts(
    con: duckdb.DuckDBPyConnection, day_columns: Mapping[str, str | None], schema: str = "marts"
) -> list[MartSize]:
    """Measure the marts in `day_columns` (name, column of its days) that are in the schema, in order of their names."""
    tables = {
        name: is_view
        for name, is_view in con.execute(
            """select table_name, table_type = 'VIEW' from information_schema.tables
            where table_catalog = current_database() and table_schema = ?""",
            [schema],
        ).fetchall()
    }
    found = sorted(tables.keys() & day_columns.keys())
    stored = _stored_bytes(con, [f"{schema}.{name}" for name in found if not tables[name]])
    sizes = []
    for name in found:
        day = day_columns[name]
        span = f"min({day})::date, max({day})::date" if day else "null, null"
        rows, first, last = con.execute(f"select count(*), {span} from {schema}.{name}").fetchall()[0]
        sizes.append(MartSize(name, rows, first, last, stored.get(f"{schema}.{name}", 0)))
    return sizes


def _stored_bytes(con: duckdb.DuckDBPyConnection, tables: list[str]) -> dict[str, int]:
    """Bytes of the blocks that hold a table; small tables share blocks, and each is given its part."""
    if not tables:
        return {}
    blocks = " union all ".join(
        f"select '{table}' as name, unnest(list_prepend(block_id, additional_block_ids)) as block "
        f"from pragma_storage_info('{table}') where persistent"
        for table in tables
    )
    return dict(
        con.execute(
            f"""with blocks as (select distinct name, block from ({blocks}) where block >= 0),
            shared as (select block, {_BLOCK_BYTES} / count(*) as bytes from blocks group by block)
            select name, sum(bytes)::bigint from blocks inner join shared using (block) group by name"""
        ).fetchall()
    )
