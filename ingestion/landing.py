"""From the inbox to the archive: finds files, has each loaded in one transaction, and puts it where it belongs.

A file ends in the archive (loaded), in the refused folder with a note beside it, or stays in the inbox (still growing,
or the machine failed). What stands in the ledger is the truth; a file left behind by a crash is put away by the next
run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import duckdb

from ingestion import ledger
from ingestion.archive import (
    append_journal,
    bring_all_to_disk,
    fitting,
    is_archived,
    move_durably,
    place_in_archive,
    printable,
    put_into_archive,
)
from ingestion.bundle import Piece, batches, goes_together, load_all, load_together, piece_of
from ingestion.content import NO_TEXT, Member, examine_text, fingerprint, is_packed, open_members
from ingestion.contract import Contract
from ingestion.errors import FileBusy, FileRefused, InboxAway, IngestionError, is_full
from ingestion.ledger import LedgerFile, LoadResult
from ingestion.loader import Loading, Readable
from ingestion.source import Source
from ingestion.warehouse import is_damage, transaction

# Left by programs that are still writing, and our own notes.
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", ".lock")
NOTE_SUFFIX = ".note.txt"
# A file changed within this time may still be growing; it is looked at twice.
_SETTLE_SECONDS = 2.0


@dataclass(frozen=True)
class Areas:
    """The folders of the landing area. With `keep_files` the inbox belongs to somebody else: files are copied."""

    inbox: Path
    archive: Path
    refused: Path
    work: Path
    keep_files: bool = False

    def prepare(self) -> None:
        """Make the folders, and empty the one for temporary files, which only an interrupted run leaves behind."""
        shutil.rmtree(self.work, ignore_errors=True)
        folders = [self.archive, self.refused, self.work] + ([] if self.keep_files else [self.inbox])
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True)
class Run:
    """What all files of one run have in common. `now` is UTC without zone."""

    areas: Areas
    run_id: str
    now: datetime


@dataclass(frozen=True)
class _Held:
    """A content that a file of the inbox holds, as the ledger knows it: new, or known from before.

    `is_original` says whether that file, or one with no other content, is what the ledger means.
    """

    file: LedgerFile
    is_new: bool
    is_original: bool


@dataclass(frozen=True)
class _Stamp:
    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> _Stamp:
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns)

    @classmethod
    def if_there(cls, path: Path) -> _Stamp | None:
        """None when the file has been taken away or renamed, as programs do that deliver files."""
        try:
            return cls.of(path)
        except FileNotFoundError:
            return None

    @property
    def as_of(self) -> datetime:
        return datetime.fromtimestamp(self.modified_ns // 1000 / 1e6, tz=UTC).replace(tzinfo=None)


# Name, size and time of a file.
_Mark = tuple[str, int, datetime]


@dataclass(frozen=True)
class _Found:
    """A file of the inbox as it was found, and the result of nothing having been done with it."""

    path: Path
    stamp: _Stamp | None
    nothing: LoadResult

    @property
    def bytes(self) -> int:
        return self.stamp.size if self.stamp else 0

    @property
    def mark(self) -> _Mark | None:
        return (self.nothing.file_name, self.stamp.size, self.stamp.as_of) if self.stamp else None


def find_files(areas: Areas, source: Source) -> list[Path]:
    """The source's files in the inbox, oldest first, so that newer deliveries follow older ones.

    Hidden and unfinished files are not among them. Raises InboxAway when the inbox cannot be read.
    """
    if not areas.inbox.is_dir():
        raise InboxAway(
            f"The inbox {areas.inbox} does not exist or cannot be read. Check  [inbox] folder  in the settings, or "
            "whether the network drive is connected."
        )
    if not _may_read(areas.inbox):
        raise IngestionError(_NOT_READABLE.format(areas.inbox))
    found = [
        (stamp.modified_ns, str(path), path)
        for path in areas.inbox.glob(source.files)
        if path.is_file()
        and not path.name.startswith((".", "~$"))
        and not path.name.lower().endswith((*_UNFINISHED, NOTE_SUFFIX))
        and (stamp := _Stamp.if_there(path)) is not None
    ]
    return [path for _, _, path in sorted(found)]


def marks_of(areas: Areas, source: Source, changed_since: datetime | None = None) -> list[str]:
    """A short mark for each of the source's files in the inbox, another one as soon as the file is written to.

    With `changed_since` (UTC without zone), only for files written since. Raises IngestionError as `find_files` does.
    """
    marks = []
    for path in find_files(areas, source):
        stamp = _Stamp.if_there(path)
        if stamp is not None and (changed_since is None or stamp.as_of >= changed_since):
            told = f"{path.relative_to(areas.inbox)}|{stamp.size}|{stamp.modified_ns}"
            marks.append(hashlib.blake2b(told.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest())
    return sorted(marks)


_NOT_READABLE = (
    "The folder {} may not be read by the user under whom Kontor runs, so what lies in it is not loaded. Give that "
    "user the right to read and to write in it; the next run loads the files."
)


def _unreadable_folders(inbox: Path, source: Source) -> list[Path]:
    """Folders in which the source's files would lie, if one could look into them: a search passes over such in
    silence, and a source whose files cannot be seen is not one that has none."""
    parts = Path(source.files).parent.parts
    patterns = ["/".join(parts[: length + 1]) for length in range(len(parts))]
    folders = {folder for pattern in patterns for folder in inbox.glob(pattern) if folder.is_dir()}
    return sorted(folder for folder in folders if not _may_read(folder))


def _may_read(folder: Path) -> bool:
    try:
        os.scandir(folder).close()
    except PermissionError:
        return False
    return os.access(folder, os.X_OK)


def unclaimed_files(areas: Areas, sources: list[Source]) -> list[Path]:
    """Files in the inbox that no source takes. With `keep_files` the folder may hold anything: none."""
    if areas.keep_files or not areas.inbox.is_dir():
        return []
    claimed = {path for source in sources for path in areas.inbox.glob(source.files)}
    everything = (path for path in areas.inbox.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(path for path in everything if path not in claimed)


def load_source(
    con: duckdb.DuckDBPyConnection, run: Run, contract: Contract, source: Source, zone: str
) -> Iterator[LoadResult]:
    """Load what the inbox holds for a source, in order; one result for every file, or every file in a zip.

    A file that fails does not stop the next one. Small ones share transactions.
    """
    loading = Loading(con, contract, source, zone, run.areas.work, run.run_id, run.now)
    files = find_files(run.areas, source)
    for folder in _unreadable_folders(run.areas.inbox, source):
        name = printable(str(folder.relative_to(run.areas.inbox)))
        nothing = LoadResult(source.name, contract.kind, contract.table, None, name, "failed")
        yield _fail(loading, nothing, _NOT_READABLE.format(folder))
    growing = _still_growing(files)
    ready: list[_Found] = []
    for path in files:
        name = printable(str(path.relative_to(run.areas.inbox)))
        nothing = LoadResult(source.name, contract.kind, contract.table, None, name, "waiting")
        if path in growing:
            yield replace(nothing, message=f"{name} is still being written; the next run reads it.")
        else:
            ready.append(_Found(path, _Stamp.if_there(path), nothing))
    if run.areas.keep_files:
        unchanged = _unchanged(loading, run.areas.archive)
        ready = [found for found in ready if found.mark not in unchanged]
    for batch in batches(ready, contract):
        yield from _take_batch(run, loading, batch)


def _still_growing(files: list[Path]) -> set[Path]:
    before = {path: _Stamp.if_there(path) for path in files}
    oldest = time.time_ns() - int(_SETTLE_SECONDS * 1e9)
    fresh = {path: stamp for path, stamp in before.items() if stamp is None or stamp.modified_ns > oldest}
    if not fresh:
        return set()
    time.sleep(_SETTLE_SECONDS / 2)
    return {path for path, stamp in fresh.items() if stamp is None or _Stamp.if_there(path) != stamp}


def _take_batch(run: Run, loading: Loading, batch: Sequence[_Found]) -> Iterator[LoadResult]:
    """Files of the inbox in their order: the ordinary ones that follow each other together, others by themselves."""
    inside = _Inside(run.areas.inbox)
    known = ledger.ids_of(loading.con, loading.source.name)
    together: dict[str, tuple[_Found, Piece]] = {}
    for found in batch:
        piece = _piece(run, loading, found, inside)
        if piece is not None and piece.file.file_id not in known and piece.file.file_id not in together:
            together[piece.file.file_id] = found, piece
        else:
            for result in chain(_take_together(run, loading, list(together.values())), _take(run, loading, found)):
                if result.file_id is not None:
                    known.add(result.file_id)
                yield result
            together = {}
    yield from _take_together(run, loading, list(together.values()))


def _piece(run: Run, loading: Loading, found: _Found, inside: _Inside) -> Piece | None:
    """A file as one of many; None where anything about it is out of the ordinary."""
    path, stamp, name = found.path, found.stamp, found.nothing.file_name
    if stamp is None or not goes_together(loading.contract, stamp.size):
        return None
    try:
        inside.check(path)
        if is_packed(path):
            return None
        content, sha256 = examine(Member(path, None, stamp.as_of, is_temporary=False), loading.contract, name)
        return piece_of(content, loading.contract, _entry(run, loading.source, found, content, sha256))
    except (FileRefused, OSError):
        return None


def _take_together(run: Run, loading: Loading, taken: Sequence[tuple[_Found, Piece]]) -> Iterator[LoadResult]:
    """Load files in one transaction, then put each away. Where that fails, halves are tried, so that only the one at
    fault stays."""
    if len(taken) < 2:
        for found, _ in taken:
            yield from _take(run, loading, found)
        return
    try:
        with transaction(loading.con):
            first = ledger.next_sequence(loading.con)
            pieces = [
                replace(piece, file=replace(piece.file, sequence=number))
                for number, (_, piece) in enumerate(taken, start=first)
            ]
            results = list(load_together(loading, pieces))
            _secure(run.areas, [found for found, _ in taken])
    except (duckdb.Error, OSError, IngestionError):
        middle = len(taken) // 2
        yield from _take_together(run, loading, taken[:middle])
        yield from _take_together(run, loading, taken[middle:])
        return
    archived: list[LedgerFile] = []
    for (found, _), piece, result in zip(taken, pieces, results, strict=True):
        yield result
        try:
            put_into_archive(run.areas.archive, piece.file, found.path, keep_original=run.areas.keep_files)
        except OSError as error:
            yield _fail(loading, found.nothing, _not_archived(result.file_name, error))
        else:
            archived.append(piece.file)
    append_journal(run.areas.archive, archived)


def _take(run: Run, loading: Loading, found: _Found) -> Iterator[LoadResult]:
    """One file of the inbox: load it in one transaction, then put it away."""
    path, nothing = found.path, found.nothing
    name = nothing.file_name
    try:
        stamp = _Stamp.of(path)
        _Inside(run.areas.inbox).check(path)
        results, held = _load_members(run, loading, replace(found, stamp=stamp))
    except FileBusy as busy:
        yield replace(nothing, message=str(busy))
    except FileRefused as refusal:
        if _Stamp.if_there(path) == stamp:
            yield _refuse(run, loading, path, replace(nothing, status="refused", message=str(refusal)))
        else:
            yield replace(nothing, message=_CHANGED.format(name))
    except (duckdb.Error, OSError, IngestionError) as error:
        if is_full(error) or (isinstance(error, duckdb.Error) and is_damage(str(error))):
            # So it would be with every file that follows.
            raise
        # The machine failed or the loader has a defect: the file stays where it is and the next run tries again.
        yield _fail(loading, nothing, f"{name} could not be loaded: {_first_line(error)} It stays in the inbox.")
    else:
        try:
            _put_away(run, path, held)
        except OSError as error:
            yield from (*results, _fail(loading, nothing, _not_archived(name, error)))
        else:
            yield from results


def _not_archived(name: str, error: OSError) -> str:
    return f"{name} is loaded but cannot be moved to the archive: {_first_line(error)} The next run tries again."


_CHANGED = "{} changed while it was read; the next run reads it."


def _fail(loading: Loading, nothing: LoadResult, message: str) -> LoadResult:
    failed = replace(nothing, status="failed", message=message)
    ledger.enter_load(loading.con, failed, loading.run_id, loading.now)
    return failed


def _first_line(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    line = (said.splitlines() or [type(error).__name__])[0].strip()
    return line if line.endswith((".", "!", "?")) else f"{line}."


class _Inside:
    """Whether files lie in the inbox itself. Where folders really lie is found out once, it takes a call for each."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox.resolve()
        self._folders: dict[Path, bool] = {}

    def check(self, path: Path) -> None:
        """Raise FileRefused for a file that a link leads out of the inbox to."""
        folder = path.parent
        if folder not in self._folders:
            self._folders[folder] = folder.resolve().is_relative_to(self._inbox)
        if self._folders[folder] and (not path.is_symlink() or path.resolve().is_relative_to(self._inbox)):
            return
        raise FileRefused(
            f"{printable(path.name)} is a link, or lies behind one, that leads out of the inbox; only files inside it "
            "are read. Put a copy of the file in, or name its folder under  [inbox] folder  in the settings."
        )


