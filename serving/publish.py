"""Publishing: the marts of the finished warehouse become a version that readers open.

Copies and describes, computes nothing: what a mart holds is decided where it is made. Which version readers get, and
the folders, are in versions.py.
"""

from __future__ import annotations

import re
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from time import perf_counter

import duckdb

from serving.errors import PublishError, sentence
from serving.versions import DATABASE, current_version, finish_version, point_current, remove_old, start_version

# Every DuckDB client from 1.0 to 2.x opens this; the default of 2.0 shuts out all of 1.x.
_STORAGE_VERSION = "v1.0.0"

# The version's own account of itself. No mart may have these names.
_PUBLICATION = "publication"
_PUBLICATION_TABLE = "publication_table"

_TARGET = "publication_target"

# About as many rows as share one dictionary in DuckDB's file.
_LOOK = 20_000

# Of the usual choices the least work for the processor, and 40 % smaller than DuckDB's own (snappy).
_PARQUET_OPTIONS = "compression zstd, compression_level 1, dictionary_size_limit 4096"
# Not allowed in a file name on one system or another; % itself, so that no two names become one.
_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*%\x00-\x1f]')


@dataclass(frozen=True)
class Publication:
    """A version that readers now get: name, folder, (mart, rows) by name, bytes on disk, seconds that it took."""

    version: str
    path: Path
    tables: list[tuple[str, int]]
    bytes: int
    seconds: float


@dataclass(frozen=True)
class _Mart:
    name: str
    description: str | None
    is_view: bool


def publish(
    warehouse: Path, serve: Path, *, keep: int, run_id: str, now: datetime, schema: str = "marts"
) -> Publication:
    """Publish the tables and views of `schema` in `warehouse` as a new version below `serve`; `current` then names it.

    Views become tables. Types, NOT NULL and comments stay; `publication` and `publication_table` say where it came
    from. Beside the database each table stands as Parquet (where a HUGEINT, having no type there, is a DOUBLE). The
    newest `keep` versions are kept, and the one replaced. Killed or failed at any moment, `current` names a complete
    version, the one before or this one.

    The warehouse is opened read-only, by DuckDB alone: opening and closing the file by any other call would silently
    drop the lock of a connection that this process has to it. Only one process may publish into `serve` at a time.

    `now` names the version and must know its time zone (ValueError otherwise). Raises PublishError if there is nothing
    to publish or the copy cannot be made, ServingError if `current` is no link and so cannot be moved.
    """
    if now.tzinfo is None:
        raise ValueError("`now` has no time zone; publish() needs one to name the version by UTC.")
    if keep < 1:
        raise PublishError(f"keep_versions is {keep}, but at least 1 version must be kept. Correct it in [publish].")
    if not warehouse.is_file():
        raise PublishError(f"There is no warehouse at {warehouse}. Run the pipeline first: kontor run.")
    started = perf_counter()
    building: Path | None = None
    try:
        replaced = current_version(serve)
        building = start_version(serve, now)
        tables = _write_version(warehouse, building, schema, run_id, now.astimezone(UTC).replace(tzinfo=None))
        path = finish_version(building)
        point_current(serve, path.name)
        remove_old(serve, keep, replaced)
    except duckdb.Error as error:
        raise PublishError(f"The marts of {warehouse} could not be published: {sentence(error)}") from error
    except OSError as error:
        raise PublishError(f"The marts of {warehouse} could not be published: {error}.") from error
    finally:
        if building:
            shutil.rmtree(building, ignore_errors=True)
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return Publication(path.name, path, tables, size, perf_counter() - started)


def _write_version(
    warehouse: Path, folder: Path, schema: str, run_id: str, published_at: datetime
) -> list[tuple[str, int]]:
    """Fill `folder` with the database and the Parquet files; return (mart, rows) by name."""
    parquet = folder / "parquet"
    parquet.mkdir()
    # Connected to, not attached: the catalog must have the name by which the views in it speak of it.
    with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set TimeZone = 'UTC'")
        marts = _find_marts(connection, schema)
        connection.execute(
            f"attach {_text(str(folder / DATABASE))} as {_TARGET} (read_write, storage_version '{_STORAGE_VERSION}')"
        )
        connection.execute(f"create schema if not exists {_TARGET}.{_name(schema)}")
        written: list[Future[None]] = []
        rows: dict[str, int] = {}
        # Parquet is read from the new database, so both hold the same rows, and written while the next mart is copied:
        # copying alone leaves part of the processors idle.
        with closing(connection.cursor()) as reader, ThreadPoolExecutor(max_workers=1) as background:
            try:
                for mart in marts:
                    rows[mart.name] = _copy_mart(connection, schema, mart)
                    written.append(background.submit(_write_parquet, reader, schema, mart.name, parquet))
                _describe_publication(connection, schema, marts, rows, run_id, published_at)
                for name in (_PUBLICATION, _PUBLICATION_TABLE):
                    written.append(background.submit(_write_parquet, reader, schema, name, parquet))
                for future in written:
                    future.result()
            finally:
                background.shutdown(cancel_futures=True)
        connection.execute(f"checkpoint {_TARGET}")
        connection.execute(f"detach {_TARGET}")
    return sorted(rows.items())


