"""What may be the matter between two runs: the disk, how old the published version is, refused files, late sources.

Reads the published copy and folders only, so that it is cheap enough for every minute and in no run's way.
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from ingestion.health import freshness_of
from ingestion.landing import NOTE_SUFFIX
from kontor.expected import expected_of, missed_its_hour, say_late
from kontor.settings import Settings
from kontor.texts import Say
from operations.alerts.causes import same, without_data
from operations.alerts.problem import Kind, Problem
from operations.alerts.texts import alert_say
from serving.read import connect_published
from serving.versions import current_version, published_at

# A daily run, and two hours for it to be late.
OLD_AFTER = timedelta(hours=26)
LOOKED_AT: frozenset[Kind] = frozenset({"disk", "old", "refused", "late"})


def problems_now(settings: Settings, now: datetime) -> list[Problem]:
    """What is the matter at `now` (UTC without zone)."""
    return [*_disk(settings), *_old(settings, now), *refused(settings), *_late(settings, now)]


def free_gb(settings: Settings) -> float:
    """Room on the disk of the data, in GB."""
    settings.paths.data.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(settings.paths.data).free / 1e9


def published_local(settings: Settings) -> datetime | None:
    """When the version was published that readers see, in the company's zone; None where there is none."""
    version = current_version(settings.paths.serve)
    return None if version is None else published_at(version).astimezone(ZoneInfo(settings.company.time_zone))


def _disk(settings: Settings) -> list[Problem]:
    say, free = alert_say(settings.company.language), free_gb(settings)
    if free >= settings.alerts.disk_free_gb:
        return []
    told = {"free": say.decimal(free), "least": say.exact(settings.alerts.disk_free_gb)}
    return [Problem("disk", "data", say("disk_said", **told))]


def _old(settings: Settings, now: datetime) -> list[Problem]:
    at, say = published_local(settings), alert_say(settings.company.language)
    if at is None or now - at.astimezone(UTC).replace(tzinfo=None) <= OLD_AFTER:
        return []
    return [Problem("old", "published", say("old_said", time=say.day(at)))]


@dataclass(frozen=True)
class Refused:
    """Refused files of a source: how many, where below the company's folder, and a digest of the reasons given."""

    source: str
    files: int
    folder: str
    reasons: str


def refused_files(settings: Settings) -> list[Refused]:
    """Of every source that has any. A reason is the same whatever file, number or value it names."""
    found = []
    for source in settings.sources:
        folder = settings.paths.refused / source.name
        paths = sorted(folder.glob("*")) if folder.is_dir() else []
        files = [path for path in paths if not path.name.endswith(NOTE_SUFFIX)]
        if files:
            notes = (path for path in paths if path.name.endswith(NOTE_SUFFIX))
            reasons = sorted({same(without_data(_reason(note))) for note in notes})
            digest = hashlib.sha256("\n".join(reasons).encode()).hexdigest()[:16]
            shown = folder.relative_to(settings.paths.data.parent).as_posix()
            found.append(Refused(source.name, len(files), shown, digest))
    return found


def refused(settings: Settings) -> list[Problem]:
    """Refused files as problems."""
    say = alert_say(settings.company.language)
    return [
        Problem(
            "refused",
            found.source,
            say("refused_said", n=found.files, source=found.source, folder=found.folder),
            cause=found.reasons,
        )
        for found in refused_files(settings)
    ]


def _reason(note: Path) -> str:
    """The first line of a note without the file's name, which it begins with or names further on."""
    try:
        line = note.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    except OSError:
        return ""
    return line.replace(note.name.removesuffix(NOTE_SUFFIX), "")


def _late(settings: Settings, now: datetime) -> list[Problem]:
    version = current_version(settings.paths.serve)
    if version is None:
        return []
    newest_of, say = _newest(settings.paths.serve, version), Say(settings.company.language)
    problems = []
    for source in settings.sources:
        newest, expected = newest_of.get(source.name), expected_of(settings, source, now)
        freshness = freshness_of(settings.contract_of(source), newest, expected, settings.company.time_zone, now)
        if freshness == "late" or (freshness == "no_data" and missed_its_hour(settings, source, newest, now)):
            problems.append(Problem("late", source.name, say_late(settings, source, newest, now, say)))
    return problems


@lru_cache(maxsize=1)
def _newest(serve: Path, version: str) -> dict[str, datetime]:
    """The newest row of each source, as it was when this version was published."""
    with closing(connect_published(serve)) as con:
        rows = con.execute(
            "select asset_name, newest_at from mart_data_asset where asset_kind = 'source' and newest_at is not null"
        ).fetchall()
    return dict(rows)