def _unchanged(loading: Loading, archive: Path) -> frozenset[_Mark]:
    """The files of a folder of others that were loaded as they are: same name, size and time, as rsync decides it. One
    that was loaded and not archived, since the run was killed in between, is looked at again."""
    files = ledger.files_of(loading.con, loading.source.name)
    return frozenset((file.file_name, file.bytes, file.as_of) for file in files if is_archived(archive, file))


def _load_members(run: Run, loading: Loading, found: _Found) -> tuple[list[LoadResult], list[_Held]]:
    """Load everything a file holds in one transaction; results, and the ledger's entries for its contents."""
    con, reader, name = loading.con, loading.contract.reader, found.nothing.file_name
    results: list[LoadResult] = []
    held: list[_Held] = []
    new: dict[str, LedgerFile] = {}

    def new_contents() -> Iterator[tuple[Readable, LedgerFile]]:
        first = ledger.next_sequence(con)
        for member in open_members(found.path, reader.format, found.stamp.as_of, run.areas.work, reader.members):
            shown = name if member.name is None else f"{name} \u203a {member.name}"
            content, sha256 = examine(member, loading.contract, shown)
            file = _entry(run, loading.source, found, content, sha256)
            known = new.get(file.file_id) or ledger.known_file(con, file.file_id)
            if known is None:
                if new:
                    file = replace(file, archive_path=next(iter(new.values())).archive_path)
                file = replace(file, file_name=shown, member=member.name, as_of=member.as_of, sequence=first + len(new))
                new[file.file_id] = file
                held.append(_Held(file, is_new=True, is_original=True))
                yield content, file
                continue
            is_original = known.file_name == shown or (known.member is None and member.name is None)
            held.append(_Held(known, is_new=False, is_original=is_original))
            said = f"{shown} has the same content as {known.file_name}, loaded {known.landed_at:%Y-%m-%d}."
            results.append(
                replace(found.nothing, file_id=file.file_id, file_name=shown, status="duplicate", message=said)
            )
            ledger.enter_load(con, results[-1], run.run_id, run.now)

    with transaction(con):
        # One after the other: what is a duplicate is told in between.
        for result in load_all(loading, new_contents()):
            results.append(result)
        _secure(run.areas, [found])
    return results, held


