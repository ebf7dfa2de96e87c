"""Publishing: the marts of the finished warehouse become a version that readers open.

Copies and describes, computes nothing: what a mart holds is decided where it is made. How marts are copied stands in
copying.py, their Parquet files in parquet.py, which version readers get, and the folders, in versions.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from time import perf_counter

import duckdb

from serving.builds import last_builds
from serving.copying import LARGE, TARGET, Copied, Mart, copy_mart, find_marts, open_target
from serving.errors import PublishError, sentence
from serving.parquet import file_name, write_parquet, write_table
from serving.quoting import quoted
from serving.read import RIGHT_SUMS
from serving.versions import (
    DATABASE,
    current_version,
    finish_version,
    point_current,
    remove_old,
    start_version,
    version_folder,
)

# The version's own account of itself. No mart may have these names.
_PUBLICATION = "publication"
_PUBLICATION_TABLE = "publication_table"
_RESERVED = (_PUBLICATION, _PUBLICATION_TABLE)


@dataclass(frozen=True)
class Publication:
    """A version that readers now get: name, folder, (mart, rows) by name, bytes on disk, seconds that it took."""

    version: str
    path: Path
    tables: list[tuple[str, int]]
    bytes: int
    seconds: float


def publish(
    warehouse: Path,
    serve: Path,
    *,
    keep: int,
    run_id: str,
    now: datetime,
    schema: str = "marts",
    large: int = LARGE,
    memory_gb: float | None = None,
    whole: bool = False,
    extra: Callable[[Path], object] | None = None,
) -> Publication:
    """Publish the tables and views of `schema` in `warehouse` as a new version below `serve`; `current` then names it.

    Views become tables. Types, NOT NULL and comments stay; `publication` and `publication_table` say where it came
    from. Beside the database each table stands as Parquet (where a HUGEINT, having no type there, is a DOUBLE). The
    newest `keep` versions are kept, and the one replaced. A mart of `large` rows or more is taken over from the version
    before as far as it is the same, unless all is to be written `whole`. `memory_gb` is what DuckDB may take, else four
    fifths of the machine's. `extra` is called with the folder and adds what else belongs to the version. Killed or
    failed at any moment, `current` names a complete version, the one before or this one.

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
        before = version_folder(serve, replaced) if replaced and not whole else None
        published_at = now.astimezone(UTC).replace(tzinfo=None)
        try:
            tables = _write_version(warehouse, building, before, schema, run_id, published_at, large, memory_gb)
        except (PublishError, duckdb.Error):
            if before is None:
                raise
            # The version before may be what is damaged, which this one need not begin with.
            building = start_version(serve, now)
            tables = _write_version(warehouse, building, None, schema, run_id, published_at, large, memory_gb)
        if extra:
            extra(building)
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
    warehouse: Path,
    folder: Path,
    before: Path | None,
    schema: str,
    run_id: str,
    published_at: datetime,
    large: int,
    memory_gb: float | None,
) -> list[tuple[str, int]]:
    """Fill `folder` with the database and the Parquet files; return (mart, rows) by name."""
    parquet = folder / "parquet"
    parquet.mkdir()
    # Connected to, not attached: the catalog must have the name by which the views in it speak of it.
    with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(RIGHT_SUMS)
        # Once, at the end: as long as the version is not complete, nothing in it need be safe.
        connection.execute("set checkpoint_threshold = '1TB'")
        if memory_gb:
            connection.execute(f"set memory_limit = '{memory_gb:g}GB'")
        marts = find_marts(connection, schema)
        for mart in marts:
            if mart.name.lower() in _RESERVED:
                raise PublishError(
                    f"A mart is named {schema}.{mart.name}, which is kept for the publication's own account. "
                    "Give the mart another name."
                )
        begun = open_target(connection, folder / DATABASE, marts, before and before / DATABASE, large)
        earlier = before / "parquet" if before and begun.copies else None
        written: list[Future[None]] = []
        copied: dict[str, Copied] = {}
        # Parquet is read from the new database, so both hold the same rows, and written while the next mart is copied:
        # copying alone leaves part of the processors idle.
        with closing(connection.cursor()) as reader, ThreadPoolExecutor(max_workers=1) as background:
            try:
                for mart in marts:
                    copied[mart.name] = copy_mart(connection, mart, large, begun.builds.get(mart.name))
                    written.append(
                        background.submit(write_parquet, reader, mart, copied[mart.name], parquet, earlier, large)
                    )
                rows = {name: mart.rows for name, mart in copied.items()}
                _describe_publication(connection, schema, marts, rows, run_id, published_at, begun.copies)
                for name in _RESERVED:
                    file = parquet / file_name(schema, name)
                    written.append(background.submit(write_table, reader, quoted(TARGET, schema, name), file))
                for future in written:
                    future.result()
            finally:
                background.shutdown(cancel_futures=True)
        connection.execute(f"checkpoint {TARGET}")
        connection.execute(f"detach {TARGET}")
    return sorted(rows.items())


def _describe_publication(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    marts: list[Mart],
    rows: dict[str, int],
    run_id: str,
    published_at: datetime,
    copies: int,
) -> None:
    """Write the version's own account: `publication`, one row, and `publication_table`, one row per mart."""
    publication = quoted(TARGET, schema, _PUBLICATION)
    publication_table = quoted(TARGET, schema, _PUBLICATION_TABLE)
    connection.execute("begin")
    connection.execute(
        f"""
        create table {publication} (
            run_id varchar not null,
            published_at timestamp not null,
            kontor_version varchar not null,
            duckdb_version varchar not null,
            table_count integer not null,
            copies_since_whole integer not null
        );
        comment on table {publication} is 'One row: when, by which run and with which versions this copy was made.';
        comment on column {publication}.published_at is 'UTC';
        comment on column {publication}.copies_since_whole is
            'How many versions in a row began as a copy of the one before; 0: this one was written whole.';
        create table {publication_table} (
            table_name varchar not null, row_count bigint not null, description varchar, build varchar
        );
        comment on table {publication_table} is 'One row per mart in this copy, with the number of its rows.';
        comment on column {publication_table}.build is
            'Which build of the mart this is, where it is built in slices: the id in ops.slice_build.';
        """
    )
    connection.execute(
        f"insert into {publication} values (?, ?, ?, ?, ?, ?)",
        [run_id, published_at, kontor_version(), duckdb.__version__, len(marts), copies],
    )
    builds = last_builds(connection)
    connection.executemany(
        f"insert into {publication_table} values (?, ?, ?, ?)",
        [
            [mart.name, rows[mart.name], mart.description, builds.get(mart.name)]
            for mart in sorted(marts, key=lambda mart: mart.name)
        ],
    )
    connection.execute("commit")


def kontor_version() -> str:
    """The version of the kit that is installed."""
    try:
        return metadata.version("kontor")
    except metadata.PackageNotFoundError:
        return "not installed"
