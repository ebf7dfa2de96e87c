"""The ledger: which content was loaded from which file, with what result. Schema `ops` of the warehouse.

Here belong the tables of `ops` and reading and writing them. Nothing here decides whether a file is good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import duckdb

from ingestion.contract import HISTORY_LINEAGE, LINEAGE, Contract
from ingestion.formats import FORMAT, format_of, note_contracts, unread_tables
from ingestion.health import late_after_hours
from ingestion.source import Source
from ingestion.sqltext import identifier
from ingestion.warehouse import transaction

Status = Literal["loaded", "duplicate", "refused", "failed", "waiting"]

# Before all other tables: a warehouse that has these but no number was written before there were numbers.
_NUMBER = """
create schema if not exists ops;
-- One row per step by which the warehouse came to the form it has; the highest number is its format.
create table if not exists ops.migration (format integer, name varchar, applied_at timestamp);
insert into ops.migration select $format, 'new', null where not exists (from ops.migration);
"""
_TABLES = """
create schema if not exists raw;
create schema if not exists history;
-- One row per raw table: a digest of the shipped contracts by which its files were read.
create table if not exists ops.raw_contract (table_name varchar, digest varchar);
create table if not exists ops.company (
    name varchar, country varchar, state varchar, currency varchar, time_zone varchar, language varchar,
    fiscal_year_start_month integer
);
-- Who the company is on an invoice: its VAT ids in capitals, without blanks.
create table if not exists ops.company_vat_id (vat_id varchar);
create table if not exists ops.source (
    source_name varchar, kind varchar, table_name varchar, role varchar, time_zone varchar, currency varchar,
    late_after_hours integer
);
create table if not exists ops.holiday (holiday_date date, holiday_name varchar, country varchar, state varchar);
-- One row per shift and day of the week on which it begins (1 is Monday), in local time.
create table if not exists ops.shift (
    shift_name varchar, weekday integer, start_time time, end_time time, is_on_holidays boolean
);
create table if not exists ops.shift_break (shift_name varchar, start_time time, end_time time);
-- One row per period, both ends included, in which nobody works though it is no holiday.
create table if not exists ops.closure (closure_name varchar, first_date date, last_date date);
-- One row per distinct content of a source: what is in the warehouse and where its original lies.
create table if not exists ops.file (
    file_id varchar, source_name varchar, sha256 varchar, bytes bigint, file_name varchar, member varchar,
    archive_path varchar, content_bytes bigint, as_of timestamp, landed_at timestamp, sequence bigint,
    headings varchar[]
);
-- One row per file looked at in a run.
create table if not exists ops.load (
    load_id bigint, run_id varchar, source_name varchar, kind varchar, table_name varchar, file_id varchar,
    file_name varchar, status varchar, rows_read bigint, rows_loaded bigint, rows_quarantined bigint,
    rows_skipped bigint, rows_replaced bigint, message varchar, loaded_at timestamp, seconds double
);
-- One row per run; published_at stays empty when it ended before readers got its version.
create table if not exists ops.run (run_id varchar, started_at timestamp, published_at timestamp, version varchar);
-- One row per publication: bytes of the database, and of the disk that the data lie on.
create table if not exists ops.size (
    measured_at timestamp, warehouse_bytes bigint, disk_used_bytes bigint, disk_free_bytes bigint
);
-- One row per row of a file that could not be loaded.
create table if not exists ops.quarantine (
    source_name varchar, kind varchar, table_name varchar, file_id varchar, file_name varchar, line bigint,
    column_name varchar, reason varchar, original_row json, quarantined_at timestamp
);
-- One row per file and way in which it differs from its contract without being wrong.
create table if not exists ops.drift (
    source_name varchar, kind varchar, file_id varchar, file_name varchar, finding varchar, column_name varchar,
    detail varchar, seen_at timestamp
);
-- One row per test of the models and table it looks at (`raw.` in front of a raw table), as the last build found it.
create table if not exists ops.test_result (test_name varchar, table_name varchar, status varchar, tested_at timestamp);
-- One row per source, measured before the last version was published.
create table if not exists ops.source_state (
    source_name varchar, table_name varchar, domain varchar, title_en varchar, title_de varchar, grain_en varchar,
    owner varchar, personal_class varchar, readers varchar[], row_count bigint, first_date date, last_date date,
    newest_at timestamp, late_after_hours integer, freshness varchar, loaded_rows bigint, quarantined_rows bigint,
    archive_bytes bigint, measured_at timestamp
);
-- One row per table that readers get, measured before the last version was published.
create table if not exists ops.mart_state (
    mart_name varchar, domain varchar, title_en varchar, title_de varchar, grain_en varchar, grain_de varchar,
    personal_class varchar, readers varchar[], raw_tables varchar[], row_count bigint, first_date date,
    last_date date, stored_bytes bigint, measured_at timestamp
);
"""


@dataclass(frozen=True)
class LoadResult:
    """What became of one file (or one file inside a zip).

    rows_read = rows_loaded + rows_quarantined + rows_skipped; `skipped` says how many for which cause (titles, blank
    lines, footers, superseded by a newer version, repeated from an earlier file). `rows_replaced` counts rows of
    earlier files that gave way.
    """

    source: str
    kind: str
    table: str
    file_id: str | None
    file_name: str
    status: Status
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    skipped: tuple[tuple[str, int], ...] = ()
    rows_replaced: int = 0
    drift: tuple[str, ...] = ()
    message: str | None = None
    seconds: float = 0.0

    @property
    def rows_skipped(self) -> int:
        """Rows that belong neither to the data nor to the errors."""
        return sum(count for _, count in self.skipped)


@dataclass(frozen=True)
class LedgerFile:
    """A content the ledger knows, with the place of its original."""

    file_id: str
    source: str
    sha256: str
    bytes: int
    file_name: str
    member: str | None
    archive_path: str
    content_bytes: int
    as_of: datetime
    landed_at: datetime
    sequence: int


def prepare(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> None:
    """All tables of `ops`, one raw table for every kind, and one for the states that it keeps; empty until loaded.

    A column that a newer contract adds is added to its table; one into which nothing was loaded yet is made anew.
    """
    contracts = list(contracts)
    con.execute("set TimeZone = 'UTC'")
    is_current = format_of(con) == FORMAT
    if is_current:
        con.execute(_NUMBER, {"format": FORMAT})
    con.execute(_TABLES)
    unread = unread_tables(con, contracts) if is_current else []
    for table in unread:
        con.execute(f"drop table if exists raw.{identifier(table)}")
        con.execute(f"drop table if exists history.{identifier(table)}")
    existing: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in con.execute(
        """select table_schema, table_name, column_name from information_schema.columns
        where table_schema in ('raw', 'history')"""
    ).fetchall():
        existing.setdefault((schema, table), set()).add(column)
    for contract in contracts:
        types = {column.name: column.sql_type for column in contract.columns}
        wanted = {"raw": {**LINEAGE, **types}} if contract.table == contract.kind else {}
        if contract.load.history:
            wanted["history"] = {**HISTORY_LINEAGE, **{name: types[name] for name in contract.history_columns}}
        for schema, columns in wanted.items():
            there = existing.setdefault((schema, contract.table), set())
            table = f"{schema}.{identifier(contract.table)}"
            if not there:
                listed = ", ".join(f"{identifier(name)} {sql_type}" for name, sql_type in columns.items())
                con.execute(f"create table {table} ({listed})")
            for name in columns.keys() - there if there else ():
                con.execute(f"alter table {table} add column {identifier(name)} {columns[name]}")
            there.update(columns)
    note_contracts(con, contracts, unread)


class WorkingTime(NamedTuple):
    """When the company works, as rows of ops.shift, ops.shift_break and ops.closure."""

    shifts: Sequence[tuple[str, int, str, str, bool]] = ()
    breaks: Sequence[tuple[str, str, str]] = ()
    closures: Sequence[tuple[str, date, date]] = ()


NO_SHIFTS = WorkingTime()


def describe_company(
    con: duckdb.DuckDBPyConnection,
    company: dict[str, Any],
    sources: Iterable[tuple[Source, Contract]],
    holidays: Iterable[tuple[object, str, str, str | None]],
    working_time: WorkingTime = NO_SHIFTS,
) -> None:
    """What the models need to know of the company, replaced as a whole in one transaction."""
    with transaction(con):
        con.execute("delete from ops.company")
        con.execute(
            """insert into ops.company
            values ($name, $country, $state, $currency, $time_zone, $language, $fiscal_year_start_month)""",
            {name: value for name, value in company.items() if name not in ("vat_ids", "owner")},
        )
        con.execute("delete from ops.company_vat_id")
        con.execute("insert into ops.company_vat_id select unnest(?::varchar[])", [list(company.get("vat_ids", ()))])
        con.execute("delete from ops.source")
        for source, contract in sources:
            con.execute(
                "insert into ops.source values (?, ?, ?, ?, ?, ?, ?)",
                [
                    source.name,
                    source.kind,
                    contract.table,
                    source.role,
                    source.time_zone or company["time_zone"],
                    source.currency or company["currency"],
                    late_after_hours(contract, source),
                ],
            )
        con.execute("delete from ops.holiday")
        rows = list(holidays)
        if rows:
            dates, names, countries, states = (list(values) for values in zip(*rows, strict=True))
            con.execute(
                """insert into ops.holiday
                select unnest(?::date[]), unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[])""",
                [dates, names, countries, states],
            )
        for table, entries in zip(("shift", "shift_break", "closure"), working_time, strict=True):
            con.execute(f"delete from ops.{table}")
            for entry in entries:
                con.execute(f"insert into ops.{table} values ({', '.join('?' * len(entry))})", list(entry))


def begin_run(con: duckdb.DuckDBPyConnection, run_id: str, now: datetime) -> None:
    """Enter that a run has begun."""
    con.execute("insert into ops.run values (?, ?, null, null)", [run_id, now])


def end_run(con: duckdb.DuckDBPyConnection, run_id: str, version: str, now: datetime) -> None:
    """Enter which version a run has published."""
    con.execute("update ops.run set published_at = ?, version = ? where run_id = ?", [now, version, run_id])


def enter_size(con: duckdb.DuckDBPyConnection, now: datetime, warehouse: int, used: int, free: int) -> None:
    """Enter how large the database is and how full the disk, in bytes."""
    con.execute("insert into ops.size values (?, ?, ?, ?)", [now, warehouse, used, free])


def enter_test_results(
    con: duckdb.DuckDBPyConnection, results: Sequence[tuple[str, str, str]], now: datetime, *, all_tests: bool
) -> None:
    """Enter what a build's tests found, as (test, table, status), in place of what they found before.

    `all_tests` says that the build ran every test there is, so that those of tests since removed go too.
    """
    with transaction(con):
        con.execute(
            "delete from ops.test_result where $all or list_contains($names::varchar[], test_name)",
            {"all": all_tests, "names": [name for name, _, _ in results]},
        )
        _insert(con, "ops.test_result", [(*result, now) for result in results])


def enter_states(
    con: duckdb.DuckDBPyConnection, sources: Sequence[tuple[Any, ...]], marts: Sequence[tuple[Any, ...]]
) -> None:
    """Replace the measurements of all sources and marts; values in the order of the tables' columns."""
    with transaction(con):
        for table, rows in (("ops.source_state", sources), ("ops.mart_state", marts)):
            con.execute(f"delete from {table}")
            _insert(con, table, rows)


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """For a few hundred rows: one statement that names each value."""
    if rows:
        row = f"({', '.join('?' * len(rows[0]))})"
        con.execute(
            f"insert into {table} values {', '.join([row] * len(rows))}", [value for row in rows for value in row]
        )