def _entry(run: Run, source: Source, found: _Found, content: Readable, sha256: str) -> LedgerFile:
    """The ledger's entry of a file that is one content, without its number."""
    file_id = content_id(source, sha256)
    return LedgerFile(
        file_id=file_id,
        source=source.name,
        sha256=sha256,
        bytes=found.stamp.size,
        file_name=found.nothing.file_name,
        member=None,
        archive_path=place_in_archive(source, file_id, found.path.name, run.now),
        content_bytes=content.path.stat().st_size,
        as_of=found.stamp.as_of,
        landed_at=run.now,
        sequence=0,
    )


def _secure(areas: Areas, files: Sequence[_Found]) -> None:
    """Before the ledger says that files are here: each must still be what was read, and whoever delivered it may have
    written it a moment ago, so that a loss of power would take it again. What is copied into the archive is brought to
    the disk there. Raises FileBusy for one that has changed."""
    for found in files:
        if _Stamp.if_there(found.path) != found.stamp:
            raise FileBusy(_CHANGED.format(found.nothing.file_name))
    if not areas.keep_files:
        bring_all_to_disk([found.path for found in files])


def examine(member: Member, contract: Contract, name: str) -> tuple[Readable, str]:
    """What is known of a content before it is read: its text facts, and its SHA-256."""
    if contract.reader.format in NO_TEXT:
        found = fingerprint(member.path)
        if found.size == 0:
            raise FileRefused(f"{name} is empty (0 bytes). The export has probably failed: run it again.")
        return Readable(member.path, None), found.sha256
    found, facts = examine_text(member.path, contract.reader.encoding, name)
    if found.size == 0:
        raise FileRefused(f"{name} is empty (0 bytes). The export has probably failed: run it again.")
    return Readable(member.path, facts), found.sha256


