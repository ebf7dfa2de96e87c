"""Tables as files for spreadsheets: CSV as a German or English Excel opens it, and Excel itself.

No text can become a formula there (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from kontor.texts import Language

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[Any]], language: Language) -> bytes:
    """UTF-8 with a mark at the beginning; in German with semicolon, decimal comma and `31.12.2025`.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if language == "de" else ",", lineterminator="\r\n")
    writer.writerow([_harmless(heading) for heading in headings])
    writer.writerows([_written(value, language) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def excel_file(headings: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> bytes:
    """One sheet with numbers as numbers, days as days and texts as nothing but texts."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": 14})
        widths = [len(heading) for heading in headings]
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        number = 0
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write_cell(sheet, number, column, value, day)
                widths[column] = max(widths[column], min(len(str(value)), 50))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width + 2)
        sheet.freeze_panes(1, 0)
        if headings:
            sheet.autofilter(0, 0, number, len(headings) - 1)
    return out.getvalue()


def _write_cell(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value is None or value != value:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    elif isinstance(value, date):
        # A timestamp is a date too; Excel knows no zones.
        sheet.write_datetime(row, column, value.replace(tzinfo=None) if isinstance(value, datetime) else value, day)
    else:
        sheet.write_string(row, column, str(value))


def _written(value: Any, language: Language) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return {"de": ("nein", "ja"), "en": ("no", "yes")}[language][value]
    if isinstance(value, int | float | Decimal):
        # At most four places, as the marts have them; a float's last digits are no news.
        text = f"{value:.4f}".rstrip("0").rstrip(".") if not isinstance(value, int) else str(value)
        return text.replace(".", ",") if language == "de" else text
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}" if language == "de" else f"{value:%Y-%m-%d}"
    return _harmless(str(value))


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_BEGINS) else text


def _sheet_name(title: str) -> str:
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in title)[:31].strip("' ") or "Kontor"
