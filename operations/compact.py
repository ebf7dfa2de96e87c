"""Compaction: a database file without the space that deleted rows left behind.

DuckDB uses dead space again, but gives none of it back to the disk. A copy without it is written beside the file,
compared with it value for value, brought to the disk and put in its place by one rename. Killed at any moment, the file
is the old one or the new one, both whole and with the same contents; what a killed copy left, the next one removes.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.errors import IngestionError
from ingestion.sqltext import identifier, literal
from ingestion.warehouse import open_warehouse
from operations.errors import OperationError
from serving.versions import sync

_COPY = "compacting.duckdb"


@dataclass(frozen=True)
class Space:
    """Bytes of a database file, and those of them that hold nothing."""

    bytes: int
    dead_bytes: int

    @property
    def dead_share(self) -> float:
        """0 to 1."""
        return self.dead_bytes / self.bytes if self.bytes else 0.0


@dataclass(frozen=True)
class Machine:
    """What compaction may use: gigabytes of memory, threads, and a folder for temporary files."""

    memory_gb: float
    threads: int
    work: Path


def space_of(con: duckdb.DuckDBPyConnection) -> Space:
    """The space of the database that a connection has open."""
    block, total, free = con.execute(
        """select block_size, total_blocks, free_blocks from pragma_database_size()
        where database_name = current_database()"""
    ).fetchall()[0]
    return Space(block * total, block * free)


def compact(database: Path, machine: Machine) -> tuple[Space, Space]:
    """Write the database anew; its space before and after. The caller holds the writer's lock, and has it not open.

    Raises OperationError, and then the file is as it was.
    """
    copy = database.with_name(_COPY)
    _remove(copy)
    try:
        with closing(
            open_warehouse(database, work=machine.work, memory_gb=machine.memory_gb, threads=machine.threads)
        ) as con:
            con.execute("checkpoint")
            before = space_of(con)
        needed = before.bytes - before.dead_bytes
        if shutil.disk_usage(database.parent).free < needed * 1.1:
            raise OperationError(
                f"Compacting {database} needs {needed / 1e9:.1f} GB beside it, and the disk has not as much. Make room."
            )
        if database.with_name(database.name + ".wal").exists():
            raise OperationError(f"{database} has changes that could not be written into it, so it is left as it is.")
        with closing(duckdb.connect(config={"threads": machine.threads})) as con:
            con.execute(f"set memory_limit = '{machine.memory_gb * 1000:.0f}MB'")
            con.execute(f"set temp_directory = {literal(str(machine.work / 'spill'))}")
            con.execute("set enable_progress_bar = false")
            con.execute("set TimeZone = 'UTC'")
            _copy(con, database, copy)
        with closing(duckdb.connect(str(copy), read_only=True)) as con:
            after = space_of(con)
        sync(copy)
        os.replace(copy, database)
        sync(database.parent)
    except (OSError, duckdb.Error, IngestionError) as error:
        raise OperationError(f"{database} could not be compacted and is as it was: {_first_line(error)}") from error
    finally:
        _remove(copy)
    return before, after


def _copy(con: duckdb.DuckDBPyConnection, database: Path, copy: Path) -> None:
    # Views that DuckDB 1.5 made name the database that they are in; it takes its name from the file.
    name = identifier(database.stem)
    con.execute(f"attach {literal(str(database))} as {name} (read_only)")
    [(version,)] = con.execute(
        "select tags['storage_version'] from duckdb_databases() where database_name = ?", [database.stem]
    ).fetchall()
    con.execute(f"attach {literal(str(copy))} as kontor_copy (storage_version {literal(version.rstrip('+'))})")
    con.execute(f"copy from database {name} to kontor_copy")
    con.execute("checkpoint kontor_copy")
    before, after = (_contents(con, catalog) for catalog in (database.stem, "kontor_copy"))
    different = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    if different:
        raise OperationError(
            f"The copy differs from {database} in {', '.join(map(' '.join, different[:5]))}, so it is discarded."
        )


def _contents(con: duckdb.DuckDBPyConnection, catalog: str) -> dict[tuple[str, ...], object]:
    """Everything in a database: tables with their rows and a digest of them, definitions, comments."""
    found: dict[tuple[str, ...], object] = {}
    for schema, table in con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ?", [catalog]
    ).fetchall():
        full = f"{identifier(catalog)}.{identifier(schema)}.{identifier(table)}"
        # A sum, not exclusive or, which does not see a row that is there three times instead of once.
        found["rows", schema, table] = con.execute(
            f"select count(*), sum(hash(rows)::hugeint) from {full} as rows"
        ).fetchall()[0]
    for kind, sql in _DEFINITIONS.items():
        for row in con.execute(sql, [catalog]).fetchall():
            found[kind, *map(str, row[:-1])] = row[-1]
    return found


_DEFINITIONS = {
    "columns": """
        select schema_name, table_name, column_name,
            concat_ws('|', column_index, data_type, is_nullable, column_default, comment)
        from duckdb_columns() where database_name = ? and not internal
    """,
    "table": """
        select schema_name, table_name, concat_ws('|', sql, comment)
        from duckdb_tables() where database_name = ? and not internal
    """,
    # By its words: of several columns in `* replace (...)` DuckDB writes now one first, now another.
    "view": r"""
        select schema_name, view_name, concat_ws('|', list_sort(regexp_extract_all(sql, '\w+')), comment)
        from duckdb_views() where database_name = ? and not internal
    """,
    "macro": """
        select schema_name, function_name, macro_definition
        from duckdb_functions() where database_name = ? and not internal
    """,
    "index": "select schema_name, index_name, sql from duckdb_indexes() where database_name = ?",
}


def _remove(copy: Path) -> None:
    for path in (copy, copy.with_name(copy.name + ".wal")):
        path.unlink(missing_ok=True)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
