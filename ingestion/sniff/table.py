"""A file as a table with headings and values, whatever its format, and what is told from the table's shape alone:
the row of the headings and the sum lines at the end.

What the values mean is told in `values`, which column is which in `matching`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from ingestion.readers.incoming import Title
from ingestion.sniff.moments import is_moment
from ingestion.sniff.values import is_number
from ingestion.sniff.words import normal

# The loader looks for headings in as many rows, and for sum lines in as many rows at the end.
HEADER_ROWS = 50
FOOTER_ROWS = 20

# Which cells that are no text hold a value of a type.
CELLS = {
    "decimal": ("number", "fraction"),
    "number": ("number", "fraction"),
    "integer": ("number",),
    "date": ("date",),
    "timestamp": ("date",),
    "boolean": ("boolean", "number"),
    "json": ("list", "object"),
    "text": ("number", "fraction", "boolean", "date"),
}

_FOOTER_WORDS = re.compile(
    r"(?i)^(summen?|gesamt\w*|grand total|totals?|saldo|endsumme|zwischensumme|insgesamt|übertrag)\b"
)


@dataclass(frozen=True)
class Doubt:
    """What is not certain, as a sentence, and the place of the mapping it concerns: `reader.decimal`, `column.unit`."""

    place: str
    text: str


@dataclass(frozen=True)
class Field:
    """One column of the file: its heading and its values.

    `texts` counts every text as the file has it, blanks around it included. `natives` counts cells that are no text:
    the numbers, dates and yes/no of a spreadsheet, the lists and objects of JSON. `below_zero` is one of those numbers.
    """

    heading: str
    texts: Counter[str]
    natives: Counter[str] = field(default_factory=Counter)
    below_zero: float | None = None

    @property
    def filled(self) -> int:
        """Number of values."""
        return self.texts.total() + self.natives.total()

    @property
    def negative(self) -> str | None:
        """A number below zero, if there is one."""
        texts = (text.strip() for text in self.texts if "-" in text and is_number(text))
        return min(texts, default=None if self.below_zero is None else f"{self.below_zero:g}")

    @property
    def example(self) -> str | None:
        """The commonest text; a longer one before a shorter one that is as common, since it tells more."""
        texts = [(count, len(text), text) for text, count in self.texts.most_common(200)]
        return max(texts)[2].strip() if texts else None


@dataclass(frozen=True)
class Table:
    """What was looked at. `path` holds the sample in the file's own format; where it is the whole file, `is_whole`.

    `member` is the file's name inside a zip. `rows` counts rows of data that were looked at, `broken` those among them
    that could not be told into columns. `above` are the rows above the headings, `titles` their first texts.
    `lines` counts the lines of the whole file where they were counted; of the sample, `head_lines` are its first and
    `sample_lines` all. `settings` are reader options that the shape of the file decided.
    """

    file: str
    format: str
    path: Path
    is_whole: bool
    fields: tuple[Field, ...]
    rows: int
    settings: dict[str, object]
    encoding: str | None = None
    member: str | None = None
    lines: int | None = None
    head_lines: int = 0
    sample_lines: int = 0
    broken: int = 0
    header_row: int | None = None
    titles: tuple[str, ...] = ()
    above: tuple[Title, ...] = ()
    footers: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def find_headings(rows: Sequence[Sequence[str]], known: Collection[str]) -> tuple[int, bool]:
    """The index of the row that looks most like headings, and whether that is more than a guess.

    `known` holds the normal forms of headings that the kinds know.
    """
    counts = [sum(normal(cell) in known for cell in row if cell.strip()) for row in rows[:HEADER_ROWS]]
    if counts and max(counts) >= min(2, len([cell for cell in rows[counts.index(max(counts))] if cell.strip()])) > 0:
        return counts.index(max(counts)), True
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 0, False
    width = max(widths, key=lambda one: (widths[one], one))
    for index, row in enumerate(rows[:HEADER_ROWS]):
        cells = [cell.strip() for cell in row]
        names = [cell for cell in cells if cell]
        looks_right = len(row) == width and len(names) >= 0.8 * width and len(set(names)) == len(names)
        if looks_right and not any(is_number(cell) or is_moment(cell) for cell in names):
            below = [cell for other in rows[index + 1 : index + 20] for cell in other if cell.strip()]
            return index, any(is_number(cell) or is_moment(cell) for cell in below)
    return 0, False


def find_footers(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The first cells of the sum lines and remarks at the end, in their order; `rows` holds the last rows."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    usual = median([count for count in filled if count] or [0])
    footers: list[str] = []
    for row, count in list(zip(rows, filled, strict=True))[: -FOOTER_ROWS - 1 : -1]:
        if not count:
            continue
        first = next(cell.strip() for cell in row if cell.strip())
        is_remark = (len(row) != width or count == 1) and usual >= 3 and count <= usual / 2
        if not (_FOOTER_WORDS.match(first) or is_remark):
            break
        footers.append(first)
    # Where nearly everything looks like a remark, nothing is one.
    return footers[::-1] if len(footers) <= 5 else []


def footer_pattern(labels: Iterable[str]) -> str | None:
    """A regular expression for sum lines that begin with these words; None when one has no words to know it by."""
    patterns = []
    for label in labels:
        words = _FOOTER_WORDS.match(label)
        start = words[1] if words else " ".join(label.split()[:2])
        if not re.search(r"[^\W\d_]{2}", start) or not start.isprintable():
            return None
        # Signs of ASCII only, since Python and RE2, which both read the pattern, know no other escapes alike.
        pattern = re.sub(r"[0-9]+", "[0-9]+", re.sub(r"([!-/:-@\[-^`{-~])", r"\\\1", start))
        # So that Summe does not match Summerling; RE2 knows the end of a word only where its letter is one of ASCII.
        patterns.append(pattern + (r"\b" if start[-1].isascii() and start[-1].isalpha() else ""))
    return "^(" + "|".join(dict.fromkeys(patterns)) + ")"


def shown_rows(count: int) -> str:
    """A number of rows, in words."""
    return "1 row" if count == 1 else f"{count:,} rows"


def count_texts(cells: Iterable[str | None]) -> Counter[str]:
    """How often each text occurs, empty ones left out."""
    return Counter(cell for cell in cells if cell is not None and cell.strip())