def content_id(source: Source, sha256: str) -> str:
    """A content's id in the ledger: the same content is the same under any name, but apart for each source."""
    return hashlib.sha256(f"{source.name}\n{sha256}".encode()).hexdigest()[:16]


def _put_away(run: Run, path: Path, held: list[_Held]) -> None:
    """The file into the archive, unless its content lies there already; then the journal.

    After the commit: whatever is interrupted here, the next run finds the content in the ledger and comes here again.
    """
    areas = run.areas
    new = [one.file for one in held if one.is_new]
    lacking = [one for one in held if not one.is_new and not is_archived(areas.archive, one.file)]
    if new:
        put_into_archive(areas.archive, new[0], path, keep_original=areas.keep_files)
    elif lacking and all(one.is_original for one in lacking):
        put_into_archive(areas.archive, lacking[0].file, path, keep_original=areas.keep_files)
    elif not lacking and not areas.keep_files:
        path.unlink()
    # Otherwise an original has not reached the archive yet, and this file, which repeats it, stays until it has.
    append_journal(areas.archive, new)


def _refuse(run: Run, loading: Loading, path: Path, result: LoadResult) -> LoadResult:
    """Move the file aside and write the reason beside it; files that belong to somebody else stay."""
    folder = run.areas.refused / result.source
    name = Path(fitting("", printable(path.name)))
    target = folder / name
    number = 1
    while target.exists() or target.is_symlink():
        number += 1
        target = folder / f"{name.stem} ({number}){name.suffix}"
    note = target.with_name(target.name + NOTE_SUFFIX)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(
        f"{result.message}\n\n"
        f"Source: {result.source} ({result.kind})\nFile: {result.file_name}\nRefused: {run.now:%Y-%m-%d %H:%M} UTC\n\n"
        f"When the cause is mended, `kontor replay {result.source}` reads the file again.\n"
        f"Ist die Ursache behoben, liest `kontor replay {result.source}` die Datei erneut.\n",
        encoding="utf-8",
    )
    # Behind a linked folder it is somebody else's file, wherever that folder lies.
    if not run.areas.keep_files and path.parent.resolve().is_relative_to(run.areas.inbox.resolve()):
        move_durably(path, target)
    ledger.enter_load(loading.con, result, run.run_id, run.now)
    return result
