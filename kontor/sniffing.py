"""Showing what `kontor sniff` found, and writing the mapping it proposes."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from ingestion.sniff import sniff
from kontor.settings import Settings, SettingsError


def propose(settings: Settings, console: Console, file: Path, name: str | None, *, write: bool) -> int:
    """Print what is known of a file and the mapping proposed for it, or write it; the exit status for the shell.

    0: it can be tried as it is. 1: a person must complete the mapping first. Raises FileRefused where nothing can be
    proposed, SettingsError when the mapping would overwrite another one.
    """
    proposal = sniff(file, settings.contracts, zone=settings.company.time_zone)
    source = name or proposal.suggested_name
    for line in proposal.summary_lines():
        console.print(line, highlight=False, soft_wrap=True, markup=False)
    if proposal.fits and proposal.needs_mapping:
        text = proposal.to_yaml(source)
        target = settings.paths.mappings / f"{source}.yaml"
        if write:
            _write(target, text)
            console.print(f"\nWritten to {target}. Read it before you use it.", highlight=False, soft_wrap=True)
        else:
            console.print(f"\n[bold]{escape(str(target))}[/bold] (with --write it is written there)", soft_wrap=True)
            console.print(text, highlight=False, soft_wrap=True, markup=False)
    elif proposal.doubts:
        console.print()
        for doubt in proposal.doubts:
            console.print(f"• {doubt}", highlight=False, soft_wrap=True, markup=False)
    if proposal.fits:
        console.print(f"\n[bold]{escape(str(settings.config))}[/bold]", soft_wrap=True)
        console.print(proposal.toml_lines(source), highlight=False, soft_wrap=True, markup=False)
    return 0 if proposal.is_ready else 1


def _write(target: Path, text: str) -> None:
    if target.exists():
        raise SettingsError(f"{target} exists already. Choose another --name, or remove it first.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