def _find_marts(connection: duckdb.DuckDBPyConnection, schema: str) -> list[_Mart]:
    """The tables and views of the schema, largest first. Raises PublishError if there are none."""
    marts = [
        _Mart(name, comment, is_view)
        for name, comment, is_view, _ in connection.execute(
            """
            select table_name as name, comment, false as is_view, estimated_size
            from duckdb_tables()
            where database_name = current_database() and schema_name = $schema
            union all
            select view_name, comment, true, 0
            from duckdb_views()
            where database_name = current_database() and schema_name = $schema and not internal
            order by estimated_size desc, name
            """,
            {"schema": schema},
        ).fetchall()
    ]
    if not marts:
        raise PublishError(
            f"The warehouse has no tables in the schema {schema}, so there is nothing to publish. "
            "Run the pipeline first: kontor run."
        )
    for mart in marts:
        if mart.name.lower() in (_PUBLICATION, _PUBLICATION_TABLE):
            raise PublishError(
                f"A mart is named {schema}.{mart.name}, which is kept for the publication's own account. "
                "Give the mart another name."
            )
    return marts


def _copy_mart(connection: duckdb.DuckDBPyConnection, schema: str, mart: _Mart) -> int:
    """Copy one table or view with its comments into the new database; return the number of rows."""
    source = f"{_name(schema)}.{_name(mart.name)}"
    target = f"{_TARGET}.{source}"
    try:
        described = connection.execute(f"describe {source}").fetchall()
        texts = [] if mart.is_view else [name for name, kind, *_ in described if kind == "VARCHAR"]
        compression = _text_compression(connection, source, texts)
        columns = [
            f"{_name(name)} {kind} {'not null' if null == 'NO' else ''} {compression.get(name, '')}"
            for name, kind, null, *_ in described
        ]
        comments = connection.execute(
            """
            select column_name, comment
            from duckdb_columns()
            where database_name = current_database() and schema_name = ? and table_name = ? and comment is not null
            """,
            [schema, mart.name],
        ).fetchall()
        connection.execute("begin")
        connection.execute(f"create table {target} ({', '.join(columns)})")
        rows: int = connection.execute(f"insert into {target} from {source}").fetchall()[0][0]
        if mart.description is not None:
            connection.execute(f"comment on table {target} is {_text(mart.description)}")
        for name, comment in comments:
            connection.execute(f"comment on column {target}.{_name(name)} is {_text(comment)}")
        connection.execute("commit")
    except duckdb.Error as error:
        raise PublishError(f"The mart {schema}.{mart.name} could not be published: {sentence(error)}") from error
    return rows


def _text_compression(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> dict[str, str]:
    """How each text column is stored: with a dictionary where values repeat, else as it is.

    Left to itself, DuckDB tries every method on every value, which is a fifth of the work of a publish, and squeezes
    keys by half, which makes readers' joins on them a third slower. A look at the first rows is enough to choose.
    """
    if not columns:
        return {}
    repeats = connection.execute(
        f"select {', '.join(f'approx_count_distinct({_name(column)}) * 4 <= count(*)' for column in columns)} "
        f"from (from {table} limit {_LOOK})"
    ).fetchall()[0]
    return {
        column: f"using compression {'dictionary' if repeat else 'uncompressed'}"
        for column, repeat in zip(columns, repeats, strict=True)
    }


def _describe_publication(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    marts: list[_Mart],
    rows: dict[str, int],
    run_id: str,
    published_at: datetime,
) -> None:
    """Write the version's own account: `publication`, one row, and `publication_table`, one row per mart."""
    publication = f"{_TARGET}.{_name(schema)}.{_PUBLICATION}"
    publication_table = f"{_TARGET}.{_name(schema)}.{_PUBLICATION_TABLE}"
    connection.execute("begin")
    connection.execute(
        f"""
        create table {publication} (
            run_id varchar not null,
            published_at timestamp not null,
            kontor_version varchar not null,
            duckdb_version varchar not null,
            table_count integer not null
        );
        comment on table {publication} is 'One row: when, by which run and with which versions this copy was made.';
        comment on column {publication}.published_at is 'UTC';
        create table {publication_table} (table_name varchar not null, row_count bigint not null, description varchar);
        comment on table {publication_table} is 'One row per mart in this copy, with the number of its rows.';
        """
    )
    connection.execute(
        f"insert into {publication} values (?, ?, ?, ?, ?)",
        [run_id, published_at, _kontor_version(), duckdb.__version__, len(marts)],
    )
    connection.executemany(
        f"insert into {publication_table} values (?, ?, ?)",
        sorted([mart.name, rows[mart.name], mart.description] for mart in marts),
    )
    connection.execute("commit")


def _write_parquet(connection: duckdb.DuckDBPyConnection, schema: str, table: str, folder: Path) -> None:
    """Write one table of the new database as `<schema>.<table>.parquet`."""
    name = _NOT_IN_FILE_NAMES.sub(lambda sign: f"%{ord(sign[0]):02X}", f"{schema}.{table}")
    file = folder / f"{name}.parquet"
    try:
        connection.execute(
            f"copy {_TARGET}.{_name(schema)}.{_name(table)} to {_text(str(file))} (format parquet, {_PARQUET_OPTIONS})"
        )
    except duckdb.Error as error:
        raise PublishError(f"The mart {schema}.{table} could not be written as Parquet: {sentence(error)}") from error


def _kontor_version() -> str:
    try:
        return metadata.version("kontor")
    except metadata.PackageNotFoundError:
        return "not installed"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
