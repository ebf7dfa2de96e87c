"""An owner's question: is it yesterday's data, is anything missing, what needs me?"""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ingestion.formats import is_outdated
from ingestion.health import freshness_of, newest_of
from ingestion.landing import NOTE_SUFFIX, unclaimed_files
from ingestion.source import Source
from ingestion.warehouse import read_warehouse
from kontor.backup_status import backup_status
from kontor.expected import expected_of, say_late, say_newest
from kontor.forecast import forecast, measured_sizes
from kontor.lock import holder_of
from kontor.settings import Settings
from kontor.texts import Say
from kontor.wordings import in_language
from operations.alerts.memory import read_memory
from serving.versions import current_version, published_at

# Time enough to buy a disk.
_DISK_DAYS = 60
# A version is newer than now where the clock was set back since.
_CLOCKS_DIFFER = timedelta(minutes=10)


def show_status(settings: Settings, console: Console, now: datetime) -> int:
    """Print the state of the data; 0 when nothing needs a person, else 1. `now` is UTC without zone."""
    say = Say(settings.company.language)
    zone = ZoneInfo(settings.company.time_zone)
    console.print(f"[bold]{escape(settings.company.name)}[/bold]", highlight=False)
    needs: list[str] = []
    version = current_version(settings.paths.serve)
    if version is None:
        console.print(say("never_published"), highlight=False)
    else:
        at = published_at(version)
        age = _age(now - at.astimezone(UTC).replace(tzinfo=None), say, "ago_")
        console.print(say("published_at", time=say.day(at.astimezone(zone)), age=age), highlight=False)
        if (now - at.astimezone(UTC).replace(tzinfo=None)).total_seconds() > 26 * 3600:
            needs.append(say("need_old"))
        if at > now.replace(tzinfo=UTC) + _CLOCKS_DIFFER:
            needs.append(say("need_clock", time=say.day(at.astimezone(zone))))
    holder = holder_of(settings.paths.lock)
    if holder:
        console.print(say("running", holder=in_language(holder, say.language)), highlight=False)
    elif settings.paths.warehouse.exists():
        table, found = _sources(settings, say, now, zone, version)
        console.print()
        console.print(table)
        needs += found
    needs += _disk(settings, say, console)
    needs += _inbox(settings, say)
    saved, unsaved = backup_status(settings, say, now)
    if saved:
        console.print()
    for line in saved:
        console.print(line, highlight=False, soft_wrap=True)
    needs += unsaved
    undelivered = read_memory(settings.paths.alerts).undelivered
    needs += [say("alert_failed", channel=channel, said=said) for channel, said in undelivered.items()]
    console.print()
    if not needs:
        if version is not None:
            console.print(f"[green]{say('all_well')}[/green]")
        return 0 if version is not None else 1
    console.print(f"[bold]{say('needs_you')}[/bold]")
    for need in needs:
        console.print(f"  [yellow]•[/yellow] {escape(need)}", highlight=False)
    return 1


def _disk(settings: Settings, say: Say, console: Console) -> list[str]:
    """Say when the disk will be full, where that can be told; what a person must do about it."""
    free = shutil.disk_usage(settings.paths.data).free if settings.paths.data.exists() else None
    if free is None:
        return []
    told = None
    if settings.paths.warehouse.exists() and holder_of(settings.paths.lock) is None:
        with closing(read_warehouse(settings.paths.warehouse)) as con:
            told = forecast(measured_sizes(con), free)
    shown = say.decimal(free / 1e9)
    if told is not None:
        days, growth = say.number(int(told.days_until_full)), say.decimal(told.bytes_per_day / 1e6)
        console.print()
        console.print(say("disk_forecast", free=shown, growth=growth, days=days), highlight=False)
    if free < settings.alerts.disk_free_gb * 1e9:
        return [say("need_disk", folder=settings.paths.data, free=shown)]
    if told is not None and told.days_until_full < _DISK_DAYS:
        return [say("need_disk_soon", days=int(told.days_until_full))]
    return []


def _sources(
    settings: Settings, say: Say, now: datetime, zone: ZoneInfo, version: str | None
) -> tuple[Table, list[str]]:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("source", "newest", "age", "state"):
        table.add_column(say(heading), no_wrap=True)
    table.add_column(say("quarantined"), justify="right", no_wrap=True)
    needs: list[str] = []
    with closing(read_warehouse(settings.paths.warehouse)) as con:
        quarantined = dict(
            con.execute("select source_name, count(*) from ops.quarantine group by source_name").fetchall()
        )
        if is_outdated(con, settings.contracts.values()):
            needs.append(say("need_upgrade"))
        for source in settings.sources:
            newest = newest_of(con, settings.contract_of(source), source)
            age, state, need = _freshness(settings, source, newest, now, say)
            shown = "–" if newest is None else say_newest(settings, source, newest, say)
            count = quarantined.get(source.name, 0)
            table.add_row(source.name, shown, age, state, say.number(count) if count else "–")
            needs += need
            if count:
                needs.append(say("need_quarantine", n=say.number(count), source=source.name))
        unpublished = con.execute(
            """select started_at from ops.run where published_at is null and started_at > ?
            order by started_at desc limit 1""",
            [datetime.min if version is None else published_at(version).replace(tzinfo=None)],
        ).fetchall()
    if unpublished:
        started = unpublished[0][0].replace(tzinfo=UTC).astimezone(zone)
        needs.append(say("need_unpublished", time=say.day(started)))
    return table, needs


def _freshness(
    settings: Settings, source: Source, newest: datetime | None, now: datetime, say: Say
) -> tuple[str, str, list[str]]:
    """Age and state of a source, and what a person must know of it."""
    if newest is None:
        need = say("need_no_data", source=source.name, files=source.files, inbox=settings.paths.inbox)
        return "–", f"[yellow]{say('no_data')}[/yellow]", [need]
    age = _age(now - newest, say)
    expected = expected_of(settings, source, now)
    if freshness_of(settings.contract_of(source), newest, expected, settings.company.time_zone, now) == "late":
        return age, f"[yellow]{say('late')}[/yellow]", [say_late(settings, source, newest, now, say)]
    return age, f"[green]{say('on_time')}[/green]", []


def _inbox(settings: Settings, say: Say) -> list[str]:
    needs = []
    for source in settings.sources:
        folder = settings.paths.refused / source.name
        refused = [path for path in folder.glob("*") if not path.name.endswith(NOTE_SUFFIX)] if folder.is_dir() else []
        if refused:
            needs.append(say("need_refused", n=len(refused), source=source.name, folder=folder))
    unclaimed = unclaimed_files(settings.areas, list(settings.sources))
    if unclaimed:
        example = unclaimed[0].relative_to(settings.paths.inbox)
        needs.append(say("need_unclaimed", n=len(unclaimed), example=example, config=settings.config.name))
    return needs


def _age(age: timedelta, say: Say, prefix: str = "") -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 120:
        return say(f"{prefix}minutes", n=minutes)
    if minutes < 72 * 60:
        return say(f"{prefix}hours", n=minutes // 60)
    return say(f"{prefix}days", n=minutes // (24 * 60))
