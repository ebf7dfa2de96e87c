"""What the Excel workbook of a published version holds, and what things are called in it, from the marts' metadata."""

from __future__ import annotations

import re
from typing import Any

from kontor.marts import Mart, MartColumn, read_marts
from kontor.texts import Language
from serving.workbook import Described

# The company first, then by domain; within it by name.
_DOMAINS = ("company", "sales", "production", "web")


def daily_marts(manifest: dict[str, Any], language: Language) -> dict[str, Described]:
    """The marts by day and by month, in the order of their sheets, with headings in the company's language."""
    chosen = [
        mart
        for mart in read_marts(manifest)
        if re.fullmatch(r"mart_\w+_(daily|monthly)", mart.name) and mart.day_column
    ]
    chosen.sort(key=lambda mart: ((*_DOMAINS, mart.domain).index(mart.domain), mart.name))
    return {mart.name: _described(mart, language) for mart in chosen}


def _described(mart: Mart, language: Language) -> Described:
    columns = {}
    for column in mart.columns:
        meaning = column.description_de if language == "de" else column.description_en
        heading = _heading(column, meaning, language)
        if heading in {other for other, _ in columns.values()}:
            # A table in Excel wants each heading once.
            heading = f"{heading} ({column.name})"
        columns[column.name] = (heading, meaning)
    return Described(mart.title_de if language == "de" else mart.title_en, columns)


def _heading(column: MartColumn, meaning: str, language: Language) -> str:
    """A column's title, else the beginning of its description, up to the first stop within."""
    title = column.title_de if language == "de" else column.title_en
    heading = title or re.split(r"[.,;:(]", meaning, maxsplit=1)[0].strip()
    return f"{heading} (%)" if column.name.endswith("_pct") and "%" not in heading else heading
