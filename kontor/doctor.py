"""`kontor doctor`: whether this machine has what Kontor needs, in sentences that say what to do."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import duckdb
from packaging.requirements import Requirement
from rich.console import Console
from rich.markup import escape

from ingestion.errors import IngestionError
from ingestion.source import Source
from ingestion.warehouse import read_warehouse
from kontor.doctor_texts import doctor_say
from kontor.lock import holder_of
from kontor.postgres import postgres_target
from kontor.settings import PROJECT, Settings, SettingsError
from kontor.texts import Say
from kontor.wordings import in_language
from serving.errors import ServingError
from serving.postgres import connect_postgres
from serving.versions import current_version

_Found = TypeVar("_Found")
_EXTENSIONS = ("icu", "json", "parquet")
_ANSWERS_WITHIN_SECONDS = 5.0
_MARKS = {"well": "[green]✓[/green]", "remark": "[yellow]•[/yellow]", "wrong": "[red]✗[/red]"}


@dataclass(frozen=True)
class Diagnosis:
    """A sentence, and whether all is well, somebody may want to know, or somebody must act."""

    state: Literal["well", "remark", "wrong"]
    text: str


def examine(settings: Settings, console: Console, now: datetime) -> int:
    """Print what was found; 1 if something must be put right, else 0. `now` is UTC without zone."""
    say = doctor_say(settings.company.language)
    wrong = 0
    for diagnosis in diagnose(settings, say, now):
        wrong += diagnosis.state == "wrong"
        console.print(f"{_MARKS[diagnosis.state]} {escape(diagnosis.text)}", highlight=False, soft_wrap=True)
    console.print()
    console.print(say("to_do", n=wrong) if wrong else say("well"), highlight=False)
    return 1 if wrong else 0


def diagnose(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    """Look at one thing after the other."""
    for look in (_python, _packages, _duckdb, _zones, _folder, _disk, _secrets, _locks, _warehouse, _clock):
        yield from look(settings, say, now)
    yield from _sources(settings, say)
    yield from _targets(settings, say)


def _python(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield _found(fits, say, "python", version=sys.version.split()[0])


def _packages(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [Requirement(text) for text in project["dependencies"]]
    needed = [one for one in needed if one.marker is None or one.marker.evaluate()]
    others = []
    for requirement in needed:
        try:
            there = version(requirement.name)
        except PackageNotFoundError:
            others.append(f"{requirement} (–)")
            continue
        if not requirement.specifier.contains(there, prereleases=True):
            others.append(f"{requirement} ({there})")
    yield _found(not others, say, "packages", n=len(needed), listed=", ".join(others))


def _duckdb(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    with closing(duckdb.connect()) as con:
        installed = con.execute("select extension_name from duckdb_extensions() where installed").fetchall()
        there = {name for (name,) in installed}
    missing = [name for name in _EXTENSIONS if name not in there]
    yield _found(not missing, say, "duckdb", version=duckdb.__version__, extensions=", ".join(missing or _EXTENSIONS))


def _zones(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    """Python casts some files' times, DuckDB others': both must have the same rules."""
    zones = sorted({settings.company.time_zone, *(settings.zone_of(source) for source in settings.sources)})
    moments = [datetime(now.year, month, 15, 12) for month in (1, 7)]
    other = []
    with closing(duckdb.connect()) as con:
        for zone in zones:
            there = con.execute(
                "select unnest(?::timestamp[]) at time zone 'UTC' at time zone ?", [moments, zone]
            ).fetchall()
            here = [moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments]
            if [row[0] for row in there] != here:
                other.append(zone)
    yield _found(not other, say, "zones", zones=", ".join(other or zones))


def _folder(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    data = settings.paths.data
    yield _found(_is_writable(data), say, "folder", folder=data)


def _disk(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    warehouse = settings.paths.warehouse
    free = shutil.disk_usage(_existing(settings.paths.data)).free / 1e9
    # The models' old tables stand beside the new ones, and readers get a copy.
    needed = max(settings.alerts.disk_free_gb, 2 * (warehouse.stat().st_size if warehouse.exists() else 0) / 1e9)
    told = {"free": say.decimal(free), "needed": say.decimal(needed)}
    yield _found(free >= needed, say, "disk", folder=settings.paths.data, **told)


def _secrets(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    file = settings.paths.secrets
    if not file.exists():
        yield Diagnosis("remark", say("secrets_none", file=file))
    elif os.name != "nt":
        mode = file.stat().st_mode & 0o777
        yield _found(mode & 0o077 == 0, say, "secrets", file=file, mode=f"{mode:03o}")


def _locks(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    holder = holder_of(settings.paths.lock)
    if holder is None:
        yield Diagnosis("well", say("locks_ok"))
    else:
        yield Diagnosis("remark", say("locks_held", holder=in_language(holder, say.language)))
    up = holder_of(settings.paths.up_lock)
    yield Diagnosis("remark", say("up_none")) if up is None else Diagnosis("well", say("up_ok"))


def _warehouse(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    file = settings.paths.warehouse
    if not file.exists():
        yield Diagnosis("remark", say("warehouse_none"))
    elif holder_of(settings.paths.lock) is None:
        try:
            with closing(read_warehouse(file)) as con:
                con.execute("select count(*) from ops.file").fetchall()
            yield Diagnosis("well", say("warehouse_ok", size=say.decimal(file.stat().st_size / 1e6)))
        except (IngestionError, duckdb.Error) as error:
            yield Diagnosis("wrong", in_language(str(error).splitlines()[0], say.language))
    try:
        published = current_version(settings.paths.serve)
    except ServingError as error:
        yield Diagnosis("wrong", in_language(str(error), say.language))
    else:
        told = Diagnosis("well", say("published_ok", version=published))
        yield told if published else Diagnosis("remark", say("published_none"))


def _clock(settings: Settings, say: Say, now: datetime) -> Iterator[Diagnosis]:
    if not settings.paths.warehouse.exists() or holder_of(settings.paths.lock) is not None:
        return
    try:
        with closing(read_warehouse(settings.paths.warehouse)) as con:
            last = con.execute("select max(started_at) from ops.run").fetchall()[0][0]
    except (IngestionError, duckdb.Error):
        return
    if last is not None:
        yield _found(last <= now, say, "clock", now=f"{now:%Y-%m-%d %H:%M}", last=f"{last:%Y-%m-%d %H:%M}")


def _sources(settings: Settings, say: Say) -> Iterator[Diagnosis]:
    told = [diagnosis for source in settings.sources if (diagnosis := _source(settings, say, source))]
    if not told:
        yield Diagnosis("well", say("sources_ok", n=len(settings.sources)))
    yield from told


def _source(settings: Settings, say: Say, source: Source) -> Diagnosis | None:
    """What is the matter with the folder of a source's files; None where nothing is."""
    steady = [part for part in Path(source.files).parts[:-1] if not set(part) & set("*?[")]
    folder = settings.paths.inbox.joinpath(*steady)
    named = {"source": source.name, "folder": folder}

    def look() -> Diagnosis | None:
        if not folder.is_dir():
            return Diagnosis("remark", say("source_missing", **named))
        try:
            next(os.scandir(folder), None)
        except OSError:
            return Diagnosis("wrong", say("source_unreadable", **named))
        if not settings.inbox.keep_files and not os.access(folder, os.W_OK):
            return Diagnosis("wrong", say("source_fixed", **named))
        return None

    silent = Diagnosis("wrong", say("source_silent", seconds=f"{_ANSWERS_WITHIN_SECONDS:g}", **named))
    return _within(_ANSWERS_WITHIN_SECONDS, look, silent)


