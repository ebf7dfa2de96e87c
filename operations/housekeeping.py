"""What may go: logs, dbt's files, published versions, quarantine, dead space, each by a rule of the settings.

Nothing of the archive ever, nor of the inbox, the settings and the ledger of files. Every rule first finds what it
would remove; removing is a second step, so that a person can look in between. For Dagster's own records there is
orchestration/retention.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ingestion.warehouse import open_warehouse, read_warehouse
from kontor.lock import holder_of
from kontor.settings import Settings
from operations.compact import Machine, compact, space_of
from serving.versions import current_version, list_versions, remove_old, version_folder

# Less than this is not worth writing the database anew.
_LEAST_DEAD_BYTES = 50_000_000


@dataclass(frozen=True)
class Finding:
    """What one rule would remove: `what` names the rule, `bytes` what the disk gets back, as far as that is known."""

    what: str
    items: int
    bytes: int
    remove: Callable[[], None]


def find(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Everything that may go; `now` is UTC without zone. The caller holds the writer's lock."""
    rules, paths = settings.housekeeping, settings.paths
    logs = now - timedelta(days=rules.keep_logs_days)
    yield from _files("old_logs", _older(paths.logs.glob("kontor-*.jsonl"), logs))
    yield from _files("old_dbt", _older(_below(paths.dbt_target, "logs", "compiled", "run"), logs))
    yield from _files("old_outputs", _older(_below(paths.dagster_home, "storage", "logs"), logs))
    if holder_of(paths.drill_lock) is None:
        yield from _folders("old_drills", [path for path in paths.data.glob("kontor-drill-*") if path.is_dir()])
    yield from _versions(settings)
    if rules.keep_refused_days is not None:
        refused = now - timedelta(days=rules.keep_refused_days)
        yield from _files("old_refused", _older(_below(paths.refused, "."), refused))
    if paths.warehouse.exists():
        if rules.keep_quarantine_days is not None:
            yield from _quarantine(settings, now - timedelta(days=rules.keep_quarantine_days))
        yield from _dead_space(settings)


def _versions(settings: Settings) -> Iterator[Finding]:
    serve, keep = settings.paths.serve, settings.publish.keep_versions
    current = current_version(serve)
    old = [version_folder(serve, version) for version in list_versions(serve)[keep:] if version != current]
    if old:
        yield Finding("old_versions", len(old), _size(old), lambda: remove_old(serve, keep).join())


def _quarantine(settings: Settings, before: datetime) -> Iterator[Finding]:
    with closing(read_warehouse(settings.paths.warehouse)) as con:
        sql = "select count(*) from ops.quarantine where quarantined_at < ?"
        rows = con.execute(sql, [before]).fetchall()[0][0]
    if rows:
        yield Finding("old_quarantine", rows, 0, lambda: _forget_quarantined(settings, before))


def _forget_quarantined(settings: Settings, before: datetime) -> None:
    paths, machine = settings.paths, settings.machine
    with closing(
        open_warehouse(paths.warehouse, work=paths.work, memory_gb=machine.memory_gb, threads=machine.threads)
    ) as con:
        con.execute("delete from ops.quarantine where quarantined_at < ?", [before])


def _dead_space(settings: Settings) -> Iterator[Finding]:
    paths, machine = settings.paths, settings.machine
    with closing(read_warehouse(paths.warehouse)) as con:
        space = space_of(con)
    if space.dead_bytes >= _LEAST_DEAD_BYTES and space.dead_share > settings.housekeeping.compact_above_share:
        may_use = Machine(machine.memory_gb, machine.threads, paths.work)
        yield Finding("dead_space", 1, space.dead_bytes, lambda: _compact(paths.warehouse, may_use))


def _compact(warehouse: Path, may_use: Machine) -> None:
    compact(warehouse, may_use)


def _below(folder: Path, *names: str) -> Iterator[Path]:
    for name in names:
        yield from (folder / name).rglob("*")


def _older(paths: Iterable[Path], before: datetime) -> list[Path]:
    """The files among them that were last written before that time. A link is not followed."""
    stamp = (before - datetime(1970, 1, 1)).total_seconds()
    return [path for path in paths if not path.is_symlink() and path.is_file() and path.stat().st_mtime < stamp]


def _files(what: str, files: list[Path]) -> Iterator[Finding]:
    def remove() -> None:
        for path in files:
            path.unlink(missing_ok=True)

    if files:
        yield Finding(what, len(files), sum(path.stat().st_size for path in files), remove)


def _folders(what: str, folders: list[Path]) -> Iterator[Finding]:
    def remove() -> None:
        for path in folders:
            shutil.rmtree(path, ignore_errors=True)

    if folders:
        yield Finding(what, len(folders), _size(folders), remove)


def _size(folders: list[Path]) -> int:
    """Bytes of the files in folders; a file that several versions share is counted once."""
    stats = (path.stat() for folder in folders for path in folder.rglob("*") if path.is_file())
    return sum({(stat.st_dev, stat.st_ino): stat.st_size for stat in stats}.values())