def known_file(con: duckdb.DuckDBPyConnection, file_id: str) -> LedgerFile | None:
    """The ledger's entry of a content, None when it was never loaded."""
    found = _files(con, "where file_id = ?", [file_id])
    return found[0] if found else None


def ids_of(con: duckdb.DuckDBPyConnection, source: str) -> set[str]:
    """The contents of a source that were loaded before."""
    return {
        file_id for (file_id,) in con.execute("select file_id from ops.file where source_name = ?", [source]).fetchall()
    }


def files_of(con: duckdb.DuckDBPyConnection, source: str | None = None) -> list[LedgerFile]:
    """Entries of one source, or of all, in the order in which they were loaded."""
    if source is None:
        return _files(con, "", [])
    return _files(con, "where source_name = ?", [source])


def _files(con: duckdb.DuckDBPyConnection, where: str, values: list[object]) -> list[LedgerFile]:
    rows = con.execute(
        f"""select file_id, source_name, sha256, bytes, file_name, member, archive_path, content_bytes, as_of,
            landed_at, sequence
        from ops.file {where} order by sequence""",
        values,
    ).fetchall()
    return [LedgerFile(*row) for row in rows]


def next_sequence(con: duckdb.DuckDBPyConnection) -> int:
    """Number of the next file: one more than the highest, so that a run begun anew gives the same numbers."""
    return int(con.execute("select coalesce(max(sequence), 0) + 1 from ops.file").fetchall()[0][0])


