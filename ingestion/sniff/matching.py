"""Which kind a file fits best, and which of its headings is which column of that kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

import duckdb

from ingestion import metadata
from ingestion.contract import Column, Contract
from ingestion.errors import FileRefused
from ingestion.readers.incoming import plain
from ingestion.sniff.moments import is_moment
from ingestion.sniff.table import CELLS, Field, Table
from ingestion.sniff.values import is_missing, is_number
from ingestion.sniff.words import USUAL_HEADINGS, normal

# Below it, a kind is named as the nearest but not as one that fits. Found on the demo company's and public files: those
# of another kind stay below 45, those of the kind with foreign headings above 60.
FITS = 50
_NEAREST_HEADING = 0.87
# Formats that hold tables with headings: a mapping can read each of them by a kind made for another.
_TABLES = {"csv", "excel", "json"}
# How a heading was recognised, and how much of a match that is.
_WEIGHTS = {"alias": 1.0, "place": 1.0, "spelling": 0.9, "word": 0.8, "similar": 0.6}


@dataclass(frozen=True)
class Pair:
    """A heading taken for a column. `how`: `alias` (the kind knows it), `place` (it stands where the kind expects it),
    `spelling` (only written differently), `word` (a usual word for it), `similar`."""

    column: Column
    field: Field
    how: str


@dataclass(frozen=True)
class Match:
    """How a file fits a kind. `score` runs from 0 to 100. `rivals` are headings that would also do for a column that
    another one was taken for; `unfit` headings that the kind knows but whose values are of another type."""

    contract: Contract
    pairs: tuple[Pair, ...]
    score: int
    rivals: tuple[Pair, ...] = ()
    unfit: tuple[Pair, ...] = ()

    @property
    def lacking(self) -> tuple[Column, ...]:
        """Columns that a file must have and no heading was found for."""
        found = {pair.column.name for pair in self.pairs}
        return tuple(c for c in self.contract.columns if c.must_be_found and c.name not in found)


def known_headings(contracts: Iterable[Contract]) -> frozenset[str]:
    """Normal forms of all headings by which columns are known."""
    aliases = (source for contract in contracts for column in contract.columns for source in column.sources)
    usual = (heading for headings in USUAL_HEADINGS.values() for heading in headings)
    return frozenset(map(normal, (*aliases, *usual)))


def rank_kinds(con: duckdb.DuckDBPyConnection, table: Table, contracts: Iterable[Contract], zone: str) -> list[Match]:
    """All kinds, the one that fits best first."""
    matches = [
        match(table, contract) if _says_what_it_must(con, table, contract, zone) else Match(contract, (), 0)
        for contract in contracts
    ]
    return sorted(matches, key=lambda one: -one.score)


def _says_what_it_must(con: duckdb.DuckDBPyConnection, table: Table, contract: Contract, zone: str) -> bool:
    """Whether the lines above the headings and the file's name hold what files of this kind say once."""
    try:
        headings = [field.heading for field in table.fields]
        metadata.read(con, contract, contract.reader, table.above, headings, table.file, zone)
    except FileRefused:
        return False
    return True


def match(table: Table, contract: Contract) -> Match:
    """Take each heading for at most one column, the surest pairs first."""
    if table.format != contract.reader.format and not {table.format, contract.reader.format} <= _TABLES:
        return Match(contract, (), 0)
    found: dict[str, Pair] = {}
    taken: set[str] = set()
    rivals: list[Pair] = []
    unfit: list[Pair] = []
    # A column with rules has its values from other columns.
    candidates = [
        (*rank, column, field)
        for column in contract.columns
        for field in table.fields
        if field.heading and not column.rules and (rank := _rank(column, field, table.fields)) is not None
    ]
    for _, _, how, column, field in sorted(candidates, key=lambda one: one[:2]):
        pair = Pair(column, field, how)
        if field.heading in taken:
            continue
        # A heading that the kind knows is only doubted where next to nothing below it is of the type.
        if _fitting(field, column) < (0.1 if how == "alias" else 0.5) and not (how == "alias" and column.must_be_found):
            unfit += [pair] if how == "alias" else []
        elif column.name in found:
            rivals += [pair] if how in ("alias", "spelling") else []
        else:
            found[column.name] = pair
            taken.add(field.heading)
    # What found a column of its own, or a better place, is no rival.
    rivals = [pair for pair in rivals if pair.field.heading not in taken]
    unfit = [pair for pair in unfit if pair.field.heading not in taken]
    pairs = tuple(found[column.name] for column in contract.columns if column.name in found)
    return Match(contract, pairs, _score(table, contract, pairs), tuple(rivals), tuple(unfit))


