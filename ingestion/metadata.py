"""Values that a file says once: in the lines above its headings, or in its name.

They are cast like cells. One that is missing or does not read refuses the file, since it would be missing or wrong in
every row of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from ingestion import casting
from ingestion.contract import Column, Contract, Metadatum, ReaderOptions
from ingestion.errors import FileRefused
from ingestion.readers.incoming import Title
from ingestion.sqltext import literal


def read(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    options: ReaderOptions,
    above: Sequence[Title],
    headings: Sequence[str],
    name: str,
    zone: str,
) -> dict[str, str]:
    """SQL of the typed value of each column of the contract that the file says once, by the column's name.

    `above` are the rows above the headings, `name` the file's. Raises FileRefused for the first value that is missing
    where there must be one, that has another type, or that fails a check.
    """
    columns = [column for column in contract.columns if column.metadata is not None]
    if not columns:
        return {}
    texts = {column.name: _text(column, options, above, headings, name) for column in columns}
    given = ", ".join(f"{_constant(text, 'VARCHAR')} as _text_{column}" for column, text in texts.items())
    stages = {
        column.name: casting.stages(column, f"_text_{column.name}", options, zone)
        for column in columns
    }  # fmt: skip
    # Checks first: what a file is tells more than what it lacks because it is something else.
    problems = [
        f"case when not ({check.expression}) then coalesce('\"' || _text_{check.column} || '\" ', '') "
        f"|| {literal(check.says.en)} end"
        for check in contract.file_checks
    ]
    problems += [
        casting.problem_sql(column, f"_text_{column.name}", _or_otherwise(column), options) for column in columns
    ]
    places = [check.column for check in contract.file_checks] + [column.name for column in columns]
    values = ", ".join(f"cast({_or_otherwise(column)} as varchar)" for column in columns)
    row = con.execute(f"select {values}, {', '.join(problems)} from ({casting.staged(f'select {given}', stages)})")
    found = row.fetchall()[0]
    for place, problem in zip(places, found[len(columns) :], strict=True):
        column = contract.column(place)
        if problem is None and column.required and texts[place] is None:
            problem = "the value is missing"
        if problem is not None:
            raise FileRefused(
                f"{name}: {_where(column, options)} ({place}): {problem}. Contract: {contract.path.name}."
            )
    return {
        column.name: _constant(value, column.sql_type)
        for column, value in zip(columns, found[: len(columns)], strict=True)
    }  # fmt: skip


def _text(
    column: Column, options: ReaderOptions, above: Sequence[Title], headings: Sequence[str], name: str
) -> str | None:
    """The value's text; None where there is none."""
    assert column.metadata is not None
    text = _find(options.metadata[column.metadata], above, headings, name)
    if text is None or not text.strip() or text in options.missing:
        return None
    return text


def _or_otherwise(column: Column) -> str:
    """SQL of the value, or where the file does not say it, of what the contract says holds then."""
    if column.otherwise is None:
        return column.name
    return f"case when _text_{column.name} is null then {literal(column.otherwise)} else {column.name} end"


def _find(place: Metadatum, above: Sequence[Title], headings: Sequence[str], name: str) -> str | None:
    if place.file_name is not None:
        return _first_match(place.file_name, [name])
    if place.heading is not None:
        return _first_match(place.heading, headings)
    if place.pattern is not None:
        return _first_match(place.pattern, [title.text for title in above])
    assert place.line is not None and place.field is not None
    fields = above[place.line - 1].fields if place.line <= len(above) else ()
    return fields[place.field - 1] if place.field <= len(fields) else None


def _first_match(pattern: str, texts: Sequence[str]) -> str | None:
    matches = (re.search(pattern, text) for text in texts)
    return next((found[1] for found in matches if found), None)


def _where(column: Column, options: ReaderOptions) -> str:
    assert column.metadata is not None
    place = options.metadata[column.metadata]
    if place.file_name is not None:
        return f"in the file's name, by the pattern {place.file_name}"
    if place.heading is not None:
        return f"in a heading, by the pattern {place.heading}"
    if place.pattern is not None:
        return f"above the headings, by the pattern {place.pattern}"
    return f"line {place.line}, field {place.field}"


def _constant(text: str | None, sql_type: str) -> str:
    return f"cast({'null' if text is None else literal(text)} as {sql_type})"
