"""Remarks on what the names of a file's columns leave open, and on what no value can tell."""

from __future__ import annotations

from collections import Counter

from ingestion.sniff.matching import Match
from ingestion.sniff.table import Doubt, Table


def about_names(match: Match) -> list[Doubt]:
    """Headings that were guessed, that compete, whose values are of another type, or that are missing."""
    taken = {pair.column.name: pair.field.heading for pair in match.pairs}
    doubts = []
    for pair in match.pairs:
        if pair.how in ("word", "similar"):
            # Its own name would tell nothing new.
            usual = next((source for source in pair.column.sources if source.casefold() != pair.column.name), None)
            known = f", like {usual!r}" if usual else ""
            text = f"{pair.field.heading!r} was taken for {pair.column.name}{known}: look whether it means that."
            doubts.append(Doubt(f"column.{pair.column.name}", text))
    for pair in match.rivals:
        name = pair.column.name
        text = f"Two headings fit {name}: {taken[name]!r} is used, {pair.field.heading!r} is not."
        doubts.append(Doubt(f"column.{name}", text))
    for pair in match.unfit:
        name = pair.column.name
        text = f'{pair.field.heading!r} would be {name} by its name, but holds values such as "{pair.field.example}".'
        doubts.append(Doubt(f"column.{name}", f"{text} It is not used."))
    for column in match.lacking:
        known = " or ".join(repr(source) for source in column.sources[:3])
        text = f"No heading was found for the required column {column.name} ({known}: {column.description.en})"
        doubts.append(Doubt(f"column.{column.name}", text))
    return doubts


def about_headings(table: Table) -> list[Doubt]:
    """Headings that stand twice and columns without one."""
    counts = Counter(field.heading for field in table.fields if field.heading)
    doubts = [
        Doubt("headings", f"{heading!r} stands above several columns; the first one counts.")
        for heading, count in counts.items()
        if count > 1
    ]
    unnamed = [str(place) for place, field in enumerate(table.fields, start=1) if not field.heading and field.filled]
    if unnamed:
        text = f"There are values without a heading, in column {', '.join(unnamed)}; nothing can read them."
        doubts.append(Doubt("headings", text))
    return doubts


def about_meaning(match: Match) -> list[Doubt]:
    """What no value tells and the kind assumes. Constants of a company's own mapping are its own decision."""
    contract, found = match.contract, {pair.column.name: pair for pair in match.pairs}
    columns = {column.name: column for column in contract.columns if column.name not in found}
    doubts = []
    for column in columns.values():
        if column.constant is not None and contract.kind == contract.table:
            text = f"{column.name} is taken as {column.constant!r}, since the file does not say it"
            doubts.append(Doubt(f"column.{column.name}", f"{text}: {column.description.en}"))
    quantity = found["quantity"].field if "quantity" in found else None
    document_type = columns.get("document_type")
    if document_type is not None and not document_type.rules and quantity is not None and quantity.negative:
        text = (
            f"Some values of {quantity.heading!r} are negative, such as {quantity.negative}, and no column tells "
            "credit notes and cancellations from invoices. Say by `rules` how they are known, for example "
            '`{rules: [{when: {document_number: "^C"}, then: cancellation}], otherwise: invoice}`.'
        )
        doubts.append(Doubt("column.document_type", text))
    if "currency" in columns and columns["currency"].constant is None:
        text = (
            "The file names no currency. Amounts count in that of the source, or else of the company, in kontor.toml."
        )
        doubts.append(Doubt("column.currency", text))
    return doubts
