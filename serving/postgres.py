"""The second place where marts are published, if the company has one: a PostgreSQL server, for readers in the network.

What is copied is the version that `serve/current` names, so both places say the same. What a mart holds is decided
where it is made, and how the local copy comes to be stands in publish.py.

    marts_next     filled while readers go on with `marts`
    marts          what readers get; becomes `marts_old_<time>` in the moment in which `marts_next` becomes `marts`
    marts_old_...  kept until the next publish, for those who are still reading it
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from serving.errors import PostgresAway, PostgresError, sentence
from serving.quoting import quoted
from serving.read import connect_published

# Rows that are handed over at once. Text in COPY's own form, made by DuckDB, loads 500,000 rows in 2.3 s; a temporary
# CSV file took 2.7 s and rows written one by one 4.5 s.
_BATCH = 20_000

# A schema that says so in its comment is ours to replace and to drop; no other one is touched.
_MARK = "Kontor: the published copy of the marts"

_CONNECT_SECONDS = 10
# What the server says when it is shut down or started, or when somebody else was faster; a lost connection besides.
_PASSING = (
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.CannotConnectNow,
    psycopg.errors.ConnectionException,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
)
# A server notices after a minute that we are gone without a word, and frees what we held.
_KEEPALIVE = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
_DROP_WAIT = "2s"
# The swap holds up readers for no longer than this, and tries again while one of them reads on.
_SWAP_WAIT = "100ms"
_SWAP_ATTEMPTS = 10
_SWAP_PAUSE_SECONDS = 0.2

_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "UTINYINT": "smallint",
    "SMALLINT": "smallint",
    "USMALLINT": "integer",
    "INTEGER": "integer",
    "UINTEGER": "bigint",
    "BIGINT": "bigint",
    "UBIGINT": "numeric(20,0)",
    "HUGEINT": "numeric(39,0)",
    "UHUGEINT": "numeric(39,0)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "INTERVAL": "interval",
    "UUID": "uuid",
    "BLOB": "bytea",
    "JSON": "json",
}
_NESTED = re.compile(r"\]$|^(STRUCT|MAP|UNION)\(")


@dataclass(frozen=True)
class PostgresTarget:
    """A database on a server and who Kontor is there. `reader` is the role that may read, `schema` what it reads.

    `seconds` is the most that a publish may take, waiting included.
    """

    host: str
    database: str
    user: str
    password: str | None = field(default=None, repr=False)
    port: int = 5432
    sslmode: str = "prefer"
    schema: str = "marts"
    reader: str = "kontor_reader"
    seconds: float = 900.0

    def __str__(self) -> str:
        return f"the PostgreSQL database {self.database} at {self.host}:{self.port}"


@dataclass(frozen=True)
class PostgresPublication:
    """What the server now holds: the version, the number of its tables and rows, the seconds that it took.

    `kept` names schemas of earlier versions that could not be dropped yet, each with the reason.
    """

    version: str
    tables: int
    rows: int
    seconds: float
    kept: list[str]


def connect_postgres(target: PostgresTarget) -> psycopg.Connection:
    """A connection in which every statement is a transaction of its own. Raises PostgresError."""
    try:
        return psycopg.connect(
            host=target.host,
            port=target.port,
            dbname=target.database,
            user=target.user,
            password=target.password,
            sslmode=target.sslmode,
            connect_timeout=_CONNECT_SECONDS,
            application_name="kontor",
            options=_KEEPALIVE,
            client_encoding="utf8",
            autocommit=True,
        )
    except psycopg.Error as error:
        # Who answers and names what it does not know (a user, a database) will say the same in a minute.
        refused = re.search(r"FATAL.*[\"„»]", str(error))
        kind = PostgresError if refused else PostgresAway
        raise kind(f"There is no connection to {target} as {target.user}: {_said(error)}") from error


def publish_to_postgres(serve: Path, target: PostgresTarget) -> PostgresPublication:
    """Bring the server to the version that `serve/current` names; readers there get the version before or this one.

    Tables have types, NOT NULL, comments and their first column as primary key where it is NOT NULL, as it is in every
    mart. Only the role `target.reader` and the owner may read them, only the owner may write. Killed or failed at any
    moment, readers keep what they had, and the next publish begins anew.

    Raises NotPublished where there is no local version, PostgresError for everything that the server says.
    """
    began = time.perf_counter()
    with closing(connect_published(serve)) as published, closing(connect_postgres(target)) as server:
        found = published.execute("select run_id, published_at from publication").fetchall()
        version = f"{found[0][1]:%Y-%m-%d %H:%M:%S} UTC, run {found[0][0]}"
        try:
            with _ended_after(server, target.seconds):
                tables, rows, kept = _publish(published, server, target, version)
        except psycopg.Error as error:
            late = time.perf_counter() - began >= target.seconds
            said = f"it took longer than {target.seconds:g} seconds" if late else _said(error).rstrip(".")
            kind = PostgresAway if isinstance(error, _PASSING) and not late else PostgresError
            raise kind(
                f"{str(target)[0].upper()}{str(target)[1:]} was not brought up to date: {said}. Readers there keep "
                "what they had, the local copy is published, and the next run tries again."
            ) from error
    return PostgresPublication(version, tables, rows, time.perf_counter() - began, kept)


def _publish(
    published: duckdb.DuckDBPyConnection, server: psycopg.Connection, target: PostgresTarget, version: str
) -> tuple[int, int, list[str]]:
    following = f"{target.schema}_next"
    server.execute(SQL("set statement_timeout = {}").format(Literal(f"{target.seconds:.0f}s")))
    # Freed when the connection ends, however it ends.
    if not _value(server, "select pg_try_advisory_lock(hashtext(%s))", f"kontor:{target.schema}"):
        raise PostgresAway(f"Another publish into {target} is at work. The next run tries again.")
    _make_reader(server, target)
    _refuse_foreign(server, target.schema)
    kept = _drop_old(server, target)
    with _lock_wait(server, _DROP_WAIT):
        _refuse_foreign(server, following)
        server.execute(SQL("drop schema if exists {} cascade").format(Identifier(following)))
    names = [name for (name,) in published.execute("select table_name from duckdb_tables() order by 1").fetchall()]
    # As one transaction: a load that fails or is killed gives the room back, and many small commits take their time.
    with server.transaction():
        server.execute(SQL("create schema {}").format(Identifier(following)))
        server.execute(SQL("comment on schema {} is {}").format(Identifier(following), Literal(f"{_MARK}, {version}")))
        rows = sum(_copy_table(published, server, following, name) for name in names)
        _grant(server, target, following)
    _swap(server, target, following)
    return len(names), rows, kept


def _copy_table(published: duckdb.DuckDBPyConnection, server: psycopg.Connection, schema: str, name: str) -> int:
    """Make one table as the local copy has it, with rows, key and comments; return the number of rows."""
    table = Identifier(schema, name)
    columns = published.execute(
        """
        select column_name, data_type, is_nullable, comment
        from duckdb_columns() where table_name = ? order by column_index
        """,
        [name],
    ).fetchall()
    declared = [
        SQL("{} {} {}").format(Identifier(column), SQL(_type_of(kind)), SQL("" if nullable else "not null"))
        for column, kind, nullable, _ in columns
    ]
    lines = " || chr(9) || ".join(_as_text(column, kind) for column, kind, *_ in columns)
    server.execute(SQL("create table {} ({})").format(table, SQL(", ").join(declared)))
    try:
        # FREEZE spares the server the work of visiting every row again later.
        with server.cursor() as cursor:
            with cursor.copy(SQL("copy {} from stdin (freeze)").format(table)) as copy:
                result = published.execute(f"select {lines} || chr(10) from {quoted(name)}")
                while batch := result.fetchmany(_BATCH):
                    copy.write("".join(line for (line,) in batch))
            rows = cursor.rowcount
    except duckdb.Error as error:
        raise PostgresError(f"The mart {name} of the local copy could not be read: {sentence(error)}") from error
    if not columns[0][2]:
        server.execute(SQL("alter table {} add primary key ({})").format(table, Identifier(columns[0][0])))
    server.execute(SQL("; ").join([*_comments(published, name, table, columns), SQL("analyze {}").format(table)]))
    return rows


def _comments(
    published: duckdb.DuckDBPyConnection, name: str, table: Identifier, columns: list[tuple]
) -> Iterator[Composed]:
    described = published.execute("select comment from duckdb_tables() where table_name = ?", [name]).fetchall()[0][0]
    if described:
        yield SQL("comment on table {} is {}").format(table, Literal(described))
    for column, _, _, comment in columns:
        if comment:
            yield SQL("comment on column {}.{} is {}").format(table, Identifier(column), Literal(comment))


def _make_reader(server: psycopg.Connection, target: PostgresTarget) -> None:
    """Make the role that may read, unless it exists: one without login, which people's own roles are put into."""
    if _value(server, "select count(*) from pg_roles where rolname = %s", target.reader):
        return
    statement = SQL("create role {} nologin").format(Identifier(target.reader)).as_string(server)
    try:
        server.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        raise PostgresError(
            f"There is no role {target.reader} in {target}, and {target.user} may not make one. "
            f"Let an administrator say there, once:  {statement};"
        ) from None