def top_level(heading: str) -> str:
    """The heading, or for a path in JSON the key of the record it begins with."""
    if not heading.startswith("$."):
        return heading
    return heading[2:].split(".")[0].strip('"') if not heading.startswith('$."') else heading[3:].split('"')[0]


def _score(table: Table, contract: Contract, pairs: Sequence[Pair]) -> int:
    """From 0 to 100: required columns found, the file's headings explained, the kind's columns filled."""
    required = [column for column in contract.columns if column.must_be_found]
    # A column that must have values and has none is as good as missing.
    weights = {
        p.column.name: _WEIGHTS[p.how] for p in pairs if p.field.filled or not p.column.not_null or not table.rows
    }
    headings = [field.heading for field in table.fields if field.heading and not field.natives["object"]]
    by_heading = {p.field.heading: weights.get(p.column.name, 0.0) for p in pairs}
    extra = {plain(name) for name in contract.known_extra}
    extra |= {plain(field.heading) for field in table.fields[: contract.known_places]}
    possible = [column for column in contract.columns if column.is_read]
    explained = sum(_explained(heading, by_heading, extra) for heading in headings) / max(1, len(headings))
    coverage = min(1.0, sum(weights.values()) / max(1, min(len(possible), len(headings))))
    needed = sum(weights.get(column.name, 0) for column in required) / max(1, len(required))
    return round(100 * (0.4 * needed + 0.3 * explained + 0.3 * coverage))


def _explained(heading: str, by_heading: Mapping[str, float], extra: Collection[str]) -> float:
    """How far a heading is accounted for: by a column, by one that holds the object it stands in, as known extra."""
    if heading in by_heading:
        return by_heading[heading]
    inside = any(heading.startswith(f"{other}.") for other in by_heading)
    return 1.0 if inside or plain(top_level(heading)) in extra else 0.0


_plain = lru_cache(maxsize=20_000)(plain)


def _rank(column: Column, field: Field, fields: Sequence[Field]) -> tuple[int, float, str] | None:
    """How surely a heading means a column: smaller is surer; None where it does not."""
    if column.position is not None:
        is_there = column.position <= len(fields) and fields[column.position - 1] is field
        return (0, 0, "place") if is_there else None
    heading = field.heading
    for place, source in enumerate(column.sources):
        if _plain(source) == _plain(heading):
            return 0, place, "alias"
    short = normal(heading)
    if not short:
        return None
    names = [normal(name) for name in (*column.sources, column.name)]
    if short in names:
        return 1, names.index(short), "spelling"
    usual = [normal(name) for name in USUAL_HEADINGS.get(column.name, ())]
    if short in usual:
        return 2, usual.index(short), "word"
    best = max(_likeness(short, name) for name in names)
    return (3, 1 - best, "similar") if best >= _NEAREST_HEADING else None


@lru_cache(maxsize=100_000)
def _likeness(word: str, other: str) -> float:
    # Words that differ at their beginning are different words: Zeichnungsnr is no Rechnungsnr.
    if min(len(word), len(other)) < 5 or word[0] != other[0] or abs(len(word) - len(other)) > 3:
        return 0.0
    return SequenceMatcher(None, word, other).ratio()


def _fitting(field: Field, column: Column) -> float:
    """The share of values that could be of the column's type, in whatever notation."""
    texts = Counter({
        text: count for text, count in field.texts.items() if not is_missing(text, among_values=column.type != "text")
    })  # fmt: skip
    total = texts.total() + field.natives.total()
    if total == 0:
        return 1.0
    fitting = sum(field.natives[kind] for kind in CELLS[column.type])
    match column.type:
        case "decimal" | "number" | "integer":
            fitting += sum(count for text, count in texts.items() if is_number(text))
        case "date" | "timestamp":
            fitting += sum(count for text, count in texts.items() if is_moment(text))
        case "boolean":
            # Yes and no in a few words; which ones, the loader's own casting says later.
            fitting += texts.total() if len(texts) <= 4 else 0
        case _:
            fitting += texts.total()
    return fitting / total
