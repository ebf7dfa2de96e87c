"""What the ledger and the raw tables tell about a source: how fresh, how clean, how much.

Every question is a minimum, a maximum or a count, so that it stays cheap at ten million rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import duckdb

from ingestion.contract import Contract
from ingestion.source import Source

Freshness = Literal["on_time", "late", "no_data"]


@dataclass(frozen=True)
class Expected:
    """How new a source must be now: its newest row at most `hours` old, and of `day` (local) or later where one is
    given, which is the case for sources that deliver by an hour.
    """

    hours: int
    day: date | None = None


@dataclass(frozen=True)
class SourceState:
    """A source in figures: rows in its raw table, its first and last day (local), its newest row (UTC) and whether that
    is late, rows loaded and rows now in quarantine, and the bytes of its originals in the archive, packed as they came.
    """

    rows: int
    first_date: date | None
    last_date: date | None
    newest_at: datetime | None
    freshness: Freshness
    loaded_rows: int
    quarantined_rows: int
    archive_bytes: int


def state_of(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    source: Source,
    expected: Expected,
    zone: str,
    now: datetime,
) -> SourceState:
    """Measure a source. `zone` is the company's, in which days are counted; `now` is UTC without zone."""
    rows, first, last = _span(con, contract, source)
    newest = _end(last)
    loaded, quarantined = _rows_of_files(con, source.name)
    packed = con.execute(
        # Files of one archive share it.
        "select coalesce(sum(bytes), 0) from (select distinct archive_path, bytes from ops.file where source_name = ?)",
        [source.name],
    ).fetchall()[0][0]
    days = (_local_date(first, zone), _local_date(last, zone))
    freshness = freshness_of(contract, newest, expected, zone, now)
    return SourceState(rows, *days, newest, freshness, loaded, quarantined, int(packed))


def newest_of(con: duckdb.DuckDBPyConnection, contract: Contract, source: Source) -> datetime | None:
    """UTC time of a source's newest row by its own clock, or of its newest file where rows carry no time.

    A day without an hour counts until its end.
    """
    return _end(_span(con, contract, source)[2])


def late_after_hours(contract: Contract, source: Source) -> int:
    """How old the newest row of a source may be: what its settings say, else its contract."""
    return source.late_after_hours or contract.freshness.warn_after_hours


def freshness_of(
    contract: Contract, newest: datetime | None, expected: Expected, zone: str, now: datetime
) -> Freshness:
    """Whether the newest row, as `newest_of` tells it, is older than expected. `now` is UTC without zone."""
    if newest is None:
        return "no_data"
    too_old = (now - newest).total_seconds() > expected.hours * 3600
    return "late" if too_old or misses_its_day(contract, newest, expected, zone) else "on_time"


def misses_its_day(contract: Contract, newest: datetime | None, expected: Expected, zone: str) -> bool:
    """Whether a source that delivers by an hour does not reach the day that it must have reached by then."""
    return expected.day is not None and (newest is None or newest_day(contract, newest, zone) < expected.day)


def newest_day(contract: Contract, newest: datetime, zone: str) -> date:
    """The local day of a newest row, as `newest_of` tells it: a day without an hour counts until its end there."""
    if knows_no_hours(contract):
        return newest.date() - timedelta(days=1)
    return newest.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def knows_no_hours(contract: Contract) -> bool:
    """Whether the rows of a kind carry a day without a time."""
    column = contract.freshness.column
    return column is not None and contract.column(column).type == "date"


def quarantine_share(con: duckdb.DuckDBPyConnection, source: str) -> float:
    """Share (0 to 1) of the rows of a source's files that are in quarantine now; 0 without rows."""
    loaded, quarantined = _rows_of_files(con, source)
    total = loaded + quarantined
    return quarantined / total if total else 0.0


def _span(
    con: duckdb.DuckDBPyConnection, contract: Contract, source: Source
) -> tuple[int, date | datetime | None, date | datetime | None]:
    """Rows of a source, and its first and last time by its own clock, else the times of its first and last file."""
    column = contract.freshness.column
    if column is not None:
        sql = f"select count(*), min({column}), max({column}) from {contract.raw_table} where _source = ?"
        return con.execute(sql, [source.name]).fetchall()[0]
    return con.execute(
        f"""select (select count(*) from {contract.raw_table} where _source = $name), min(as_of), max(as_of)
        from ops.file where source_name = $name""",
        {"name": source.name},
    ).fetchall()[0]


def _end(last: date | datetime | None) -> datetime | None:
    if last is None or isinstance(last, datetime):
        return last
    return datetime(last.year, last.month, last.day) + timedelta(days=1)


def _local_date(moment: date | datetime | None, zone: str) -> date | None:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    return moment


def _rows_of_files(con: duckdb.DuckDBPyConnection, source: str) -> tuple[int, int]:
    """Rows loaded from a source's files, and rows of them that are in quarantine now."""
    loaded, quarantined = con.execute(
        """select
            (select sum(l.rows_loaded) from ops.load as l
             where l.source_name = ? and l.status = 'loaded'
                and l.load_id = (
                    select max(o.load_id) from ops.load as o where o.file_id = l.file_id and o.status = 'loaded'
                )),
            (select count(*) from ops.quarantine where source_name = ?)""",
        [source, source],
    ).fetchall()[0]
    return loaded or 0, quarantined
