"""One SQL text on the published copy, and its result on paper: a table for people, CSV for programs.

The command that calls this is in kontor/; opening the copy is in read.py.
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


def print_result(result: QueryResult, console: Console) -> None:
    """Print the rows as a table, or each as a list of column and value where the columns do not fit side by side."""
    cells = [[_text(value) for value in row] for row in result.rows]
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
    finally:
        connection.close()


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
