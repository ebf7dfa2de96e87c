"""Backup, restore and the drill on the command line."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from ingestion.errors import IngestionError
from kontor.lock import only_one, writer_lock
from kontor.replaying import rebuild_warehouse
from kontor.run import run_job
from kontor.settings import Settings, given_backup_key, load_settings
from kontor.texts import Say
from kontor.wordings import in_language
from operations.backup import Snapshot, back_up, read_snapshot, snapshots
from operations.errors import OperationError
from operations.record import BackupDone, DrillDone, note, read_record
from operations.restore import Comparison, bring_back, compare, contents_of
from operations.store import Store, new_key

_NO_FOLDER = (
    "Where backups go is not said. Name a folder, best on another machine:  kontor backup --to FOLDER,  or for always "
    'in the settings:  [backup] folder = "…"'
)
_NOTHING_TO_TRY = (
    "Where backups are is not said. Name their folder:  kontor restore FOLDER --drill,  or for always in the "
    'settings:  [backup] folder = "…"'
)


def print_new_key(console: Console) -> None:
    """A key, and what to do with it."""
    console.print(f"KONTOR_BACKUP_KEY={new_key()}", highlight=False, soft_wrap=True)
    console.print(
        "Write this line into data/.env, so that backups are encrypted from now on, and keep a copy of it on paper in "
        "a safe place: without it nobody can read them when this machine is gone.",
        highlight=False,
    )


def backup(settings: Settings, console: Console, to: Path | None, now: datetime, wait_seconds: float) -> None:
    """Take a snapshot and say what it holds."""
    with writer_lock(settings.paths.lock, "kontor backup", now, wait_seconds), console.status("…"):
        said = take_backup(settings, to, now)
    console.print(said, highlight=False, soft_wrap=True)


def take_backup(settings: Settings, to: Path | None, now: datetime) -> str:
    """Take a snapshot and note it; what it holds, in a sentence. The caller holds the writer's lock.

    Raises OperationError, also where the snapshot was taken and originals are no longer what they were.
    """
    folder = _folder(settings, to)
    _check_connected(settings, folder, is_named=to is not None)
    store = Store(folder, settings.backup_key())
    done = back_up(settings, store, now, settings.backup.keep)
    snapshot = done.snapshot
    note(settings.paths.data, BackupDone(now, snapshot.name, str(store.folder), store.is_encrypted))
    say = Say(settings.company.language)
    said = say(
        "backup_done",
        name=snapshot.name,
        folder=store.folder,
        files=say.number(len(snapshot.files)),
        size=_size(snapshot, say),
        new=say.number(done.new_files),
        new_size=f"{say.decimal(done.new_bytes / 1e6)} MB",
        how=say("backup_encrypted" if store.is_encrypted else "backup_open"),
    )
    if done.removed:
        said += f" {say('backup_removed', n=done.removed, kept=settings.backup.keep)}"
    if done.changed:
        names = ", ".join(f"`{name}`" for name in done.changed[:5])
        raise OperationError(
            f"{said} But originals of the archive are no longer what was saved before, though originals never change: "
            f"{names}. The backup keeps what it had. See what else is damaged:  kontor verify"
        )
    return said


def list_snapshots(console: Console, folder: Path) -> None:
    """The snapshots of a folder, newest first."""
    store, say = Store(_existing(folder), given_backup_key()), Say("en")
    for name in snapshots(store):
        snapshot = read_snapshot(store, name)
        console.print(
            f"{name}  of {snapshot.taken_at:%Y-%m-%d %H:%M} UTC  {snapshot.company}  {len(snapshot.files):,} files, "
            f"{_size(snapshot, say)}  Kontor {snapshot.kontor}",
            highlight=False,
        )


def restore(console: Console, folder: Path, into: Path, name: str | None, now: datetime) -> int:
    """Make a working warehouse from a backup in an empty folder; the exit status for the shell."""
    store = Store(_existing(folder), given_backup_key())
    code, comparison, snapshot = _restore(console, store, into.resolve(), name, now)
    settings = load_settings(into / "kontor.toml")
    say = Say(settings.company.language)
    _compared(console, say, snapshot, comparison)
    console.print(say("restore_done", folder=into.resolve()), highlight=False, soft_wrap=True)
    if settings.paths.data != into.resolve() / "data":
        told = say("restore_elsewhere", data=settings.paths.data, file=into.resolve() / "kontor.toml")
        console.print(f"[yellow]{escape(told)}[/yellow]", highlight=False, soft_wrap=True)
    return code


def drill(settings: Settings, console: Console, folder: Path | None, now: datetime) -> int:
    """Restore the newest snapshot into a temporary folder, compare, remove it again; the exit status for the shell.

    1 if the restored marts are not those that readers got when the backup was taken.
    """
    data, say = settings.paths.data, Say(settings.company.language)
    try:
        store = Store(_existing(_folder(settings, folder, _NOTHING_TO_TRY)), settings.backup_key())
        with only_one(settings.paths.drill_lock, "kontor restore --drill", now):
            into = Path(tempfile.mkdtemp(prefix="kontor-drill-", dir=data))
            try:
                code, comparison, snapshot = _restore(console, store, into, None, now)
            finally:
                shutil.rmtree(into, ignore_errors=True)
    except (OperationError, IngestionError, OSError) as error:
        problem = in_language(str(error), say.language)
        note(data, DrillDone(now, succeeded=False, snapshot=None, marts=0, equal=0, problem=problem))
        raise
    _compared(console, say, snapshot, comparison)
    problem = None
    if comparison.different or comparison.missing:
        problem = say("drill_other", marts=", ".join([*comparison.different, *comparison.missing]))
    elif code != 0:
        problem = say("drill_not_built")
    marts, equal = len(snapshot.marts or ()), len(comparison.equal)
    note(data, DrillDone(now, problem is None, snapshot.name, marts, equal, problem))
    console.print(say("drill_failed", problem=problem) if problem else say("drill_succeeded"), highlight=False)
    return 1 if problem else 0


def _restore(
    console: Console, store: Store, into: Path, name: str | None, now: datetime
) -> tuple[int, Comparison, Snapshot]:
    names = snapshots(store)
    if not names:
        raise OperationError(f"There is no backup in {store.folder}.")
    snapshot = read_snapshot(store, name or names[0])
    done = 0
    with console.status("…") as spinner:

        def count(saved: object) -> None:
            nonlocal done
            done += 1
            spinner.update(f"{done} / {len(snapshot.files)}")

        settings = bring_back(store, snapshot, into, on_file=count)
    say = Say(settings.company.language)
    console.print(say("restore_files", n=say.number(done), name=snapshot.name), highlight=False)
    with writer_lock(settings.paths.lock, "kontor restore", now):
        rebuild_warehouse(settings, console, now)
        code = run_job(settings, console, load=False, tells=False)
    return code, compare(snapshot, contents_of(settings)), snapshot


def _compared(console: Console, say: Say, snapshot: Snapshot, comparison: Comparison) -> None:
    if snapshot.marts is None:
        console.print(say("restore_nothing_to_compare"))
        return
    how = say("compared_exactly" if comparison.exactly else "compared_by_rows")
    told = say("restore_compared", n=len(comparison.equal), marts=len(snapshot.marts), how=how)
    console.print(told, highlight=False)
    for key, marts in (("restore_other", comparison.different), ("restore_missing", comparison.missing)):
        if marts:
            console.print(f"[yellow]{say(key, marts=', '.join(marts))}[/yellow]", highlight=False)


def _size(snapshot: Snapshot, say: Say) -> str:
    return f"{say.decimal(sum(file.bytes for file in snapshot.files) / 1e6)} MB"


def _folder(settings: Settings, given: Path | None, unsaid: str = _NO_FOLDER) -> Path:
    if given is not None:
        return given.expanduser().resolve()
    if settings.backup.folder is None:
        raise OperationError(unsaid)
    folder = Path(settings.backup.folder).expanduser()
    return folder if folder.is_absolute() else (settings.config.parent / folder).resolve()


def _check_connected(settings: Settings, folder: Path, *, is_named: bool) -> None:
    """Raise OperationError where the drive of the backups is missing: its place would be filled on this machine."""
    last = read_record(settings.paths.data).backup
    if not is_named and last is not None and last.folder == str(folder) and not (folder / "snapshots").is_dir():
        raise OperationError(
            f"{folder} holds no backups, though the last one went there. Is the drive connected? If it was emptied on "
            f"purpose:  kontor backup --to {folder}"
        )
    if not is_named and not folder.is_dir():
        raise OperationError(
            f"The folder of the backups, {folder}, does not exist. Is the drive connected? If it is to lie there, make "
            f"it:  mkdir -p {folder}"
        )


def _existing(folder: Path) -> Path:
    if not (folder / "snapshots").is_dir():
        raise OperationError(f"{folder} holds no backup. Name the folder that holds snapshots/ and objects/.")
    return folder
