"""What Kontor can read: every kind of source with what its files must hold, as the contracts say it."""

from __future__ import annotations

from typing import get_args

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ingestion.contract import Column, Contract, Text
from ingestion.source import Role
from kontor.settings import Settings, SettingsError
from kontor.texts import Say

_DOMAINS = ("sales", "production", "web", "reference")


def show_kinds(settings: Settings, console: Console) -> None:
    """Print all kinds by domain: their name, what they are, how their files are written, who uses them."""
    say = Say(settings.company.language)
    used: dict[str, list[str]] = {}
    for source in settings.sources:
        used.setdefault(source.kind, []).append(source.name)
    for domain in _DOMAINS:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("kind", "what_it_is", "file_form", "must_hold", "used_by"):
            table.add_column(say(heading), no_wrap=heading == "kind")
        for contract in settings.contracts.values():
            if contract.domain == domain:
                table.add_row(
                    contract.kind,
                    escape(_local(contract.title, say)),
                    contract.reader.format,
                    escape(_needed(contract)) or "–",
                    ", ".join(used.get(contract.kind, [])) or "–",
                )
        console.print(f"\n[bold]{say(f'domain_{domain}')}[/bold]")
        console.print(table)
    console.print(f"\n{say('kinds_next')}", highlight=False)


def show_kind(settings: Settings, console: Console, kind: str) -> None:
    """Print one kind in full: grain, columns with their headings, and the lines that add it to the settings.

    Raises SettingsError when there is no such kind.
    """
    contract = settings.contracts.get(kind)
    if contract is None:
        raise SettingsError(f"There is no kind {kind!r}. `kontor sources` lists all of them.")
    say = Say(settings.company.language)
    console.print(f"[bold]{contract.kind}[/bold]  {escape(_local(contract.title, say))}", highlight=False)
    console.print(escape(_local(contract.description, say)), highlight=False)
    console.print(escape(contract.grain), highlight=False)
    if contract.format_source:
        console.print(f"{say('format_described')}: {escape(contract.format_source)}", highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("column", "needed", "type", "headings", "what_it_is"):
        table.add_column(say(heading), no_wrap=heading in ("column", "needed", "type"))
    for column in contract.columns:
        needed = say("yes") if column.must_be_found else "–"
        origin, description = _origin(column, say), _local(column.description, say)
        table.add_row(column.name, needed, column.type, escape(origin), escape(description))
    console.print()
    console.print(table)
    console.print(f"\n{say('kind_into_settings', file=settings.config.name)}\n", highlight=False)
    name = contract.kind.removesuffix("_csv")
    roles = " | ".join(get_args(Role))
    lines = ("[[source]]", f'name = "{name}"', f'kind = "{kind}"', f'files = "{name}/*"', f"role = ...  # {roles}")
    console.print(escape("\n".join(lines)), highlight=False)


def _needed(contract: Contract) -> str:
    """The headings without which a file is refused; of several names of one column the first."""
    needed = [column for column in contract.columns if column.must_be_found]
    return ", ".join(column.sources[0] if column.sources else column.name for column in needed)


def _origin(column: Column, say: Say) -> str:
    """Where a file has the column."""
    if column.position is not None:
        return say("column_at", n=column.position)
    return " | ".join(column.sources) or column.constant or column.metadata or "–"


def _local(text: Text, say: Say) -> str:
    return text.de if say.language == "de" else text.en
