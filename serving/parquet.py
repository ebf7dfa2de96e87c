"""The marts of a version as Parquet, for whoever reads files: one file for each, named `<schema>.<table>.parquet`.

A large mart is a folder of that name with a file for each year, so that the years that did not change need not be
written again; DuckDB reads it as `<schema>.<table>.parquet/*.parquet`, pandas and Power BI by the folder's name.
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
    years = folder / file_name(mart.schema, mart.name)
    years.mkdir()
    year = f"year({quoted(mart.day)})"
    for (number,) in connection.execute(f"select distinct {year} from {mart.target} order by 1").fetchall():
        file = years / f"{number or 'without_date'}.parquet"
        unchanged = copied.changed_years is not None and number not in copied.changed_years
        if unchanged and before and _reuse(before / years.name / file.name, file):
            continue
        write_table(connection, f"(from {mart.target} where {year} is not distinct from {number or 'null'})", file)
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
