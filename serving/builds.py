"""What a fact that is built in slices tells of its last changes, for those who keep a copy of it.

`ops.slice_build` has one row for each build that changed rows, `ops.slice_handed_on` the days of these rows before and
after (docs/decisions/0012-facts-in-slices.md). A copy that remembers the id of its build learns from them what it has
missed. Ids never come again: after a rebuild, or in a warehouse that was restored, the copy's build is not found, and
all must be compared.
"""

from __future__ import annotations

import duckdb

DAYS_WRITTEN = "publication_day_written"
"""The temporary table that `find_days_written` fills: `day`, a date."""


def last_builds(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The id of each fact's last build, by its name; none where nothing is built in slices."""
    if not _are_told(connection):
        return {}
    found = connection.execute("select model, arg_max(id, build)::varchar from ops.slice_build group by model")
    return {model: build for model, build in found.fetchall() if build}


def find_days_written(connection: duckdb.DuckDBPyConnection, fact: str, day: str, build: str) -> bool:
    """Fill DAYS_WRITTEN with the days of the rows that were written after a build; whether they are known.

    Rows without a day are not among them. They are not known where a build in between made the fact anew, where there
    were more than are remembered, or where the fact does not tell its days.
    """
    if not _are_told(connection):
        return False
    since = connection.execute(
        """
        with asked as (select build from ops.slice_build where model = $fact and id::varchar = $build)
        select builds.build, builds.is_whole, count(days.value)
        from ops.slice_build as builds
        cross join asked
        left join ops.slice_handed_on as days
            on days.model = $fact and days.build = builds.build and days.column_name = $day
        where builds.model = $fact and builds.build >= asked.build
        group by all
        order by builds.build
        """,
        {"fact": fact, "build": build, "day": day},
    ).fetchall()
    if not since or any(is_whole or not days for _, is_whole, days in since[1:]):
        return False
    connection.execute(
        f"""create or replace temp table {DAYS_WRITTEN} as
        select distinct value::date as day from ops.slice_handed_on
        where model = $fact and column_name = $day and build > $build""",
        {"fact": fact, "day": day, "build": since[0][0]},
    )
    return True


def _are_told(connection: duckdb.DuckDBPyConnection) -> bool:
    """Asked of the catalog, since an error would end the transaction."""
    return connection.execute(
        """select count(*) > 0 from duckdb_columns() where database_name = current_database()
        and schema_name = 'ops' and table_name = 'slice_build' and column_name = 'id'"""
    ).fetchall()[0][0]
