"""Marts on their way into the new version's database: written whole, or only the days that are other than before.

The new database may begin as a copy of the last version's. Then a large mart is compared with it day by day, by the
number of its rows and a sum of their hashes, and only the days that differ are written: comparing and copying a file
take a tenth of the time of writing the rows. Of a fact that is built in slices only the days are compared that its
builds since the last version say they wrote.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from serving.builds import DAYS_WRITTEN, find_days_written
from serving.errors import PublishError, sentence
from serving.quoting import literal, quoted

TARGET = "publication_target"
"""The catalog of the new version's database."""

LARGE = 1_000_000
"""Rows from which on a mart is compared rather than written whole."""

# Every DuckDB client from 1.0 to 2.x opens this; the default of 2.0 shuts out all of 1.x.
_STORAGE_VERSION = "v1.0.0"
# What deleting days leaves behind in a file is small but adds up; so now and then all is written anew.
_COPIES_BEFORE_WHOLE = 30
# About as many rows as share one dictionary in DuckDB's file.
_LOOK = 20_000
_DAYS = "publication_day"


@dataclass(frozen=True)
class Mart:
    """A table or view of the warehouse that is published."""

    schema: str
    name: str
    description: str | None
    is_view: bool
    rows: int
    """As DuckDB estimates it; 0 for a view."""
    columns: list[tuple[str, str, bool]]
    """Name, type, whether it may be empty."""

    @property
    def day(self) -> str | None:
        """The column by which a large mart is compared: its first date."""
        return next((name for name, kind, _ in self.columns if kind == "DATE"), None)

    @property
    def source(self) -> str:
        return quoted(self.schema, self.name)

    @property
    def target(self) -> str:
        return quoted(TARGET, self.schema, self.name)


@dataclass(frozen=True)
class Copied:
    """A mart as it now stands in the new database."""

    rows: int
    changed_months: set[str] | None
    """Months (`2026-11`) of which rows differ from the version before ('': rows without a day); None: not known."""


