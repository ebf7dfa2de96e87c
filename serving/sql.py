"""One SQL text on the published copy, and its result on paper: a table for people, CSV for programs, Excel for both.

The command that calls this is in kontor/, asking at the keyboard in shell.py; opening the copy is in read.py.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import duckdb
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from serving.errors import QueryError, sentence
from serving.read import connect_published

_NULL = "∅"
_BATCH = 10_000
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BIGNUM", "VARINT")


@dataclass(frozen=True)
class QueryResult:
    """What a query gave: column names, DuckDB's names of their types, rows, and how many further rows were left out."""

    columns: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    more: int = 0


def query(serve: Path, sql: str, limit: int | None = None) -> QueryResult:
    """Run `sql` on the current version and keep the first `limit` rows (None: all), counting the rest.

    Raises QueryError with DuckDB's message as one sentence, NotPublished if there is nothing to ask.
    """
    with _run(serve, sql) as (columns, types, result):
        rows = result.fetchall() if limit is None else result.fetchmany(limit)
        more = 0
        while limit is not None and (batch := result.fetchmany(_BATCH)):
            more += len(batch)
    return QueryResult(columns, types, rows, more)


def write_csv(serve: Path, sql: str, out: TextIO) -> int:
    """Run `sql` and write all its rows to `out`: comma, a header, NULL as nothing; return the number of rows.

    Only one batch of rows is in memory at a time. Raises like query().
    """
    count = 0
    with _run(serve, sql) as (columns, _, result):
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        while batch := result.fetchmany(_BATCH):
            writer.writerows([_plain(value) for value in row] for row in batch)
            count += len(batch)
    return count


def write_excel(serve: Path, sql: str, file: Path) -> tuple[int, bool]:
    """Run `sql` and write its rows as an Excel workbook; return how many, and whether Excel had no room for more.

    Raises like query(), and OSError where the file cannot be written.
    """
    # Imported here: no other statement needs it.
    from serving.workbook import write_sheet

    with _run(serve, sql) as (columns, types, result):
        return write_sheet(file, "kontor", columns, types, _rows(result))


def save(serve: Path, sql: str, file: Path, as_excel: bool) -> str:
    """Write all rows of a statement into a file, and say so. Raises QueryError, also for a file that cannot be made."""
    try:
        if as_excel:
            count, cut = write_excel(serve, sql, file)
            more = " Excel has no room for the others; write CSV instead." if cut else ""
        else:
            with file.open("w", encoding="utf-8", newline="") as out:
                count, more = write_csv(serve, sql, out), ""
    except OSError as error:
        raise QueryError(f"{file} cannot be written: {error.strerror or error}.") from None
    return f"{count:,} row{'' if count == 1 else 's'} in {file}.{more}"


def print_result(result: QueryResult, console: Console) -> None:
    """Print the rows as a table, or each as a list of column and value where the columns do not fit side by side."""
    columns = [_column([row[i] for row in result.rows], type_name) for i, type_name in enumerate(result.types)]
    cells = [list(row) for row in zip(*columns, strict=True)]
    widest = [max([cell_len(name), *(cell_len(row[i]) for row in cells)]) for i, name in enumerate(result.columns)]
    # Long texts may be broken at 24 characters; more breaking than that and nobody can read it.
    if sum(min(width, 24) for width in widest) + 3 * len(widest) + 1 > console.width:
        _print_records(result, cells, console)
    else:
        _print_table(result, cells, console)
    if result.more:
        console.print(f"{len(result.rows):,} of {len(result.rows) + result.more:,} rows shown, {result.more:,} more.")


def is_number(type_name: str) -> bool:
    """Whether a DuckDB type is a number, to be set right-aligned."""
    return type_name.removeprefix("U").startswith(_NUMBERS) and not type_name.endswith("]")


@contextmanager
def _run(serve: Path, sql: str) -> Iterator[tuple[list[str], list[str], duckdb.DuckDBPyConnection]]:
    """The columns and types of a statement's result, and the connection to fetch its rows from."""
    connection = connect_published(serve)
    try:
        # DuckDB gives None for a text that holds no statement.
        result = connection.execute(sql)
        if result is None or result.description is None:
            raise QueryError("There is no SQL statement in this text.")
        yield [column[0] for column in result.description], [str(column[1]) for column in result.description], result
    except duckdb.Error as error:
        raise QueryError(sentence(error)) from error
    except RuntimeError as error:
        # How DuckDB says that Ctrl+C was pressed.
        if "interrupted" in str(error):
            raise KeyboardInterrupt from None
        raise
    finally:
        connection.close()


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := result.fetchmany(_BATCH):
        yield from batch


def _print_table(result: QueryResult, cells: list[list[str]], console: Console) -> None:
    table = Table(header_style="bold")
    for name, type_name in zip(result.columns, result.types, strict=True):
        number = is_number(type_name)
        table.add_column(Text(_printable(name)), justify="right" if number else "left", no_wrap=number, overflow="fold")
    for row in cells:
        table.add_row(*(_styled(cell) for cell in row))
    console.print(table)


def _print_records(result: QueryResult, cells: list[list[str]], console: Console) -> None:
    for number, row in enumerate(cells, start=1):
        record = Table(title=f"row {number}", title_justify="left", show_header=False, box=None)
        record.add_column(style="bold", no_wrap=True)
        record.add_column(overflow="fold")
        for name, cell in zip(result.columns, row, strict=True):
            record.add_row(Text(_printable(name)), _styled(cell))
        console.print(record)


def _styled(cell: str) -> Text:
    # Text, not str: square brackets in data are no markup.
    return Text(cell, style="dim" if cell == _NULL else "")


def _column(values: list[Any], type_name: str) -> list[str]:
    """The values of a column as texts. Decimals and floats have as many places as one of them needs, decimals at least
    two: 3103.85 where the type says 3103.8500, and all points stand below each other. Floats are rounded to six places.
    """
    least, most = _places(type_name)
    if most == 0:
        return [_text(value) for value in values]
    texts = [f"{value:.{most}f}" if value is not None and abs(value) < 1e15 else _text(value) for value in values]
    needed = [len(text.rstrip("0").partition(".")[2]) for text in texts if "." in text]
    spare = most - max([least, *needed])
    return [text[: len(text) - spare] if spare and "." in text else text for text in texts]


def _places(type_name: str) -> tuple[int, int]:
    """Fewest and most decimal places of a type; 0 for what has none."""
    if type_name.startswith("DECIMAL") and not type_name.endswith("]"):
        scale = int(type_name.rstrip(")").rpartition(",")[2])
        return min(2, scale), scale
    return (1, 6) if type_name in ("DOUBLE", "FLOAT") else (0, 0)


def _text(value: Any) -> str:
    return _NULL if value is None else _printable(str(_plain(value)))


def _plain(value: Any) -> Any:
    """What Python writes otherwise than SQL does: True for true, 0E-8 for 0.00000000."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else value


def _printable(text: str) -> str:
    """Control characters spelled out: a browser's name from a web log must not steer the terminal."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
