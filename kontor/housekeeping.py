"""`kontor housekeeping`: shows what may go by the rules of the settings, and removes it when told so; nightly, too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from kontor.lock import writer_lock
from kontor.logs import write_event
from kontor.settings import Settings
from kontor.texts import Say
from operations.housekeeping import Finding, find

if TYPE_CHECKING:
    import dagster as dg


def show_housekeeping(settings: Settings, console: Console, now: datetime, *, remove: bool) -> None:
    """Print what may go, and remove it if asked to. Raises WriterBusy while a run goes on."""
    from orchestration.instance import instance_of

    say = Say(settings.company.language)
    with writer_lock(settings.paths.lock, "kontor housekeeping", now), instance_of(settings) as instance:
        findings = what_may_go(settings, instance, now)
        if not findings:
            console.print(say("house_clean"), highlight=False)
            return
        console.print(_table(findings, say))
        if not remove:
            console.print(say("house_dry"), highlight=False)
            return
        let_go(settings, findings)
    console.print(say("house_done", size=megabytes(sum(finding.bytes for finding in findings), say)), highlight=False)


def what_may_go(settings: Settings, instance: dg.DagsterInstance, now: datetime) -> list[Finding]:
    """What all rules find; the caller holds the writer's lock."""
    from orchestration.retention import find_old_runs

    before = now - timedelta(days=settings.housekeeping.keep_runs_days)
    return [*find_old_runs(settings, instance, before), *find(settings, now)]


def let_go(settings: Settings, findings: list[Finding]) -> None:
    """Remove it, and note that in the structured log."""
    for finding in findings:
        finding.remove()
        write_event(settings.paths.logs, "removed", what=finding.what, items=finding.items, bytes=finding.bytes)


def megabytes(size: int, say: Say) -> str:
    """A size for people."""
    return f"{say.decimal(size / 1e6)} MB"


def _table(findings: list[Finding], say: Say) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(say("house_what"))
    table.add_column(say("house_items"), justify="right")
    table.add_column(say("house_size"), justify="right")
    for finding in findings:
        size = megabytes(finding.bytes, say) if finding.bytes else "–"
        table.add_row(say(finding.what), say.number(finding.items), size)
    return table
