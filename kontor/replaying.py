"""Reading archived files again from the command line."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from ingestion import ledger
from ingestion.archive import JOURNAL, bring_to_disk
from ingestion.errors import IngestionError
from ingestion.formats import check_format
from ingestion.landing import Run
from ingestion.replay import rebuild, replay, return_refused
from ingestion.warehouse import open_warehouse
from kontor.lock import writer_lock
from kontor.settings import Settings
from kontor.texts import Say


def replay_source(settings: Settings, console: Console, name: str, now: datetime) -> None:
    """Load a source's archived files anew and put its refused ones back into the inbox."""
    source = next(source for source in settings.sources if source.name == name)
    contract, machine = settings.contract_of(source), settings.machine
    with writer_lock(settings.paths.lock, f"kontor replay {name}", now):
        settings.areas.prepare()
        with closing(
            open_warehouse(
                settings.paths.warehouse, work=settings.paths.work, memory_gb=machine.memory_gb, threads=machine.threads
            )
        ) as con:
            check_format(con, settings.contracts.values())
            ledger.prepare(con, settings.contracts.values())
            results = replay(con, Run(settings.areas, "replay", now), contract, source, settings.zone_of(source))
        returned = return_refused(settings.areas, source)
    loaded, quarantined = sum(r.rows_loaded for r in results), sum(r.rows_quarantined for r in results)
    say = Say(settings.company.language)
    numbers = {"files": say.number(len(results)), "rows": say.number(loaded), "quarantined": say.number(quarantined)}
    console.print(say("replayed", name=name, **numbers), highlight=False)
    if returned:
        console.print(say("replay_returned", name=name, n=say.number(len(returned))), highlight=False)


def rebuild_warehouse(settings: Settings, console: Console, now: datetime) -> None:
    """Fill a new warehouse from the archive and put it in the place of the old one, which stays until then."""
    paths, machine = settings.paths, settings.machine
    if not (paths.archive / JOURNAL).exists():
        raise IngestionError(f"There is no archive in {paths.archive}, so there is nothing to rebuild from.")
    new, say = paths.data / "rebuilding.duckdb", Say(settings.company.language)
    with writer_lock(paths.lock, "kontor rebuild", now):
        settings.areas.prepare()
        _remove(new)
        files = rows = 0

        def count(result: ledger.LoadResult) -> None:
            nonlocal files, rows
            files, rows = files + 1, rows + result.rows_loaded
            spinner.update(say("rebuilt", files=say.number(files), rows=say.number(rows)))

        with (
            console.status("…") as spinner,
            closing(open_warehouse(new, work=paths.work, memory_gb=machine.memory_gb, threads=machine.threads)) as con,
        ):
            ledger.prepare(con, settings.contracts.values())
            sources = [(source, settings.contract_of(source), settings.zone_of(source)) for source in settings.sources]
            unknown = rebuild(con, Run(settings.areas, "rebuild", now), sources, count)
        # The old one's log of changes goes first: DuckDB must not take it for the new one's. Killed in between, the old
        # one lacks what stood there, which the next run notices.
        paths.warehouse.with_name(paths.warehouse.name + ".wal").unlink(missing_ok=True)
        os.replace(new, paths.warehouse)
        bring_to_disk(paths.data)
    console.print(say("rebuilt", files=say.number(files), rows=say.number(rows)), highlight=False)
    for name in unknown:
        console.print(f"[yellow]{escape(say('rebuilt_unknown', name=name))}[/yellow]", highlight=False)


def _remove(database: Path) -> None:
    for path in (database, database.with_name(database.name + ".wal")):
        path.unlink(missing_ok=True)
