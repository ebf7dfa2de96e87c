"""What a mapping has to say so that a kind reads the file: what differs from the kind, with evidence and doubts.

Nothing here writes YAML; `proposal` does.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import duckdb

from ingestion.contract import Column, Contract, ReaderOptions, is_absolute
from ingestion.readers.incoming import plain
from ingestion.sniff.matching import Match, Pair, top_level
from ingestion.sniff.moments import Formats, date_formats
from ingestion.sniff.notation import NumberMarks, notation
from ingestion.sniff.remarks import about_headings, about_meaning, about_names
from ingestion.sniff.table import CELLS, Doubt, Table, footer_pattern, shown_rows
from ingestion.sniff.values import is_missing, readable
from ingestion.sniff.words import USUAL_VALUES, normal

_NUMERIC = ("decimal", "number", "integer")
_MOMENTS = ("date", "timestamp")
# Several of these around the numbers of one column mean the same.
_EURO = {"€", "EUR", "Euro"}
# A column with more unknown values than these was probably taken for another one.
_MOST_VALUES = 8


@dataclass(frozen=True)
class Evidence:
    """How a column of the file reads as a column of the kind: of `filled` values, `read` have a value of its type."""

    column: Column
    heading: str
    how: str
    filled: int
    read: int
    example: str


@dataclass(frozen=True)
class Plan:
    """A kind and what a mapping onto it must say. `reader` and `columns` hold only what differs from the kind."""

    match: Match
    reader: dict[str, Any]
    columns: dict[str, dict[str, Any]]
    evidence: tuple[Evidence, ...]
    left_over: tuple[str, ...]
    doubts: tuple[Doubt, ...]

    @property
    def fits_as_is(self) -> bool:
        """Whether the kind reads the file without a mapping."""
        return not (self.reader or self.columns or self.match.lacking)


def make_plan(con: duckdb.DuckDBPyConnection, table: Table, match: Match, zone: str) -> Plan:
    """Tell how the file writes its values and what the kind does not know of that yet."""
    return _Planner(con, table, match, zone).plan()


class _Planner:
    """The parts of a plan, each of which may change the reader's options that the next ones use."""

    def __init__(self, con: duckdb.DuckDBPyConnection, table: Table, match: Match, zone: str) -> None:
        self._con, self._table, self._match, self._zone = con, table, match, zone
        self._contract: Contract = match.contract
        self._reader: dict[str, Any] = {}
        self._columns: dict[str, dict[str, Any]] = {}
        self._doubts: list[Doubt] = []

    def plan(self) -> Plan:
        self._shape()
        self._missing_values()
        self._numbers()
        self._moments()
        self._value_lists()
        self._texts()
        self._origins()
        evidence = tuple(self._evidence(pair) for pair in self._match.pairs)
        doubts = (*about_names(self._match), *self._doubts, *about_headings(self._table), *about_meaning(self._match))
        return Plan(self._match, self._reader, self._columns, evidence, self._left_over(), doubts)

    @property
    def _options(self) -> ReaderOptions:
        return ReaderOptions(**{**self._contract.reader.model_dump(), **self._reader})

    def _doubt(self, place: str, text: str) -> None:
        self._doubts.append(Doubt(place, text))

    def _shape(self) -> None:
        base, table = self._contract.reader, self._table
        settings = {"format": table.format, **table.settings}
        if base.encoding != "auto" and table.encoding and not table.encoding.startswith(base.encoding):
            settings["encoding"] = "auto"
        # A kind may know several names of the list.
        if settings.get("records") in base.records:
            del settings["records"]
        self._reader.update({key: value for key, value in settings.items() if value != getattr(base, key)})
        unknown = [label for label in table.footers if base.footer is None or not re.search(base.footer, label)]
        if not unknown:
            return
        pattern = footer_pattern(unknown)
        if pattern is None:
            self._doubt(
                "reader.footer",
                f"The file ends with {unknown[-1]!r}, which has no words to know it by. It goes into quarantine.",
            )
        else:
            self._reader["footer"] = pattern if base.footer is None else f"{base.footer}|{pattern}"

    def _missing_values(self) -> None:
        base = self._contract.reader.missing
        found = [
            text
            for pair in self._match.pairs
            for text in pair.field.texts
            if text not in base and is_missing(text, among_values=pair.column.type != "text")
        ]
        if found:
            self._reader["missing"] = [*base, *dict.fromkeys(found)]
            listed = ", ".join(repr(text) for text in dict.fromkeys(found))
            self._doubt("reader.missing", f"{listed} was taken for a value that is missing, in every column.")

    def _present(self, pair: Pair) -> Counter[str]:
        missing = self._options.missing
        return Counter({text: count for text, count in pair.field.texts.items() if text not in missing})

    def _numbers(self) -> None:
        marks = NumberMarks()
        for pair in self._match.pairs:
            if pair.column.type in _NUMERIC and self._table.format != "access_log":
                units = marks.add(pair.field.heading, self._present(pair), whole=pair.column.type == "integer")
                self._units(pair, units)
        delimiter = "," if self._table.format == "json" else self._table.settings.get("delimiter")
        options, doubts = notation(marks, self._contract.reader, in_commas=delimiter == ",")
        self._reader.update(options)
        self._doubts += doubts

    def _units(self, pair: Pair, units: Counter[str]) -> None:
        # What stands behind a few numbers only is more likely a mistake; it is told with the values that do not read.
        if not units or units.total() < self._present(pair).total() / 10:
            return
        place, heading = f"column.{pair.column.name}", pair.field.heading
        shown = ", ".join(repr(unit) for unit, _ in units.most_common(5))
        if len(units) > 1 and not units.keys() <= _EURO:
            self._doubt(
                place,
                f"The values of {heading!r} have different units: {shown}. Numbers of different units must not be "
                "added up, so such rows go into quarantine until the file has one unit.",
            )
            return
        self._columns.setdefault(pair.column.name, {})["strip"] = [*pair.column.strip, *sorted(units)]
        if units.total() < self._present(pair).total():
            self._doubt(
                place,
                f"Only some values of {heading!r} have {shown} behind them. It is left out: look whether all mean it.",
            )

    def _moments(self) -> None:
        for kind in _MOMENTS:
            pairs = [pair for pair in self._match.pairs if pair.column.type == kind]
            texts = sum((self._present(pair) for pair in pairs), Counter[str]())
            if not texts:
                continue
            place = "reader." + ("date_formats" if kind == "date" else "timestamp_formats")
            found = date_formats(self._con, texts, pairs[0].column, self._options, self._zone)
            if found is not None:
                self._reader[place.removeprefix("reader.")] = list(found.formats)
                self._moment_doubts(place, found)
            options = self._options
            is_local = not any(map(is_absolute, options.timestamp_formats))
            if kind == "timestamp" and is_local and options.time_zone is None and any(":" in text for text in texts):
                self._doubt(
                    place,
                    "The times name no time zone. They are read as local time of the company; where that is wrong, "
                    'write `time_zone = "…"` for the source in kontor.toml.',
                )

    def _moment_doubts(self, place: str, found: Formats) -> None:
        if found.unsettled is not None:
            first = "month" if any(form.startswith("%m") for form in found.formats) else "day"
            self._doubt(
                place,
                f'"{found.unsettled}" could have the day or the month first, and no value in the sample decides. It is '
                f"read with the {first} first.",
            )
        if found.mixed is not None:
            self._doubt(
                place,
                f'Day and month change places within the file: "{found.mixed}" fits only the other order. Such dates '
                "were probably damaged by a spreadsheet; export the file again.",
            )
        if found.other_kind is not None:
            self._doubt(
                place,
                f'Some times name their zone and some do not, such as "{found.other_kind.strip()}". One file can have '
                "only one of the two; the rarer ones go into quarantine.",
            )

    def _value_lists(self) -> None:
        for pair in self._match.pairs:
            known = pair.column.values
            if known is None:
                continue
            by_word = {normal(word): meaning for meaning in known.values() for word in USUAL_VALUES.get(meaning, ())}
            by_word |= {normal(word): meaning for word, meaning in known.items()}
            guessed: dict[str, str] = {}
            place, heading = f"column.{pair.column.name}", pair.field.heading
            unknown = 0
            for text, count in self._present(pair).most_common():
                word = " ".join(text.split())
                if word.casefold() in {key.casefold() for key in known} or word in guessed:
                    continue
                meaning = by_word.get(normal(word))
                if meaning is not None:
                    guessed[word] = meaning
                    self._doubt(place, f"In {heading!r}, {word!r} was taken for {meaning}.")
                elif (unknown := unknown + 1) <= _MOST_VALUES:
                    meanings = ", ".join(dict.fromkeys(known.values()))
                    self._doubt(
                        place,
                        f"In {heading!r}, {word!r} ({shown_rows(count)}) is not known. Say under `values` what it "
                        f"means, one of {meanings}; until then these rows go into quarantine.",
                    )
            if guessed:
                self._columns.setdefault(pair.column.name, {})["values"] = {**known, **guessed}

    def _texts(self) -> None:
        """What spreadsheets do to numbers that are names."""
        for pair in self._match.pairs:
            if pair.column.type != "text":
                continue
            texts, place = self._present(pair), f"column.{pair.column.name}"
            pointed = [text for text in texts if re.fullmatch(r"\s*\d+\.0\s*", text)]
            if pointed and len(pointed) > len(texts) / 2:
                self._columns.setdefault(pair.column.name, {})["strip"] = [*pair.column.strip, ".0"]
                self._doubt(
                    place,
                    f'Numbers of {pair.field.heading!r} are written like "{pointed[0].strip()}"; the .0 is left out.',
                )
            if damaged := next((t for t in texts if re.fullmatch(r"\s*\d[.,]\d+E\+\d+\s*", t)), None):
                self._doubt(
                    place,
                    f'A spreadsheet has shortened numbers to "{damaged.strip()}"; their digits are lost. Export the '
                    "file again without opening it.",
                )
            lengths = Counter(
                {n: sum(c for t, c in texts.items() if len(t.strip()) == n and t.strip().isdigit()) for n in (4, 5)}
            )
            if pair.column.name == "postal_code" and all(lengths.values()):
                self._doubt(
                    place,
                    f"{lengths[4]:,} postal codes have four digits. Where German ones have lost their leading zero, "
                    "add `pad: 5` to postal_code; Austrian and Swiss ones have four.",
                )

    def _origins(self) -> None:
        """A `from` for every column whose heading the kind would not find, or would find elsewhere."""
        headings = {plain(field.heading): field.heading for field in reversed(self._table.fields) if field.heading}
        taken = {pair.column.name: pair for pair in self._match.pairs}
        for column in self._contract.columns:
            pair = taken.get(column.name)
            if pair is not None and pair.how == "place":
                continue
            would = next((headings[plain(s)] for s in column.sources if plain(s) in headings), None)
            if pair is not None and (would != pair.field.heading or column.constant is not None):
                self._columns[column.name] = {"from": pair.field.heading, **self._columns.get(column.name, {})}
            elif pair is None and would is not None and column.constant is None:
                self._columns[column.name] = {"from": []}

    def _evidence(self, pair: Pair) -> Evidence:
        column = pair.column.model_copy(update=self._columns.get(pair.column.name, {}))
        texts = self._present(pair)
        native = sum(pair.field.natives[kind] for kind in CELLS[column.type])
        read = readable(self._con, texts, column, self._options, self._zone) if texts else set()
        filled, fitting = texts.total() + pair.field.natives.total(), sum(texts[text] for text in read) + native
        unread = sorted((text for text in texts if text not in read), key=lambda text: (-texts[text], text))
        place = f"column.{column.name}"
        if fitting < filled and column.values is None:
            shown = " or ".join(f'"{text.strip()[:40]}"' for text in unread[:2]) or "a cell of another type"
            destroyed = " (a spreadsheet has destroyed these times)" if re.match(r'"\d\d:\d\d\.\d', shown) else ""
            self._doubt(
                place,
                f"{filled - fitting:,} of {filled:,} values of {pair.field.heading!r} do not read as "
                f"{_an(column.type)}, such as {shown}{destroyed}. These rows go into quarantine.",
            )
        empty = self._table.rows - self._table.broken - filled
        if column.not_null and empty > 0 and self._table.format != "access_log":
            self._doubt(
                place,
                f"{shown_rows(empty)} without {pair.field.heading!r}, which every row must have: quarantine.",
            )
        # The longest number or time shows most of the notation, the commonest text most of the content.
        longest = column.type != "text"
        example = max(read, key=lambda text: (len(text) if longest else 0, texts[text], text), default="").strip()
        if not example and native:
            example = f"({' and '.join(sorted(+pair.field.natives))} cells)"
        return Evidence(column, pair.field.heading, pair.how, filled, fitting, example)

    def _left_over(self) -> tuple[str, ...]:
        used = {top_level(pair.field.heading) for pair in self._match.pairs}
        known = {plain(name) for name in self._contract.known_extra}
        known |= {plain(field.heading) for field in self._table.fields[: self._contract.known_places]}
        counts = Counter(field.heading for field in self._table.fields if field.heading)
        # Of headings that stand twice, only the first is read.
        unread = (top_level(h) for h, count in counts.items() if top_level(h) not in used or count > 1)
        return tuple(h for h in dict.fromkeys(unread) if plain(h) not in known)


def _an(column_type: str) -> str:
    return {"integer": "a whole number", "decimal": "a number", "number": "a number", "date": "a date",
            "timestamp": "a time", "boolean": "yes or no", "json": "JSON", "text": "a text"}[column_type]  # fmt: skip
