"""Cells of spreadsheets as text that casting reads back to the same value."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter

from ingestion.errors import FileRefused
from ingestion.readers.workbook import cells


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with one cell of every sort in a column, and a second sheet."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as workbook_:
        sheet = workbook_.add_worksheet("Daten")
        day = workbook_.add_format({"num_format": "dd.mm.yyyy"})
        moment = workbook_.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
        clock = workbook_.add_format({"num_format": "hh:mm"})
        values = ["01067", 10023, 12.5, 0.1 + 0.2, 1234567.89, 1e-7, -3, 4006381333931, "a\nb", "", True]
        # Blank rows and a blank column before everything.
        for row, value in enumerate(values, start=2):
            sheet.write(row, 1, value)
        sheet.write_datetime(13, 1, date(2024, 2, 29), day)
        sheet.write_datetime(14, 1, datetime(2025, 12, 31, 14, 5, 30), moment)
        sheet.write_datetime(15, 1, time(8, 30), clock)
        sheet.write_formula(16, 1, "=1/0", None, "#DIV/0!")
        workbook_.add_worksheet("Zweites").write("A1", "x")
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    path.write_bytes(made.getvalue())
    return path


def test_cells_keep_their_values(book: Path) -> None:
    """10023 became 10023.0, 0.3 became 0.30000000000000004, a date a number of days; rows lost their numbers."""
    rows = cells(book, "Daten", ",", "book.xlsx")
    assert rows[:2] == [[None, None], [None, None]]
    found = [row[1] for row in rows[2:]]
    assert found[:11] == [
        "01067", "10023", "12,5", "0,3", "1234567,89", "0,0000001000", "-3", "4006381333931", "a\nb", None, "true",
    ]  # fmt: skip
    assert found[11:14] == ["2024-02-29", "2025-12-31 14:05:30", "08:30:00"]
    # What cannot be computed is nothing.
    assert len(found) <= 14 or found[14] in (None, "#DIV/0!", "nan")


def test_the_first_sheet_is_taken_where_none_is_named(book: Path) -> None:
    """A second sheet with notes was read in place of the data."""
    assert cells(book, "", ",", "book.xlsx") == cells(book, "Daten", ",", "book.xlsx")
    assert cells(book, "Zweites", ",", "book.xlsx") == [["x"]]
    with pytest.raises(FileRefused, match="has no sheet 'Drittes'; it has: Daten, Zweites"):
        cells(book, "Drittes", ",", "book.xlsx")