def enter_file(con: duckdb.DuckDBPyConnection, file: LedgerFile, headings: tuple[str, ...]) -> None:
    """Enter a content and the headings it has; part of the transaction that loads it."""
    enter_files(con, [file], headings)


def enter_files(con: duckdb.DuckDBPyConnection, files: Sequence[LedgerFile], headings: tuple[str, ...]) -> None:
    """Enter contents that all have the same headings."""
    columns = [list(values) for values in zip(*(_FILE_VALUES(file) for file in files), strict=True)]
    con.execute(
        """insert into ops.file
        select unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::bigint[]),
            unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::bigint[]),
            unnest(?::timestamp[]), unnest(?::timestamp[]), unnest(?::bigint[]), ?::varchar[]""",
        [*columns, list(headings)],
    )


_FILE_VALUES = attrgetter(
    "file_id", "source", "sha256", "bytes", "file_name", "member", "archive_path", "content_bytes", "as_of",
    "landed_at", "sequence",
)  # fmt: skip


def enter_drift(con: duckdb.DuckDBPyConnection, findings: Sequence[tuple[Any, ...]]) -> None:
    """Enter in which ways files differ from their contracts; values in the order of the table's columns."""
    if findings:
        con.execute(
            f"insert into ops.drift select {', '.join(['unnest(?::varchar[])'] * 7)}, unnest(?::timestamp[])",
            [list(values) for values in zip(*findings, strict=True)],
        )


def enter_load(con: duckdb.DuckDBPyConnection, result: LoadResult, run_id: str, now: datetime) -> None:
    """Enter what became of a file."""
    enter_loads(con, [result], run_id, now)


def enter_loads(con: duckdb.DuckDBPyConnection, results: Sequence[LoadResult], run_id: str, now: datetime) -> None:
    """Enter what became of files, in this order."""
    columns = [list(values) for values in zip(*(_LOAD_VALUES(result) for result in results), strict=True)]
    con.execute(
        """insert into ops.load
        select (select coalesce(max(load_id), 0) from ops.load) + unnest(range(1, ?::bigint + 1)), ?,
            unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]),
            unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::bigint[]), unnest(?::bigint[]),
            unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::varchar[]), ?::timestamp,
            unnest(?::double[])""",
        [len(results), run_id, *columns[:-1], now, columns[-1]],
    )


_LOAD_VALUES = attrgetter(
    "source", "kind", "table", "file_id", "file_name", "status", "rows_read", "rows_loaded", "rows_quarantined",
    "rows_skipped", "rows_replaced", "message", "seconds",
)  # fmt: skip
