"""Rows as an Excel workbook: one with the daily marts for people who live in Excel, and any query's result.

Days are real dates, amounts numbers with their format, and no text can become a formula. What the marts are called in
the reader's language is handed in; what they hold is decided where they are made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from serving.quoting import literal, quoted

NAME = "kontor.xlsx"

# Excel's own limit, the row of headings included.
_ROWS = 1_048_576
_BATCH = 10_000
# Excel keeps 15 digits of a number; a longer one is a number of something and stays a text.
_EXACT = 10**15
# Excel's calendar begins here, and its first two months are wrong.
_FIRST_DAY = date(1900, 3, 1)
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins like this becomes a formula when somebody edits the cell or saves the sheet as CSV."""
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
# What Excel repairs away, or XML does not allow.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_TEXT = 32_767

Language = Literal["de", "en"]

_TEXTS: dict[str, dict[Language, str]] = {
    "contents": {"de": "Inhalt", "en": "Contents"},
    "as_of": {"de": "Stand (UTC)", "en": "As of (UTC)"},
    "sheet": {"de": "Blatt", "en": "Sheet"},
    "table": {"de": "Tabelle", "en": "Table"},
    "rows": {"de": "Zeilen", "en": "Rows"},
    "from": {"de": "Erster Tag", "en": "First day"},
    "to": {"de": "Letzter Tag", "en": "Last day"},
    "left_out": {"de": "Ältere Zeilen, nur in der Datenbank", "en": "Older rows, in the database only"},
    "column": {"de": "Spalte", "en": "Column"},
    "name": {"de": "Name in der Datenbank", "en": "Name in the database"},
    "meaning": {"de": "Bedeutung", "en": "Meaning"},
    "columns": {"de": "Spalten", "en": "Columns"},
}


@dataclass(frozen=True)
class Described:
    """What a mart and its columns are called in the reader's language: heading and meaning by column name."""

    title: str
    columns: Mapping[str, tuple[str, str]]


def write_workbook(
    folder: Path, marts: Mapping[str, Described], *, language: Language, days: int, schema: str = "marts"
) -> Path:
    """Write `kontor.xlsx` into the folder of a version, from its database; return the file.

    A sheet for each of the `marts` that the version has, oldest day first, with the newest `days` days and at most as
    many rows as Excel allows; before them a sheet that says what is there and what was left out, after them one with
    all columns and their meaning. Raises OSError or duckdb.Error.
    """
    say = {key: text[language] for key, text in _TEXTS.items()}
    file = folder / NAME
    with (
        duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as published,
        xlsxwriter.Workbook(str(file), _OPTIONS) as book,
    ):
        found = {name for (name,) in published.execute("select table_name from duckdb_tables()").fetchall()}
        chosen = {name: mart for name, mart in marts.items() if name in found}
        sheets = _sheet_names([say["contents"], *(mart.title for mart in chosen.values()), say["columns"]])
        contents = book.add_worksheet(sheets[0])
        listed: list[list[Any]] = []
        for (name, mart), sheet in zip(chosen.items(), sheets[1:-1], strict=True):
            rows = _Newest(published, f"{quoted(schema)}.{quoted(name)}", days)
            headings = [mart.columns.get(column, (column, ""))[0] for column in rows.columns]
            _fill(book, book.add_worksheet(sheet), headings, rows.columns, rows.types, iter(rows), language)
            listed.append([sheet, name, rows.count, rows.first, rows.last, rows.left_out])
        heads = [say[key] for key in ("sheet", "table", "rows", "from", "to", "left_out")]
        version = published.execute(f"select published_at from {quoted(schema)}.publication").fetchall()[0][0]
        _write_contents(book, contents, heads, listed, (say["as_of"], version), language)
        meanings = [
            (sheet, *mart.columns[column], column)
            for (_, mart), sheet in zip(chosen.items(), sheets[1:-1], strict=True)
            for column in mart.columns
        ]
        heads = [say[key] for key in ("sheet", "column", "meaning", "name")]
        _fill(book, book.add_worksheet(sheets[-1]), heads, heads, ["VARCHAR"] * 4, iter(meanings), language)
    return file


def write_sheet(
    file: Path | BytesIO,
    title: str,
    columns: Sequence[str],
    types: Sequence[str],
    rows: Iterator[Sequence[Any]],
    *,
    headings: Sequence[str] | None = None,
    language: Language = "en",
) -> tuple[int, bool]:
    """Write rows as a workbook of one sheet; return how many were written, and whether Excel's limit cut them off.

    The columns' names and types decide how numbers and days are shown; the names are the headings unless others are
    given.
    """
    with xlsxwriter.Workbook(file if isinstance(file, BytesIO) else str(file), _OPTIONS) as book:
        sheet = book.add_worksheet(_sheet_names([title])[0])
        count = _fill(book, sheet, headings or columns, columns, types, rows, language)
    return count, next(rows, None) is not None


# Rows go to the disk as they come; texts are texts, whatever they look like.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}


