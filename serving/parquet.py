"""The marts of a version as Parquet, for whoever reads files: one file for each, named `<schema>.<table>.parquet`.

A large mart is a folder of that name with a file for each year, and for each month of its newest year, so that what did
not change need not be written again; DuckDB reads it as `<schema>.<table>.parquet/*.parquet`, pandas and Power BI by
the folder's name.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import duckdb

from serving.copying import Copied, Mart
from serving.errors import PublishError, sentence
from serving.quoting import literal, quoted

# Of the usual choices the least work for the processor, and 40 % smaller than DuckDB's own (snappy).
_OPTIONS = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 4096"
# Not allowed in a file name on one system or another; % itself, so that no two names become one.
_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*%\x00-\x1f]')


def write_parquet(
    connection: duckdb.DuckDBPyConnection, mart: Mart, copied: Copied, folder: Path, before: Path | None, large: int
) -> None:
    """Write one mart of the new database below `folder`; `before` is that folder of the last version.

    Raises PublishError.
    """
    if mart.day is None or copied.rows < large:
        return write_table(connection, mart.target, folder / file_name(mart.schema, mart.name))
    files = folder / file_name(mart.schema, mart.name)
    files.mkdir()
    day = quoted(mart.day)
    [(newest,)] = connection.execute(f"select max({day}) from {mart.target}").fetchall()
    closed = f"year({day}) < {newest.year if newest else 0}"
    period = f"case when {closed} then strftime({day}, '%Y') else strftime({day}, '%Y-%m') end"
    for name, first, last in connection.execute(
        f"select {period} as name, min({day}), max({day}) from {mart.target} group by name order by name"
    ).fetchall():
        file = files / f"{name or 'without_date'}.parquet"
        if copied.changed_months is not None and before:
            changed = any(month.startswith(name) if name else not month for month in copied.changed_months)
            if not changed and _reuse(before / files.name / file.name, file):
                continue
        within = f"{day} between date '{first}' and date '{last}'" if name else f"{day} is null"
        write_table(connection, f"(from {mart.target} where {within})", file)
    return None


def write_table(connection: duckdb.DuckDBPyConnection, table: str, file: Path) -> None:
    """Write a table, or a query in brackets. Raises PublishError."""
    try:
        connection.execute(f"copy {table} to {literal(str(file))} ({_OPTIONS})")
    except duckdb.Error as error:
        raise PublishError(f"The Parquet file {file.name} could not be written: {sentence(error)}") from error


def file_name(schema: str, table: str) -> str:
    """What a mart's file is called."""
    return _NOT_IN_FILE_NAMES.sub(lambda sign: f"%{ord(sign[0]):02X}", f"{schema}.{table}") + ".parquet"


def _reuse(earlier: Path, file: Path) -> bool:
    """Let the version share the file of the one before; a file system without hard links gets a copy."""
    if not earlier.is_file():
        return False
    try:
        os.link(earlier, file)
    except OSError:
        shutil.copyfile(earlier, file)
    return True