def _grant(server: psycopg.Connection, target: PostgresTarget, schema: str) -> None:
    """Before the swap, so that there is no moment in which readers are shut out."""
    names = {"schema": Identifier(schema), "reader": Identifier(target.reader)}
    server.execute(SQL("grant usage on schema {schema} to {reader}").format(**names))
    server.execute(SQL("grant select on all tables in schema {schema} to {reader}").format(**names))


def _swap(server: psycopg.Connection, target: PostgresTarget, following: str) -> None:
    """Rename both schemas in one transaction.

    A statement looks its tables up one after the other: with the renames alone, 2 of 14,600 statements over eight
    tables got some from either version. So the tables are locked first, which waits for the statements that read them.
    Where somebody reads for longer than all the attempts, the renames alone must do.
    """
    old = Identifier(f"{target.schema}_old_{datetime.now(UTC):%Y%m%d%H%M%S%f}")
    tables = _tables(server, target.schema)
    for attempt in range(_SWAP_ATTEMPTS + 1):
        try:
            with server.transaction(), _lock_wait(server, _SWAP_WAIT):
                if tables and attempt < _SWAP_ATTEMPTS:
                    server.execute(SQL("lock table {} in access exclusive mode").format(SQL(", ").join(tables)))
                if _marked(server, target.schema) is not None:
                    server.execute(SQL("alter schema {} rename to {}").format(Identifier(target.schema), old))
                server.execute(
                    SQL("alter schema {} rename to {}").format(Identifier(following), Identifier(target.schema))
                )
            return
        except psycopg.errors.LockNotAvailable:
            time.sleep(_SWAP_PAUSE_SECONDS)


