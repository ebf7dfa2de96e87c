"""Excel workbooks (.xlsx, .xlsm, .xls): one sheet, its cells as text."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from ingestion.content import check_workbook
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.readers.incoming import (
    Incoming,
    Title,
    column_names,
    empty_file,
    find_header,
    land_rows,
    make_rejected,
)
from ingestion.readers.workbook import NO_WORKBOOK, cells

# The first bytes of .xls files.
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
# The largest .xls file there can be takes a tenth of it.
_OLD_FORMAT_SECONDS = 120


def read(con: duckdb.DuckDBPyConnection, path: Path, contract: Contract, work: Path, name: str) -> Incoming:
    """A sheet as text columns; `_line` is the row's number in the sheet.

    Numbers come out in the contract's notation and without a `.0`, dates in ISO form, so that casting them finds the
    same value. Raises FileRefused when it is no workbook, has no such sheet, or its headings do not fit.
    """
    rows = _cells(path, contract, work, name)
    if not any(cell for row in rows for cell in row):
        raise empty_file(name)
    index = find_header([[cell or "" for cell in row] for row in rows], contract, name)
    headings = tuple(" ".join((cell or "").split()) for cell in rows[index])
    make_rejected(con)
    blank = sum(not any(row) for row in rows[index + 1 :])

    def filled() -> Iterator[tuple[int, list[str | None]]]:
        for number, row in enumerate(rows[index + 1 :], start=index + 2):
            if any(row):
                yield number, row

    records = land_rows(con, filled(), len(headings), work)
    return Incoming(
        headings,
        column_names(len(headings)),
        "select * from incoming",
        records,
        titles=index,
        above=titles(rows[:index]),
        blank=blank,
    )


def titles(rows: Sequence[Sequence[str | None]]) -> tuple[Title, ...]:
    """The rows above the headings."""
    return tuple(Title(" ".join(filter(None, row)), tuple(cell or "" for cell in row)) for row in rows)


def _cells(path: Path, contract: Contract, work: Path, name: str) -> list[list[str | None]]:
    check_workbook(path, name)
    sheet = "" if contract.reader.sheet is None else contract.reader.sheet
    with path.open("rb") as file:
        is_old = file.read(4) == _OLD_FORMAT
    if not is_old:
        return cells(path, sheet, contract.reader.decimal, name)
    # A damaged .xlsx shows in its check sums. A damaged .xls shows in nothing, and what reads it may run forever.
    target = work / "cells.csv"
    command = [sys.executable, "-m", "ingestion.readers.workbook", str(path.resolve()), sheet, contract.reader.decimal]
    root = Path(__file__).parents[2]
    try:
        ended = subprocess.run(
            [*command, name, str(target.resolve())],
            cwd=root,
            capture_output=True,
            timeout=_OLD_FORMAT_SECONDS,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if ended.returncode != 0:
            raise FileRefused(ended.stdout.strip() or NO_WORKBOOK.format(name, "its parts do not fit together"))
        with target.open(encoding="utf-8", newline="") as file:
            return [[cell or None for cell in row] for row in csv.reader(file)]
    except subprocess.TimeoutExpired:
        raise FileRefused(NO_WORKBOOK.format(name, f"reading it did not end in {_OLD_FORMAT_SECONDS} s")) from None
    finally:
        target.unlink(missing_ok=True)
