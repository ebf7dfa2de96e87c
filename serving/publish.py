"""Publishing: the marts of the finished warehouse become a version that readers open.

Copies and describes, computes nothing: what a mart holds is decided where it is made. Which version readers get, and
the folders, are in versions.py.
"""

from __future__ import annotations

import re
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from time import perf_counter
from urllib.parse import quote

import duckdb

from serving.errors import PublishError, ServingError, sentence
from serving.versions import DATABASE, finish_version, point_current, remove_old, start_version

# Every DuckDB client from 1.0 to 2.x opens this; the default of 2.0 shuts out all of 1.x.
_STORAGE_VERSION = "v1.0.0"

# The version's own account of itself. No mart may have these names.
_PUBLICATION = "publication"
_PUBLICATION_TABLE = "publication_table"

_TARGET = "publication_target"


@dataclass(frozen=True)
class Publication:
    """A version that readers now get: its name, its folder, (mart, rows) by name, its size on disk, the time it took."""

    version: str
    path: Path
    tables: list[tuple[str, int]]
    bytes: int
    seconds: float


@dataclass(frozen=True)
class _Mart:
    """A table or view of the schema that is published. `size_rows` is DuckDB's estimate, 0 for views."""

    name: str
    description: str | None
    is_view: bool
    size_rows: int


def publish(
    warehouse: Path, serve: Path, *, keep: int, run_id: str, now: datetime, schema: str = "marts"
) -> Publication:
    """Publish every table and view of `schema` in `warehouse` as a new version below `serve`, and let `current` name it.

    Views become tables. Types, NOT NULL and comments stay; `publication` and `publication_table` say where it came
    from. Beside the database each table stands as Parquet (where a HUGEINT, having no type there, is a DOUBLE). The
    newest `keep` versions are kept. Killed or failed at any moment, `current` names a complete version, the one before
    or this one.

    The warehouse is opened read-only, by DuckDB alone: opening and closing the file by any other call would silently
    drop the lock of a connection that this process has to it. Only one process may publish into `serve` at a time.

    `now` names the version and must know its time zone (ValueError otherwise). Raises PublishError if there is nothing
    to publish or the copy cannot be made.
    """
    if now.tzinfo is None:
        raise ValueError("`now` has no time zone; publish() needs one to name the version by UTC.")
    if keep < 1:
        raise PublishError(f"keep_versions is {keep}, but at least 1 version must be kept. Correct it in [publish].")
    if not warehouse.is_file():
        raise PublishError(f"There is no warehouse at {warehouse}. Run the pipeline first: kontor run.")
    started = perf_counter()
    try:
        name, building = start_version(serve, now)
        tables = _write_version(warehouse, building, schema, run_id, now.astimezone(UTC).replace(tzinfo=None))
        finish_version(serve, building)
        point_current(serve, name)
        remove_old(serve, keep)
        version = serve / "versions" / name
    except duckdb.Error as error:
        raise PublishError(f"The marts could not be published: {sentence(error)}") from error
    except OSError as error:
        raise PublishError(f"The marts could not be published: {error}.") from error
    size = sum(file.stat().st_size for file in version.rglob("*") if file.is_file())
    return Publication(version.name, version, tables, size, perf_counter() - started)


def _write_version(
    warehouse: Path, building: Path, schema: str, run_id: str, now: datetime
) -> list[tuple[str, int]]:
    """The marts copied into a new database in `building`, and as Parquet beside it; (mart, rows) by name."""
    source, target = f'"source".{_name(schema)}', f"{_TARGET}.{_name(schema)}"
    with closing(duckdb.connect()) as con:
        con.execute(f"attach {_text(str(warehouse))} as source (read_only)")
        con.execute(f"attach {_text(str(building / DATABASE))} as {_TARGET} (storage_version '{_STORAGE_VERSION}')")
        con.execute(f"create schema {target}")
        marts = con.execute(
            """select table_name, comment from duckdb_tables() where database_name = 'source' and schema_name = ?
            union all
            select view_name, comment from duckdb_views() where database_name = 'source' and schema_name = ?
            order by 1""",
            [schema, schema],
        ).fetchall()
        if not marts:
            raise PublishError(f"The schema {schema} of {warehouse} holds nothing to publish. Build the marts first.")
        tables = []
        for mart, comment in marts:
            rows = con.execute(f"create table {target}.{_name(mart)} as from {source}.{_name(mart)}").fetchall()[0][0]
            tables.append((mart, rows))
            if comment:
                con.execute(f"comment on table {target}.{_name(mart)} is {_text(comment)}")
        columns = con.execute(
            """select table_name, column_name, comment from duckdb_columns()
            where database_name = 'source' and schema_name = ? and comment is not null""",
            [schema],
        ).fetchall()
        for mart, column, comment in columns:
            con.execute(f"comment on column {target}.{_name(mart)}.{_name(column)} is {_text(comment)}")
        con.execute(
            f"create table {target}.{_PUBLICATION} as select ? as run_id, ?::timestamp as published_at, "
            f"? as kontor_version, version() as duckdb_version, ? as table_count",
            [run_id, now, metadata.version("kontor"), len(tables)],
        )
        con.execute(f"create table {target}.{_PUBLICATION_TABLE} (table_name varchar, row_count bigint, description varchar)")
        con.executemany(
            f"insert into {target}.{_PUBLICATION_TABLE} values (?, ?, ?)",
            [[mart, rows, dict(marts)[mart]] for mart, rows in tables],
        )
        parquet = building / "parquet"
        parquet.mkdir()
        for mart, _ in tables:
            file = parquet / f"{quote(schema, safe='')}.{quote(mart, safe='')}.parquet"
            con.execute(f"copy {target}.{_name(mart)} to {_text(str(file))} (format parquet)")
        con.execute(f"checkpoint {_TARGET}")
        con.execute(f"detach {_TARGET}")
    return tables


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
