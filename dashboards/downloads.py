"""Tables as files for spreadsheets: CSV as a German or English Excel opens it, and Excel itself.

No text can become a formula there (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from kontor.texts import Language
from serving.workbook import FORMULA_BEGINS, write_sheet


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[Any]], language: Language) -> bytes:
    """UTF-8 with a mark at the beginning; in German with semicolon, decimal comma and `31.12.2025`.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if language == "de" else ",", lineterminator="\r\n")
    writer.writerow([_harmless(heading) for heading in headings])
    writer.writerows([_written(value, language) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def excel_file(
    headings: Sequence[str],
    names: Sequence[str],
    types: Sequence[str],
    rows: Iterable[Sequence[Any]],
    title: str,
    language: Language,
) -> bytes:
    """One sheet, as the workbook of every day has them: `names` and `types` of the columns decide how it shows them."""
    out = io.BytesIO()
    write_sheet(out, title, names, types, iter(rows), headings=headings, language=language)
    return out.getvalue()


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
    return f"'{text}" if text.startswith(FORMULA_BEGINS) else text
