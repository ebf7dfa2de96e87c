"""`kontor upgrade` on the command line: what it will do, then doing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from kontor.lock import AlreadyRunning, only_one, writer_lock
from kontor.run import run_job
from kontor.settings import Settings
from kontor.texts import Language, Say
from kontor.wordings import in_language
from operations.errors import OperationError
from operations.upgrade import Plan, finish, keep_copy, plan_upgrade, unfinished, upgrade_warehouse, write_texts

_TEXTS: dict[str, dict[Language, str]] = {
    "goes_on": {
        "en": "An upgrade was interrupted; this one goes on where it stopped.",
        "de": "Ein Upgrade wurde unterbrochen; dieses fährt fort, wo es aufhörte.",
    },
    "nothing": {
        "en": "Nothing to do: settings, mappings and warehouse are of this version.",
        "de": "Nichts zu tun: Einstellungen, Zuordnungen und Warehouse sind von dieser Fassung.",
    },
    "dry_run": {
        "en": "This was a dry run: nothing was changed. To do it:  kontor upgrade",
        "de": "Das war eine Probe: Nichts wurde geändert. Um es zu tun:  kontor upgrade",
    },
    "copy": {
        "en": "A copy of all that changes is in {copy}.",
        "de": "Eine Kopie von allem, was sich ändert, liegt in {copy}.",
    },
    "done": {
        "en": "Done. The copy stays until the next upgrade: {copy}",
        "de": "Fertig. Die Kopie bleibt bis zum nächsten Upgrade: {copy}",
    },
    "text": {"en": "{path} gets form {number}: {says}.", "de": "{path} bekommt Form {number}: {says}."},
    "warehouse": {
        "en": "The warehouse gets form {number}: {says}.",
        "de": "Das Warehouse bekommt Form {number}: {says}.",
    },
    "tables": {
        "en": "Read again from the archive, because their kinds are read otherwise now: {tables}.",
        "de": "Wird aus dem Archiv neu gelesen, weil diese Arten jetzt anders gelesen werden: {tables}.",
    },
    "left_out": {
        "en": "{name} is no longer in the settings: its rows leave the warehouse, its files stay in the archive.",
        "de": "{name} steht nicht mehr in den Einstellungen: Die Zeilen verlassen das Warehouse, die Dateien bleiben "
        "im Archiv.",
    },
    "table": {
        "en": "{table}: files read again: {files}, rows loaded: {rows}, in quarantine: {quarantined}.",
        "de": "{table}: Dateien neu gelesen: {files}, Zeilen geladen: {rows}, in Quarantäne: {quarantined}.",
    },
}


def upgrade_company(settings: Settings, console: Console, now: datetime, *, dry_run: bool, build: bool) -> int:
    """Say what there is to do, and unless it is a dry run do it, build and publish; the exit status for the shell."""
    say = Say(settings.company.language, _TEXTS)
    with writer_lock(settings.paths.lock, "kontor upgrade", now):
        plan = plan_upgrade(settings)
        if unfinished(settings):
            console.print(say("goes_on"))
        elif plan.is_empty:
            console.print(say("nothing"))
            return 0
        _tell(console, say, plan)
        if dry_run:
            console.print(say("dry_run"))
            return 0
        with _services_ended(settings, now):
            copy = keep_copy(settings, now)
            _upgrade(settings, console, say, plan, copy, now)
        if plan.before is None or not build:
            return 0
        return run_job(settings, console, load=False)


@contextmanager
def _services_ended(settings: Settings, now: datetime) -> Iterator[None]:
    """Hold what `kontor up` holds while it runs. Raises OperationError where it does: it would go on with old code."""
    try:
        with only_one(settings.paths.up_lock, "kontor up", now):
            yield
    except AlreadyRunning as error:
        raise OperationError(f"Before an upgrade, end kontor up; nothing was changed. {error}") from None


def _upgrade(settings: Settings, console: Console, say: Say, plan: Plan, copy: Path, now: datetime) -> None:
    _print(console, say("copy", copy=copy))
    write_texts(plan.texts)
    if plan.before is not None:
        _upgrade_warehouse(settings, console, say, now)
    _upgrade_dagster(settings)
    _print(console, say("done", copy=finish(copy)))


def _tell(console: Console, say: Say, plan: Plan) -> None:
    for change in plan.texts:
        says = "; ".join(in_language(step.says, say.language) for step in change.steps)
        _print(console, say("text", path=change.path, number=change.steps[-1].format, says=says))
    for step in plan.steps:
        _print(console, say("warehouse", number=step.format, says=in_language(step.says, say.language)))
    if plan.tables:
        _print(console, say("tables", tables=", ".join(plan.tables)))
    for name in plan.left_out:
        _print(console, say("left_out", name=name), style="yellow")


def _upgrade_warehouse(settings: Settings, console: Console, say: Say, now: datetime) -> None:
    with console.status("Warehouse") as spinner:
        for table, results in upgrade_warehouse(settings, now):
            spinner.update(table)
            counts = {
                "files": len(results),
                "rows": sum(result.rows_loaded for result in results),
                "quarantined": sum(result.rows_quarantined for result in results),
            }
            _print(console, say("table", table=table, **{name: say.number(count) for name, count in counts.items()}))


def _print(console: Console, text: str, style: str | None = None) -> None:
    console.print(escape(text), style=style, highlight=False, soft_wrap=True)


def _upgrade_dagster(settings: Settings) -> None:
    # Imported here: Dagster takes seconds, which a dry run need not pay.
    from orchestration.instance import upgrade_storage

    upgrade_storage(settings)
