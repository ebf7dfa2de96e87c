"""When the disk will be full, told from what it held on the mornings before.

The rule: of every day of the last four weeks the last measurement counts; growth is the median of the growth between
any two of them, so that a single large delivery, or one tidying up, does not decide. With fewer than ten days, or days
that lie within less than two weeks, nothing is said; nor where the disk does not fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from statistics import median

import duckdb

_WINDOW = timedelta(days=28)
_LEAST_DAYS = 10
_LEAST_SPAN = timedelta(days=13)


@dataclass(frozen=True)
class Forecast:
    """Bytes by which the disk fills a day, and in how many days it is full."""

    bytes_per_day: float
    days_until_full: float


def forecast(measured: list[tuple[datetime, int]], free_bytes: int) -> Forecast | None:
    """From times and the bytes in use then, oldest first, and what is free now; None where it says nothing."""
    if not measured:
        return None
    latest = measured[-1][0]
    days = {at.date(): (at, used) for at, used in measured if at > latest - _WINDOW}
    points = list(days.values())
    if len(points) < _LEAST_DAYS or points[-1][0] - points[0][0] < _LEAST_SPAN:
        return None
    growth = median(
        (later_used - used) / ((later - at) / timedelta(days=1))
        for (at, used), (later, later_used) in combinations(points, 2)
    )
    return Forecast(growth, free_bytes / growth) if growth > 0 else None


def measured_sizes(con: duckdb.DuckDBPyConnection) -> list[tuple[datetime, int]]:
    """Times and bytes in use on the disk, as runs measured them, oldest first."""
    try:
        return con.execute("select measured_at, disk_used_bytes from ops.size order by measured_at").fetchall()
    except duckdb.CatalogException:
        # Made by the next run.
        return []