def _targets(settings: Settings, say: Say) -> Iterator[Diagnosis]:
    if settings.publish.postgres is not None:
        try:
            target = postgres_target(settings)
            assert target is not None
            connect_postgres(target).close()
            yield Diagnosis("well", say("postgres_ok", host=target.host))
        except (ServingError, SettingsError) as error:
            yield Diagnosis("wrong", in_language(str(error), say.language))
    if settings.backup.folder is None:
        yield Diagnosis("remark", say("backup_none"))
    else:
        folder = settings.config.parent / Path(settings.backup.folder).expanduser()
        writable = _within(_ANSWERS_WITHIN_SECONDS, lambda: _is_writable(folder), False)
        yield _found(writable, say, "backup", folder=folder)
    try:
        channels = len(settings.alert_urls())
    except SettingsError:
        # Of secrets that others can read, which was said already.
        return
    yield Diagnosis("well", say("alerts_ok", n=channels)) if channels else Diagnosis("remark", say("alerts_none"))


def _found(well: bool, say: Say, what: str, **values: object) -> Diagnosis:
    return Diagnosis("well", say(f"{what}_ok", **values)) if well else Diagnosis("wrong", say(f"{what}_bad", **values))


def _existing(folder: Path) -> Path:
    """The folder, or where it would be made."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _is_writable(folder: Path) -> bool:
    """Tried, since a share that is mounted for reading only grants rights all the same."""
    try:
        with tempfile.TemporaryFile(dir=_existing(folder)):
            return True
    except OSError:
        return False


def _within(seconds: float, look: Callable[[], _Found], otherwise: _Found) -> _Found:
    """What a look brings, or the other where it does not end: a share that is gone hangs whoever asks it."""
    found: list[_Found] = []
    thread = threading.Thread(target=lambda: found.append(look()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else otherwise
