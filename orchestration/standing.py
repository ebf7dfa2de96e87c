"""What of the dbt project stands in the warehouse as it must be, so that a night need not make it again.

Views and seeds are the same every night until somebody changes the project, or the loader a raw table: two nodes in
five, and most of what a run without new files does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from ingestion.sqltext import identifier
from kontor.settings import Settings

# What views and seeds are made of. A view on a table that has other columns than when it was made cannot be read.
_COLUMNS = """
    select coalesce(md5(string_agg(concat_ws(' ', schema_name, table_name, column_index, column_name, data_type), ';'
        order by schema_name, table_name, column_index)), '')
    from duckdb_columns()
    where database_name = current_database() and schema_name in ('raw', 'history', 'ops')
"""
_TABLE = "ops.standing_project"
TABLES_AND_TESTS = ["--select", "config.materialized:table", "config.materialized:slices", "resource_type:test"]
"""dbt's arguments for a build upon a project that stands. Excluding views would exclude the tests that read one."""


def stands(settings: Settings, project: Path) -> bool:
    """Whether views and seeds are those of the project's files and of the tables as they are now."""
    if not settings.paths.warehouse.exists():
        return False
    with closing(duckdb.connect(str(settings.paths.warehouse), read_only=True)) as con:
        try:
            found = con.execute(f"select definition from {_TABLE}").fetchall()
        except duckdb.CatalogException:
            return False
        return found == [(_definition(con, project),)]


def remember(con: duckdb.DuckDBPyConnection, project: Path) -> None:
    """Say after a whole build that everything stands."""
    con.execute(f"create table if not exists {_TABLE} (definition varchar)")
    con.execute(f"delete from {_TABLE}")
    con.execute(f"insert into {_TABLE} values (?)", [_definition(con, project)])


def drop_retired(con: duckdb.DuckDBPyConnection, nodes: Iterable[dict[str, Any]]) -> None:
    """Drop tables and views of the project's schemas that none of its nodes makes any longer.

    A mart that left the project would otherwise be published for ever, as it was when it was last built.
    """
    made = [node for node in nodes if node["resource_type"] in ("model", "seed", "snapshot")]
    wanted = {(node["schema"], node["alias"]) for node in made}
    schemas = list({schema for schema, _ in wanted})
    for kind in ("view", "table"):
        for schema, name in con.execute(
            f"""select schema_name, {kind}_name from duckdb_{kind}s()
            where database_name = current_database() and list_contains($1::varchar[], schema_name)""",
            [schemas],
        ).fetchall():
            if (schema, name) not in wanted:
                con.execute(f"drop {kind} {identifier(schema)}.{identifier(name)}")


def _definition(con: duckdb.DuckDBPyConnection, project: Path) -> str:
    digest = hashlib.sha256(con.execute(_COLUMNS).fetchall()[0][0].encode())
    for path in sorted(project.rglob("*")):
        if path.suffix in (".sql", ".yml", ".csv"):
            digest.update(str(path.relative_to(project)).encode() + path.read_bytes())
    return digest.hexdigest()
