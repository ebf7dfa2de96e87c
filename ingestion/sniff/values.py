"""What a value looks like from outside: a number, or a mark for one that is missing.

Whether a value really reads as a type is decided by `ingestion.casting` alone, with the very SQL the loader uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from ingestion import casting
from ingestion.contract import Column, ReaderOptions

# Written where a value is missing. The second group only counts among numbers and dates: as a text, NA may be Namibia.
MISSING = frozenset(
    {"-", "--", "---", "–", "—", "NULL", "null", "(null)", "\\N", "n/a", "N/A", "#N/A", "#NV", "k.A.", "k. A."}
    | {"keine Angabe", "(leer)"}
)
MISSING_VALUE = MISSING | {"NA", "NaN", "nan", "None", "none", "?", "."}

_SPACES = str.maketrans("\u00a0\u202f\u2009", "   ")
_NUMBER = re.compile(
    r"(?P<before>[€$£]|[A-Z]{3} |Fr\. ?)?\s*[+-]?\s*(?P<body>\d[\d.,'’ ]*|[.,]\d+)(?:[eE][+-]?\d+)?\s*-?\s*"
    r"(?P<after>[^\d\s.,;:/+()-][^\d\s,;:/+()-]{0,7})?-?"
)
GROUPED = (
    (re.compile(r"\d{1,3}(?:['’]\d{3})+(?:([.,])\d*)?"), "'"),
    (re.compile(r"\d{1,3}(?: \d{3})+(?:([.,])\d*)?"), " "),
    (re.compile(r"\d{1,3}(?:\.\d{3})+(,)\d*|\d{1,3}(?:\.\d{3}){2,}"), "."),
    (re.compile(r"\d{1,3}(?:,\d{3})+(\.)\d*|\d{1,3}(?:,\d{3}){2,}"), ","),
)
SINGLE = re.compile(r"(\d*)([.,])(\d*)")


def is_number(text: str) -> bool:
    """Whether a text could be a number in some notation, perhaps with a unit."""
    found = number_parts(text)
    if found is None:
        return False
    body = found["body"].strip()
    return body.isdigit() or any(form.fullmatch(body) for form in (SINGLE, *(pattern for pattern, _ in GROUPED)))


def is_missing(text: str, *, among_values: bool) -> bool:
    """Whether a text stands for a value that is not there; `among_values`: in a column of numbers or dates."""
    return text.strip() in (MISSING_VALUE if among_values else MISSING)


def number_parts(text: str) -> re.Match[str] | None:
    """A number's `body` and the units `before` and `after` it; None where the text is none."""
    return _NUMBER.fullmatch(text.translate(_SPACES).strip())


def readable(
    con: duckdb.DuckDBPyConnection, texts: Iterable[str], column: Column, options: ReaderOptions, zone: str
) -> set[str]:
    """Those of the texts that the loader would read as a value of this column."""
    stages = casting.stages(column, "_text", options, zone)
    sql = f"select _text, {stages[0]} as {column.name} from (select unnest(?::varchar[]) as _text)"
    for stage in stages[1:]:
        sql = f"select * replace ({stage} as {column.name}) from ({sql})"
    found = con.execute(f"select _text from ({sql}) where {column.name} is not null", [list(texts)]).fetchall()
    return {text for (text,) in found}