def _drop_old(server: psycopg.Connection, target: PostgresTarget) -> list[str]:
    """Drop the versions that were replaced; return those that somebody still holds, with the reason."""
    kept = []
    pattern = "^" + re.escape(target.schema) + r"_old_\d+$"
    for (schema,) in server.execute("select nspname from pg_namespace where nspname ~ %s", [pattern]).fetchall():
        if not _marked(server, schema):
            continue
        try:
            with server.transaction(), _lock_wait(server, _DROP_WAIT):
                if tables := _tables(server, schema):
                    server.execute(SQL("drop table {}").format(SQL(", ").join(tables)))
                server.execute(SQL("drop schema {}").format(Identifier(schema)))
        except psycopg.errors.LockNotAvailable:
            kept.append(f"{schema}: somebody still reads it")
        except psycopg.errors.DependentObjectsStillExist as error:
            # A view of somebody's own is not dropped for him, though it shows what was true when he made it.
            kept.append(f"{schema}: {_said(error)} {error.diag.message_detail or ''}".strip())
    return kept


def _refuse_foreign(server: psycopg.Connection, schema: str) -> None:
    """Raise PostgresError where a schema of that name was made by somebody else."""
    if _marked(server, schema) is False:
        raise PostgresError(
            f"The database has a schema {schema} that Kontor did not make, and it is not replaced. "
            'Give it another name, or name another one in [publish.postgres]: schema = "...".'
        )


def _marked(server: psycopg.Connection, schema: str) -> bool | None:
    """Whether a schema is ours by its comment; None where there is no such schema."""
    found = server.execute(
        "select coalesce(starts_with(obj_description(oid, 'pg_namespace'), %s), false) "
        "from pg_namespace where nspname = %s",
        [_MARK, schema],
    ).fetchone()
    return found and found[0]


def _tables(server: psycopg.Connection, schema: str) -> list[Identifier]:
    found = server.execute("select tablename from pg_tables where schemaname = %s order by 1", [schema]).fetchall()
    return [Identifier(schema, name) for (name,) in found]


@contextmanager
def _lock_wait(server: psycopg.Connection, wait: str) -> Iterator[None]:
    """Wait for other sessions' locks at most so long; psycopg.errors.LockNotAvailable after it."""
    server.execute(SQL("set lock_timeout = {}").format(Literal(wait)))
    yield
    server.execute("set lock_timeout = 0")


@contextmanager
def _ended_after(server: psycopg.Connection, seconds: float) -> Iterator[None]:
    """Break the connection off after so long: a server or network that has died without a word answers no timeout."""

    def break_off() -> None:
        with suppress(OSError), socket.fromfd(server.fileno(), socket.AF_INET, socket.SOCK_STREAM) as line:
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, break_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _value(server: psycopg.Connection, query: str, value: str) -> object:
    found = server.execute(query, [value]).fetchone()
    return found and found[0]


def _type_of(kind: str) -> str:
    """PostgreSQL's type for one of DuckDB's; text for what it has no like of, json for what is nested."""
    if kind.startswith("DECIMAL"):
        return kind.replace("DECIMAL", "numeric")
    return "json" if _NESTED.search(kind) else _TYPES.get(kind, "text")


def _as_text(column: str, kind: str) -> str:
    """SQL that writes a value as COPY reads it: NULL as \\N, backslash, tab and line ends escaped.

    A zero character, which PostgreSQL's texts cannot hold, becomes the sign for an unreadable one.
    """
    name, of = quoted(column), _type_of(kind)
    if of == "bytea":
        text = rf"'\\x' || hex({name})"
    elif of not in ("text", "json"):
        text = f"{name}::varchar"
    else:
        text = f"to_json({name})::varchar" if _NESTED.search(kind) else f"{name}::varchar"
        for sign, written in ((r"'\'", r"'\\'"), ("chr(9)", r"'\t'"), ("chr(10)", r"'\n'"), ("chr(13)", r"'\r'")):
            text = f"replace({text}, {sign}, {written})"
        text = f"replace({text}, chr(0), chr(65533))"
    return rf"coalesce({text}, '\N')"


def _said(error: psycopg.Error) -> str:
    """The server's message as one sentence."""
    text = " ".join((error.diag.message_primary or str(error)).split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
