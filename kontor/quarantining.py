"""Showing the quarantine on the command line."""

from __future__ import annotations

import csv
import json
import sys
from contextlib import closing

from rich.console import Console
from rich.markup import escape

from ingestion.quarantine import QuarantinedRow, quarantined_rows
from ingestion.warehouse import read_warehouse
from kontor.reasons import Reasons
from kontor.settings import Settings
from kontor.texts import Say


def show_quarantine(settings: Settings, console: Console, source: str | None, *, limit: int, as_csv: bool) -> None:
    """Print rows in quarantine: grouped by file for people, or all of them as CSV."""
    with closing(read_warehouse(settings.paths.warehouse)) as con:
        rows = quarantined_rows(con, source, None if as_csv else limit + 1)
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["source", "file", "line", "column", "reason", "original_row"])
        writer.writerows(
            [row.source, row.file_name, row.line, row.column, row.reason, row.original_row] for row in rows
        )
        return
    say = Say(settings.company.language)
    if not rows:
        console.print(f"[green]{say('quarantine_empty')}[/green]")
        return
    reason = Reasons(settings.company.language, settings.contracts.values())
    shown = None
    for row in rows[:limit]:
        if (row.source, row.file_name) != shown:
            shown = (row.source, row.file_name)
            console.print(f"\n[bold]{row.source}[/bold] · {escape(row.file_name)}", highlight=False)
        console.print(f"  {say('line', n=row.line)}: [red]{escape(reason(row.reason))}[/red]", highlight=False)
        console.print(f"    [dim]{escape(_original(row))}[/dim]", highlight=False)
    if len(rows) > limit:
        console.print(f"\n{say('quarantine_more', n=limit)}", highlight=False)
    console.print(f"\n{say('quarantine_next')}", highlight=False)


def _original(row: QuarantinedRow) -> str:
    """The row on one line, as it stands in the file."""
    value = json.loads(row.original_row)
    if isinstance(value, dict):
        return "; ".join(f"{heading}={cell}" for heading, cell in value.items() if cell not in (None, ""))[:300]
    return str(value)[:300]
