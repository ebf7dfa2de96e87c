"""Excel workbooks (.xlsx, .xlsm, .xls): one sheet, its cells as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import duckdb

from ingestion.content import check_workbook
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.readers.incoming import Incoming, column_names, empty_file, find_header, land_rows, make_rejected


def read(con: duckdb.DuckDBPyConnection, path: Path, contract: Contract, work: Path, name: str) -> Incoming:
    """A sheet as text columns; `_line` is the row's number in the sheet.

    Numbers come out in the contract's notation and without a `.0`, dates in ISO form, so that casting them finds the
    same value. Raises FileRefused when it is no workbook, has no such sheet, or its headings do not fit.
    """
    rows = _cells(path, contract, name)
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
        headings, column_names(len(headings)), "select * from incoming", records, titles=index, blank=blank
    )


def _cells(path: Path, contract: Contract, name: str) -> list[list[str | None]]:
    # Imported here: pandas costs half a second, which runs without a spreadsheet need not pay.
    import pandas as pd
    from python_calamine import CalamineError

    check_workbook(path, name)
    sheet = contract.reader.sheet
    try:
        with pd.ExcelFile(path, engine="calamine") as workbook:
            if sheet is not None and sheet not in workbook.sheet_names:
                raise FileRefused(
                    f"{name} has no sheet {sheet!r}; it has: {', '.join(map(str, workbook.sheet_names))}. "
                    f"Name the right one under  sheet:  in {contract.path.name}."
                )
            frame = workbook.parse(sheet if sheet is not None else 0, header=None, dtype=object, na_filter=False)
    except (CalamineError, OSError, ValueError) as error:
        raise _no_workbook(name, error) from None
    except BaseException as error:
        # calamine leaves off in the middle of some damaged .xls files, by an exception that is none of Python's usual.
        if type(error).__name__ != "PanicException":
            raise
        raise _no_workbook(name, error) from None
    return [[_text(cell, contract.reader.decimal) for cell in row] for row in frame.itertuples(index=False)]


def _no_workbook(name: str, error: BaseException) -> FileRefused:
    return FileRefused(
        f"{name} is no Excel workbook, or is damaged or locked with a password ({str(error).splitlines()[0]}). "
        "Open it in the spreadsheet program and save it anew as .xlsx."
    )


def _text(cell: object, decimal: str) -> str | None:
    match cell:
        case None | "":
            return None
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case float():
            return f"{cell:.15g}".replace(".", decimal) if "e" not in f"{cell:.15g}" else f"{cell:.10f}".replace(".", decimal)
        case datetime() if cell.time() == time(0):
            return cell.strftime("%Y-%m-%d")
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
