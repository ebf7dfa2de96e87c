"""A contract's columns bound to the columns of one file: where each value comes from, and its type, as SQL."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from ingestion import casting
from ingestion.contract import Column, Contract, ReaderOptions, is_absolute
from ingestion.doubled_hour import comes_twice, first_passes
from ingestion.readers.incoming import REST, Incoming, packed, plain, under
from ingestion.sqltext import literal


class Binding:
    """A contract's columns bound to the columns of one file, as SQL expressions.

    `said_once` is SQL of the columns whose value the file says once.
    """

    def __init__(self, contract: Contract, incoming: Incoming, said_once: Mapping[str, str], zone: str) -> None:
        self.contract, self.incoming = contract, incoming
        self._options = options_for(contract)
        places = places_of(incoming)
        self._text: dict[str, str] = {}
        self._stages: dict[str, list[str]] = {}
        for column in contract.columns:
            place = place_of(column, incoming, places)
            if column.name in said_once:
                self._stages[column.name] = [said_once[column.name]]
            elif place is not None and column.constant is None:
                self._text[column.name] = place
                self._stages[column.name] = casting.stages(
                    column, place, self._options, zone, is_trimmed=incoming.is_trimmed
                )
            else:
                constant = "null" if column.constant is None else literal(column.constant)
                self._stages[column.name] = [f"cast({constant} as {column.sql_type})"]
        is_told = any(map(is_absolute, self._options.timestamp_formats))
        self._zone = self._options.time_zone or zone
        self._told_by_order = [
            column
            for column in contract.columns
            if column.ordered_within is not None and column.name in self._text and not is_told
        ]
        used = set(self._text.values())
        self._extra = [
            (heading, place)
            for heading, place in zip(incoming.headings, incoming.columns, strict=True)
            if place not in used and heading
        ]
        # A second heading of a column that the file has under both names is no news.
        named = (source for column in contract.columns for source in column.sources)
        known = {plain(name) for name in (*contract.known_extra, *named)}
        known_places = incoming.columns[: contract.known_places]
        self.new_columns = [
            heading for heading, place in self._extra if plain(heading) not in known and place not in known_places
        ]
        self.absent_columns = [
            column.name
            for column in contract.columns
            if column.name not in self._text and column.sources and column.constant is None and not column.rules
        ]

    def tell_doubled_hours(self, con: duckdb.DuckDBPyConnection) -> None:
        """Have local times in the hour that comes twice told by the order of the rows, where the contract says so."""
        for column in self._told_by_order:
            stage = first_passes(con, self.typed(self.incoming.relation), column, self._zone)
            if stage is not None:
                self._stages[column.name].append(stage)

    def in_doubled_hour(self) -> str:
        """SQL condition that a valid row has such a time, taken for one in standard time."""
        return " or ".join(comes_twice(column.name, self._zone) for column in self._told_by_order) or "false"

    def typed(self, rows: str) -> str:
        """SQL of `rows` of the file with the typed value of every column beside its text."""
        return casting.staged(self._without_missing(rows), self._stages)

    def valid(self) -> str:
        """SQL of the rows that may be loaded, typed: `_line`, the columns, `_extra`.

        DuckDB pushes a filter below the casts and casts everything twice (measured: twice the time), but not one that
        could differ from row to row: random() is never above 1.
        """
        conditions = [
            casting.accepted_sql(column, self._text[column.name], column.name)
            for column in self.contract.columns
            if column.name in self._text and casting.can_fail(column)
        ]
        conditions += [f"coalesce({check.expression}, true)" for check in self.contract.row_checks]
        columns = ", ".join(self._with_rules(column) for column in self.contract.columns)
        accepted = " and ".join(conditions) or "true"
        return f"""select * exclude (_accepted) from (
            select {accepted} as _accepted, _line, {columns}, {self._extra_sql()} as _extra
            from ({self.typed(self.incoming.relation)})
        ) where _accepted or random() > 1"""

    def problems(self) -> list[tuple[str, str]]:
        """Pairs of a column and SQL of what is wrong with it (NULL where nothing is), over `typed` rows."""
        found = [
            (column.name, casting.problem_sql(column, self._text[column.name], column.name, self._options))
            for column in self.contract.columns
            if column.name in self._text and casting.can_fail(column)
        ]
        found += [
            (check.column, f"case when not ({check.expression}) then {literal(check.says.en)} end")
            for check in self.contract.row_checks
        ]
        return found

    def heading_of(self, column: str) -> str:
        """The file's own heading of a column of the contract, its name where the file has none."""
        place = self._text.get(column)
        return column if place is None else self.incoming.headings[self.incoming.columns.index(place)]

    def original_row(self) -> str:
        """SQL of the row as the file has it, as JSON by heading."""
        pairs = [
            f"{literal(heading or f'column {number}')}, {place}"
            for number, (heading, place) in enumerate(
                zip(self.incoming.headings, self.incoming.columns, strict=True), start=1
            )
            if place not in self.incoming.in_rest
        ]
        own = f"json_object({', '.join(pairs)})"
        return f"json_merge_patch({own}, coalesce({REST}, '{{}}'))" if self.incoming.in_rest else own

    def _without_missing(self, rows: str) -> str:
        missing = self._options.missing
        if not missing or not self._text:
            return rows
        listed = ", ".join(literal(value) for value in missing)
        replaced = ", ".join(
            f"case when {place} in ({listed}) then null else {place} end as {place}"
            for place in dict.fromkeys(self._text.values())
        )
        return f"select * replace ({replaced}) from ({rows})"

    def _with_rules(self, column: Column) -> str:
        if not column.rules:
            return column.name
        whens = " ".join(
            f"when {' and '.join(self._rule_test(other, test) for other, test in rule.when.items())} "
            f"then {literal(rule.then)}"
            for rule in column.rules
        )
        otherwise = column.name if column.otherwise is None else literal(column.otherwise)
        return f"case {whens} else {otherwise} end as {column.name}"

    def _rule_test(self, other: str, test: str) -> str:
        comparison, _, number = test.partition(" ")
        if self.contract.column(other).type in ("integer", "decimal", "number") and comparison in _COMPARISONS:
            return f"{other} {comparison} {float(number)}"
        return f"regexp_matches(cast({other} as varchar), {literal(test)})"

    def _extra_sql(self) -> str:
        if not self._extra:
            return "cast(null as json)"
        if self.incoming.in_rest:
            return REST
        return packed(*zip(*self._extra, strict=True))


def places_of(incoming: Incoming) -> dict[str, str]:
    """The file's columns by their plain headings; of equal headings the first counts."""
    places: dict[str, str] = {}
    for heading, place in zip(incoming.headings, incoming.columns, strict=True):
        places.setdefault(plain(heading), place)
    return places


def place_of(column: Column, incoming: Incoming, places: Mapping[str, str]) -> str | None:
    """The file's column that a column is read from; None where the file has none."""
    if column.position is not None:
        return incoming.columns[column.position - 1] if column.position <= len(incoming.columns) else None
    return under(column.sources, places)


_COMPARISONS = ("<", "<=", "=", ">=", ">", "<>")


def options_for(contract: Contract) -> ReaderOptions:
    """The contract's options; spreadsheets and JSON also bring dates as such, which their readers write in ISO form."""
    options = contract.reader
    if options.format != "excel":
        return options
    return options.model_copy(
        update={
            "date_formats": (*options.date_formats, "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"),
            "timestamp_formats": (*options.timestamp_formats, "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"),
        }
    )
