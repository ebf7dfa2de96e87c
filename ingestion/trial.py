"""Tries out what a contract says on an empty DuckDB: a mistake shows when the contract is read, not when a file is.

Every function but `is_condition` raises ValueError with what DuckDB says.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import duckdb

from ingestion.sqltext import literal


def pattern(text: str) -> None:
    """A regular expression, in DuckDB's dialect (RE2)."""
    _try(f"select regexp_matches('', {literal(text)})")


def time_format(form: str) -> None:
    """A format of dates or times, in the notation of strptime."""
    _try(f"select try_strptime('', {literal(form)})")


def json_path(path: str) -> None:
    """A path into a JSON record."""
    _try(f"select json_extract_string('{{}}', {literal(path)})")


def column_name(name: str) -> None:
    """A name that needs no quotation marks in SQL."""
    _try(f"select {name} from (select 1 as {name})")


def constant(text: str, sql_type: str) -> None:
    """A text as a value of a type."""
    _try(f"select cast({literal(text)} as {sql_type})")


def condition(sql: str, columns: Mapping[str, str]) -> None:
    """A condition over columns with these names and types."""
    typed = ", ".join(f"cast(null as {sql_type}) as {name}" for name, sql_type in columns.items())
    _try(f"select coalesce(({sql}), true) from (select {typed})")


def is_condition(sql: str, columns: Mapping[str, str]) -> bool:
    """Whether it is a condition over these columns and no others."""
    try:
        condition(sql, columns)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _try(sql: str) -> None:
    try:
        _duckdb().cursor().execute(sql).fetchall()
    except duckdb.Error as error:
        said = str(error).splitlines()[0].partition(": ")[2] or str(error).splitlines()[0]
        raise ValueError(said.rstrip(".")) from None


@lru_cache
def _duckdb() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()
