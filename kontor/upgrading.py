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
from operations.errors import OperationError
from operations.upgrade import Plan, finish, keep_copy, plan_upgrade, unfinished, upgrade_warehouse, write_texts


def upgrade_company(settings: Settings, console: Console, now: datetime, *, dry_run: bool, build: bool) -> int:
    """Say what there is to do, and unless it is a dry run do it, build and publish; the exit status for the shell."""
    with writer_lock(settings.paths.lock, "kontor upgrade", now):
        plan = plan_upgrade(settings)
        if unfinished(settings):
            console.print("An upgrade was interrupted; this one goes on where it stopped.")
        elif plan.is_empty:
            console.print("Nothing to do: settings, mappings and warehouse are of this version.")
            return 0
        _tell(console, plan)
        if dry_run:
            console.print("This was a dry run: nothing was changed. To do it:  kontor upgrade")
            return 0
        with _services_ended(settings, now):
            copy = keep_copy(settings, now)
            _upgrade(settings, console, plan, copy, now)
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


def _upgrade(settings: Settings, console: Console, plan: Plan, copy: Path, now: datetime) -> None:
    console.print(f"A copy of all that changes is in {copy}.", highlight=False, soft_wrap=True)
    write_texts(plan.texts)
    if plan.before is not None:
        _upgrade_warehouse(settings, console, now)
    _upgrade_dagster(settings)
    console.print(f"Done. The copy stays until the next upgrade: {finish(copy)}", highlight=False, soft_wrap=True)


def _tell(console: Console, plan: Plan) -> None:
    for change in plan.texts:
        says = "; ".join(step.says for step in change.steps)
        console.print(
            f"{escape(str(change.path))} gets form {change.steps[-1].format}: {says}.",
            highlight=False,
            soft_wrap=True,
        )
    for step in plan.steps:
        console.print(f"The warehouse gets form {step.format}: {step.says}.", highlight=False)
    if plan.tables:
        console.print(
            f"Read again from the archive, because their kinds are read otherwise now: {', '.join(plan.tables)}.",
            highlight=False,
            soft_wrap=True,
        )
    for name in plan.left_out:
        console.print(
            f"[yellow]{escape(name)} is no longer in the settings: its rows leave the warehouse, its files stay in "
            "the archive.[/yellow]",
            highlight=False,
        )


def _upgrade_warehouse(settings: Settings, console: Console, now: datetime) -> None:
    with console.status("The warehouse") as spinner:
        for table, results in upgrade_warehouse(settings, now):
            rows = sum(result.rows_loaded for result in results)
            quarantined = sum(result.rows_quarantined for result in results)
            spinner.update(table)
            console.print(
                f"{table}: files read again: {len(results)}, rows loaded: {rows:,}, in quarantine: {quarantined:,}.",
                highlight=False,
            )


def _upgrade_dagster(settings: Settings) -> None:
    # Imported here: Dagster takes seconds, which a dry run need not pay.
    from orchestration.instance import upgrade_storage

    upgrade_storage(settings)