class _Newest:
    """The rows of a table's newest days, oldest first, and what is known of them before they are read."""

    def __init__(self, published: duckdb.DuckDBPyConnection, table: str, days: int) -> None:
        described = published.execute(f"describe {table}").fetchall()
        first = quoted(described[0][0])
        if described[0][0].endswith("_key"):
            # Made for joins; whoever reads a sheet begins with the day.
            described = described[1:] + described[:1]
        self.columns, self.types = [row[0] for row in described], [row[1] for row in described]
        day = next((quoted(row[0]) for row in described if row[1] == "DATE"), None)
        order = ", ".join(part for part in (day, first) if part)
        where = ""
        if day:
            newest = published.execute(f"select max({day}) from {table}").fetchall()[0][0]
            where = f"where {day} > {literal(str(newest))}::date - {days}" if newest else ""
        total, within = published.execute(
            f"select (select count(*) from {table}), count(*) from {table} {where}"
        ).fetchall()[0]
        self.count = min(within, _ROWS - 1)
        self.left_out = total - self.count
        # The newest ones stay where Excel has no room for all.
        listed = ", ".join(map(quoted, self.columns))
        self._result = f"select {listed} from {table} {where} order by {order} offset {within - self.count}"
        self._published = published
        self.first, self.last = None, None
        if day:
            self.first, self.last = published.execute(
                f"select min({day}), max({day}) from ({self._result})"
            ).fetchall()[0]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        result = self._published.execute(self._result)
        while batch := result.fetchmany(_BATCH):
            yield from batch


def _fill(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    headings: Sequence[str],
    columns: Sequence[str],
    types: Sequence[str],
    rows: Iterator[Sequence[Any]],
    language: Language,
) -> int:
    """Headings, rows, widths, filter; return the number of rows."""
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    guarded = book.add_format({"quote_prefix": True})
    shown: dict[str, Format] = {}
    formats = [
        shown.setdefault(form, book.add_format({"num_format": form}))
        for form in (_number_format(name, kind, language) for name, kind in zip(columns, types, strict=True))
    ]
    widths = [max(map(len, heading.split()), default=0) + 3 for heading in headings]
    if any(" " in heading for heading in headings):
        # Rows go to the disk as they come, so this is said before the headings are.
        sheet.set_row(0, 48)
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading, bold)
    count = 0
    for count, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            length = _write_cell(sheet, count, place, value, formats[place], guarded)
            if length > widths[place]:
                widths[place] = length
        if count == _ROWS - 1:
            break
    for place, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        # A heading gets at most three lines.
        sheet.set_column(place, place, min(max(width, len(heading) / 3), 60) + 1)
    sheet.freeze_panes(1, 0)
    if headings:
        sheet.autofilter(0, 0, count, len(headings) - 1)
    return count


def _write_cell(sheet: Worksheet, row: int, place: int, value: Any, shown: Format, guarded: Format) -> int:
    """Write one value; return about how many characters wide it is."""
    if value is None:
        return 0
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
        return 7
    if isinstance(value, int | float | Decimal):
        if math.isfinite(value) and abs(value) < _EXACT:
            sheet.write_number(row, place, value, shown)
            return len(f"{value:,.2f}") if not isinstance(value, int) else len(f"{value:,}")
        value = str(value)
    elif isinstance(value, datetime | date):
        day = value.date() if isinstance(value, datetime) else value
        if day >= _FIRST_DAY:
            # Excel knows no zones; the marts' times are UTC.
            sheet.write_datetime(
                row, place, value.replace(tzinfo=None) if isinstance(value, datetime) else value, shown
            )
            return 16 if isinstance(value, datetime) else 11
    elif isinstance(value, time):
        sheet.write_datetime(row, place, value.replace(tzinfo=None), shown)
        return 9
    text = _CONTROL.sub("\ufffd", str(value))[:_LONGEST_TEXT]
    sheet.write_string(row, place, text, guarded if text.startswith(FORMULA_BEGINS) else None)
    return len(text)


def _number_format(column: str, kind: str, language: Language) -> str:
    """How Excel shows a column, by its type and the unit in its name; Excel itself puts the country's marks."""
    if kind == "DATE":
        return "dd.mm.yyyy" if language == "de" else "yyyy-mm-dd"
    if kind.startswith("TIMESTAMP"):
        return "dd.mm.yyyy hh:mm" if language == "de" else "yyyy-mm-dd hh:mm"
    if kind == "TIME":
        return "hh:mm:ss"
    if kind.startswith(("DECIMAL", "DOUBLE", "FLOAT")):
        return "#,##0.0" if column.endswith("_pct") else "#,##0.00"
    if "INT" in kind and not column.endswith(("_number", "_year", "year", "_key", "_id", "_period")):
        return "#,##0"
    return "General"


def _write_contents(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    heads: list[str],
    listed: list[list[Any]],
    as_of: tuple[str, datetime],
    language: Language,
) -> None:
    types = ["VARCHAR", "VARCHAR", "BIGINT", "DATE", "DATE", "BIGINT"]
    rows = [
        *listed,
        [None] * 6,
        [as_of[0], f"{as_of[1]:%d.%m.%Y %H:%M}" if language == "de" else f"{as_of[1]:%Y-%m-%d %H:%M}"],
    ]
    _fill(book, sheet, heads, heads, types, iter(rows), language)


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Names as Excel allows them: 31 characters, none of its signs, no two the same."""
    names: list[str] = []
    for title in titles:
        name = _NOT_IN_SHEET_NAMES.sub(" ", title).strip(" '")[:31] or "Kontor"
        number = 2
        while name.lower() in {other.lower() for other in names}:
            name = f"{name[:28]} {number}"
            number += 1
        names.append(name)
    return names
