"""The hour that comes twice when clocks go back, told by the order of rows.

A local time in it says nothing of which of the two it means. Where a contract says that rows stand in order of time
(`ordered_within`) and the file has the hour twice, the step back between them tells: what stands before it is summer
time. Where the file has it once, the hour counts as standard time, as everywhere else.
"""

from __future__ import annotations

import duckdb

from ingestion.contract import Column
from ingestion.sqltext import literal


def first_passes(con: duckdb.DuckDBPyConnection, typed: str, column: Column, zone: str) -> str | None:
    """SQL of the column's value with the first pass through the hour in summer time; None where there is none.

    `typed` is SQL of all rows with their values, in which every time of the hour counts as standard time; it leaves the
    temporary table `first_pass_<column>(_line)`.
    """
    value, table = column.name, f"first_pass_{column.name}"
    series = "".join(f"{name}, " for name in column.ordered_within)
    con.execute(
        f"""create or replace temp table {table} as
        with rows as (
            select _line, {series}{value} as moment from ({typed}) where {value} is not null
        ),
        direction as (
            select case when arg_min(moment, _line) > arg_max(moment, _line) then -1 else 1 end as sign from rows
        ),
        placed as (
            select _line, {series}date_trunc('day', moment) as day, moment, _line * sign as place
            from rows cross join direction
            where {comes_twice("moment", zone)}
        ),
        followed as (
            select *, moment <= lag(moment) over (partition by {series}day order by place) as is_back from placed
        )
        select _line from followed
        qualify place < min(case when is_back then place end) over (partition by {series}day)"""
    )
    if not con.execute(f"select count(*) from {table}").fetchall()[0][0]:
        return None
    return f"case when _line in (select _line from {table}) then {value} - interval 1 hour else {value} end"


def comes_twice(moment: str, zone: str) -> str:
    """SQL condition that a time in UTC, taken from a local one as standard time, lies in the hour that comes twice."""
    local, before = (
        f"timezone({literal(zone)}, timezone('UTC', {at}))" for at in (moment, f"{moment} - interval 1 hour")
    )
    return f"{local} = {before}"