def find_marts(connection: duckdb.DuckDBPyConnection, schema: str) -> list[Mart]:
    """The tables and views of the schema, largest first. Raises PublishError if there are none."""
    found = connection.execute(
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
    if not found:
        raise PublishError(
            f"The warehouse has no tables in the schema {schema}, so there is nothing to publish. "
            "Run the pipeline first: kontor run."
        )
    marts = []
    for name, comment, is_view, rows in found:
        try:
            columns = _columns(connection, quoted(schema, name))
        except duckdb.Error as error:
            raise _refused(schema, name, error) from error
        marts.append(Mart(schema, name, comment, is_view, rows, columns))
    return marts


@dataclass(frozen=True)
class Begun:
    """What a new database began with."""

    copies: int
    """How many versions in a row, this one included, began as a copy of the one before; 0 if it is empty."""
    builds: dict[str, str]
    """The build of each mart in it, by the mart's name; see builds.py."""


def open_target(
    connection: duckdb.DuckDBPyConnection, database: Path, marts: list[Mart], before: Path | None, large: int
) -> Begun:
    """Attach the new version's database as TARGET, begun as a copy of `before` where that pays."""
    schema = marts[0].schema
    begun = Begun(0, {})
    if before and any(mart.rows >= large and mart.day for mart in marts):
        former = _account_of(connection, before, schema)
        if former and former.copies < _COPIES_BEFORE_WHOLE:
            shutil.copyfile(before, database)
            begun = Begun(former.copies + 1, former.builds)
    connection.execute(
        f"attach {literal(str(database))} as {TARGET} (read_write, storage_version '{_STORAGE_VERSION}')"
    )
    connection.execute(f"create schema if not exists {quoted(TARGET, schema)}")
    published = {mart.name for mart in marts}
    for (name,) in _tables(connection, schema):
        if name not in published:
            connection.execute(f"drop table {quoted(TARGET, schema, name)}")
    return begun


def copy_mart(connection: duckdb.DuckDBPyConnection, mart: Mart, large: int, build: str | None) -> Copied:
    """Bring one mart with its comments into the new database, which has the `build` of it. Raises PublishError."""
    try:
        connection.execute("begin")
        copied = _update(connection, mart, build) if mart.rows >= large else None
        if copied is None:
            copied = Copied(_write(connection, mart), None)
        _comment(connection, mart)
        connection.execute("commit")
    except duckdb.Error as error:
        raise _refused(mart.schema, mart.name, error) from error
    return copied


def _update(connection: duckdb.DuckDBPyConnection, mart: Mart, build: str | None) -> Copied | None:
    """Write the days that differ; None where the mart is better written whole."""
    is_there = (mart.name,) in _tables(connection, mart.schema)
    if mart.day is None or not is_there or _columns(connection, mart.target) != mart.columns:
        return None
    day = quoted(mart.day)
    known = build is not None and find_days_written(connection, mart.name, mart.day, build)
    days = [
        f"select {day} as day, count(*) as days_rows, sum(hash(publication_row)) as content "
        f"from {f'({_narrowed(table, day)})' if known else table} as publication_row group by all"
        for table in (mart.source, mart.target)
    ]
    connection.execute(
        f"""create or replace temp table {_DAYS} as
        with new as materialized ({days[0]}), old as materialized ({days[1]})
        select day, max(days_rows) as days_rows
        from ((from new except from old) union all (from old except from new)) group by day"""
    )
    [(differing, months)] = connection.execute(
        f"select coalesce(sum(days_rows), 0), list(distinct coalesce(strftime(day, '%Y-%m'), '')) from {_DAYS}"
    ).fetchall()
    if differing * 2 > mart.rows:
        return None
    same_day = f"publication_row.{day} is not distinct from {_DAYS}.day"
    connection.execute(f"delete from {mart.target} as publication_row using {_DAYS} where {same_day}")
    connection.execute(
        f"insert into {mart.target} select publication_row.* "
        f"from {mart.source} as publication_row semi join {_DAYS} on {same_day}"
    )
    [(rows,)] = connection.execute(f"select count(*) from {mart.target}").fetchall()
    return Copied(rows, set(months or []))


def _narrowed(table: str, day: str) -> str:
    """The rows of the days written, and those without one: both are found without reading the others."""
    return f"from {table} where {day} in (select day from {DAYS_WRITTEN}) union all from {table} where {day} is null"


def _write(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """Write the mart whole; the number of its rows."""
    texts = [] if mart.is_view else [name for name, kind, _ in mart.columns if kind == "VARCHAR"]
    compression = _text_compression(connection, mart.source, texts)
    columns = [
        f"{quoted(name)} {kind} {'' if may_be_empty else 'not null'} {compression.get(name, '')}"
        for name, kind, may_be_empty in mart.columns
    ]
    connection.execute(f"create or replace table {mart.target} ({', '.join(columns)})")
    return connection.execute(f"insert into {mart.target} from {mart.source}").fetchall()[0][0]


def _comment(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    comments = connection.execute(
        """
        select column_name, comment
        from duckdb_columns()
        where database_name = current_database() and schema_name = ? and table_name = ? and comment is not null
        """,
        [mart.schema, mart.name],
    ).fetchall()
    if mart.description is not None:
        connection.execute(f"comment on table {mart.target} is {literal(mart.description)}")
    for name, comment in comments:
        connection.execute(f"comment on column {mart.target}.{quoted(name)} is {literal(comment)}")


def _text_compression(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> dict[str, str]:
    """How each text column is stored: with a dictionary where values repeat, else as it is.

    Left to itself, DuckDB tries every method on every value, which is a fifth of the work of a publish, and squeezes
    keys by half, which makes readers' joins on them a third slower. A look at the first rows is enough to choose.
    """
    if not columns:
        return {}
    repeats = connection.execute(
        f"select {', '.join(f'approx_count_distinct({quoted(column)}) * 4 <= count(*)' for column in columns)} "
        f"from (from {table} limit {_LOOK})"
    ).fetchall()[0]
    return {
        column: f"using compression {'dictionary' if repeat else 'uncompressed'}"
        for column, repeat in zip(columns, repeats, strict=True)
    }


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str, bool]]:
    return [(name, kind, null != "NO") for name, kind, null, *_ in connection.execute(f"describe {table}").fetchall()]


def _tables(connection: duckdb.DuckDBPyConnection, schema: str) -> list[tuple[str]]:
    return connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ?", [TARGET, schema]
    ).fetchall()


def _account_of(connection: duckdb.DuckDBPyConnection, database: Path, schema: str) -> Begun | None:
    """How a version began and which builds it has; None where nothing can begin with it."""
    try:
        connection.execute(f"attach {literal(str(database))} as publication_before (read_only)")
    except duckdb.Error:
        return None
    try:
        [(copies,)] = connection.execute(
            f"select copies_since_whole from {quoted('publication_before', schema, 'publication')}"
        ).fetchall()
        builds = connection.execute(
            f"select table_name, build from {quoted('publication_before', schema, 'publication_table')} "
            "where build is not null"
        ).fetchall()
    except duckdb.Error:
        return None
    finally:
        connection.execute("detach publication_before")
    return Begun(copies, dict(builds))


def _refused(schema: str, name: str, error: duckdb.Error) -> PublishError:
    return PublishError(f"The mart {schema}.{name} could not be published: {sentence(error)}")
