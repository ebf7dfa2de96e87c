"""Backup: everything from which the warehouse can be made again, and nothing that can be made from it.

A snapshot is a list of files by their contents: the archive with its journal, refused files, settings and mappings, the
key of the pseudonyms, Dagster's state, and the ledger as Parquet for the record. Contents lie in a store once, however
many snapshots name them; as the archive never changes, a backup costs what the day brought. The warehouse and the
published versions are not saved: `kontor restore` makes them from the archive, to the same marts.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

import duckdb

from ingestion.archive import JOURNAL
from ingestion.sqltext import literal
from kontor.settings import KEY_VARIABLE, Settings
from operations.errors import OperationError
from operations.store import Store, digest
from serving.contents import Contents, published_contents
from serving.publish import kontor_version
from serving.versions import current_version

FORMAT = 1
_STAMP = "%Y%m%dT%H%M%SZ"
_README = """This folder is a backup made by Kontor. To bring it back on any machine, install Kontor there and say
    kontor restore THIS_FOLDER --into NEW_FOLDER
Step by step: docs/betrieb/sicherung.md beside Kontor's code. If names end in .age, first give the key:
    export KONTOR_BACKUP_KEY=AGE-SECRET-KEY-1...
Contents lie in objects/ under their SHA-256; snapshots/*.json say which file has which content. Names that end in .age
are encrypted (age-encryption.org); the key is the KONTOR_BACKUP_KEY of the company.

Dieser Ordner ist eine Sicherung von Kontor. Wiederherstellen, auf jedem Rechner: Kontor installieren, dann
    kontor restore DIESER_ORDNER --into NEUER_ORDNER
Schritt für Schritt: docs/betrieb/sicherung.md beim Code von Kontor. Enden Namen auf .age, zuerst den Schlüssel:
    export KONTOR_BACKUP_KEY=AGE-SECRET-KEY-1...
Die Inhalte liegen in objects/ unter ihrem SHA-256; snapshots/*.json sagt, welche Datei welchen Inhalt hat. Namen auf
.age sind verschlüsselt (age-encryption.org); der Schlüssel ist der KONTOR_BACKUP_KEY des Betriebs.
"""


@dataclass(frozen=True)
class Saved:
    """One file of a snapshot. `path` is relative, with slashes: data/archive/…, settings/…"""

    path: str
    sha256: str
    bytes: int
    modified_ns: int


@dataclass(frozen=True)
class Snapshot:
    """A list of files at a moment (UTC), and what readers were given then."""

    name: str
    taken_at: datetime
    kontor: str
    duckdb: str
    company: str
    files: tuple[Saved, ...]
    marts: Contents | None
    """Rows and digest of every mart that was published then; None if nothing was."""


@dataclass(frozen=True)
class Backup:
    """What a backup did: the snapshot, how many contents were new, and their bytes before encryption."""

    snapshot: Snapshot
    new_files: int
    new_bytes: int
    removed: int
    """Snapshots that made room."""
    changed: list[str]
    """Originals of the archive that are no longer what an earlier snapshot has; this one keeps what that had."""


def back_up(settings: Settings, store: Store, now: datetime, keep: int) -> Backup:
    """Take a snapshot; the newest `keep` stay. The caller holds the writer's lock, so that nothing moves meanwhile.

    Killed at any moment, it leaves the earlier snapshots whole. Raises OperationError.
    """
    if not (settings.paths.archive / JOURNAL).exists():
        raise OperationError(
            f"There is no archive in {settings.paths.archive} yet, so there is nothing to save. Load something first:  "
            "kontor run"
        )
    work = settings.paths.work / "backup"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        store.clear_half_written()
        (store.folder / "README.txt").write_text(_README, encoding="utf-8")
        known = _known(store)
        saved, changed, new_files, new_bytes = [], [], 0, 0
        for path, file in _files(settings, work):
            stamp = file.stat()
            earlier = known.get(path)
            if earlier and store.has(earlier.sha256):
                is_same = (earlier.bytes, earlier.modified_ns) == (stamp.st_size, stamp.st_mtime_ns)
                if not is_same and digest(file)[0] != earlier.sha256:
                    changed.append(path)
                saved.append(earlier)
                continue
            sha256, size, is_new = store.put(file)
            new_files, new_bytes = new_files + is_new, new_bytes + size * is_new
            saved.append(Saved(path, sha256, size, stamp.st_mtime_ns))
        marts = published_contents(settings.paths.serve) if current_version(settings.paths.serve) else None
        name = _name_after(snapshots(store), now)
        snapshot = Snapshot(name, now, kontor_version(), duckdb.__version__, settings.company.name, tuple(saved), marts)
        store.write_text(f"snapshots/{name}.json", _to_json(snapshot))
        removed = _make_room(store, keep)
    except OSError as error:
        raise OperationError(
            f"The backup into {store.folder} failed: {error.strerror or error}. "
            "Earlier backups there are as they were. Check whether the folder is connected, may be written to, and has "
            "room."
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Backup(snapshot, new_files, new_bytes, removed, changed)


def snapshots(store: Store) -> list[str]:
    """The names of the snapshots, newest first; a name is its moment in UTC."""
    found = (store.folder / "snapshots").glob("*.json*")
    return sorted({path.name.partition(".")[0] for path in found if path.suffix in (".json", ".age")}, reverse=True)


def read_snapshot(store: Store, name: str) -> Snapshot:
    """A snapshot by its name. Raises OperationError where there is none, or it cannot be read."""
    plain = store.folder / "snapshots" / f"{name}.json"
    path = plain if plain.is_file() else plain.with_name(plain.name + ".age")
    if not path.is_file():
        there = ", ".join(snapshots(store)) or "none"
        raise OperationError(f"There is no snapshot {name!r} in {store.folder}. There are: {there}.")
    try:
        document = json.loads(store.read_text(path))
        if document["format"] != FORMAT:
            raise OperationError(
                f"{path} was made by a newer Kontor ({document['kontor']}). Install that version, then restore."
            )
        return Snapshot(
            name,
            datetime.fromisoformat(document["taken_at"]),
            document["kontor"],
            document["duckdb"],
            document["company"],
            tuple(Saved(**file) for file in document["files"]),
            document["marts"] and {mart: (rows, digest) for mart, (rows, digest) in document["marts"].items()},
        )
    except (ValueError, KeyError, TypeError) as error:
        raise OperationError(f"{path} is damaged ({error}). Take another snapshot:  kontor restore --list") from None


def _name_after(names: list[str], now: datetime) -> str:
    """A name that follows all others, even where the clock was set back: the oldest are removed by their names."""
    earliest = datetime.strptime(names[0], _STAMP) + timedelta(seconds=1) if names else now
    return max(now, earliest).strftime(_STAMP)


def _files(settings: Settings, work: Path) -> Iterator[tuple[str, Path]]:
    """What is saved: the name in the snapshot, and where it lies now or was copied to."""
    paths = settings.paths
    yield "settings/kontor.toml", settings.config
    yield from _below("settings/mappings", paths.mappings)
    yield "data/.env", _secrets(settings, work)
    yield from _below("data/archive", paths.archive)
    yield from _below("data/refused", paths.refused)
    for name, path in _below("data/dagster", paths.dagster_home):
        if path.suffix == ".db":
            yield name, _copy_sqlite(path, work / name)
        elif path.suffix not in (".db-wal", ".db-shm"):
            yield name, path
    yield from _ledger(settings, work)


def _secrets(settings: Settings, work: Path) -> Path:
    """`data/.env`, with the key of the pseudonyms even where it comes from the environment."""
    line = f"{KEY_VARIABLE}={settings.pseudonym_key()}\n"
    kept = settings.paths.secrets.read_text(encoding="utf-8") if settings.paths.secrets.is_file() else ""
    copy = work / ".env"
    copy.touch(mode=0o600)
    copy.write_text(kept if line in kept else kept + line, encoding="utf-8")
    return copy


def _below(name: str, folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            yield str(PurePosixPath(name, *path.relative_to(folder).parts)), path


def _copy_sqlite(path: Path, target: Path) -> Path:
    """A consistent copy, whoever writes to it meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def _ledger(settings: Settings, work: Path) -> Iterator[tuple[str, Path]]:
    """The tables of the schema ops as Parquet."""
    if not settings.paths.warehouse.is_file():
        return
    folder = work / "ledger"
    folder.mkdir()
    with closing(duckdb.connect(str(settings.paths.warehouse), read_only=True)) as con:
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'ops' order by 1").fetchall()
        for (table,) in tables:
            file = folder / f"{table}.parquet"
            con.execute(f"copy ops.{table} to {literal(str(file))} (format parquet)")
            yield f"data/ledger/{table}.parquet", file


def _known(store: Store) -> dict[str, Saved]:
    """The originals of the archive in the newest snapshot, by path: they never change, so size and time tell whether
    one is what it was."""
    for name in snapshots(store):
        try:
            files = read_snapshot(store, name).files
        except OperationError:
            continue
        return {
            file.path: file
            for file in files
            if file.path.startswith("data/archive/") and not file.path.endswith(f"/{JOURNAL}")
        }
    return {}


def _make_room(store: Store, keep: int) -> int:
    """Remove all snapshots but the newest `keep`, and contents that none of those names."""
    names = snapshots(store)
    if len(names) <= keep:
        return 0
    needed = {file.sha256 for name in names[:keep] for file in read_snapshot(store, name).files}
    for name in names[keep:]:
        for path in (store.folder / "snapshots").glob(f"{name}.json*"):
            path.unlink()
    for sha256, path in store.objects():
        if sha256 not in needed:
            path.unlink()
    return len(names) - keep


def _to_json(snapshot: Snapshot) -> str:
    document = {"format": FORMAT, **asdict(snapshot), "taken_at": snapshot.taken_at.isoformat()}
    return json.dumps(document, indent=1, ensure_ascii=False)
