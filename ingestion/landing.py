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
from pathlib import Path

import duckdb

from ingestion import ledger
from ingestion.archive import (
    append_journal,
    bring_to_disk,
    fitting,
    is_archived,
    move_durably,
    place_in_archive,
    printable,
    put_into_archive,
)
from ingestion.content import NO_TEXT, Member, examine_text, fingerprint, is_packed, open_members
from ingestion.contract import Contract
from ingestion.errors import FileBusy, FileRefused, InboxAway, IngestionError, is_full
from ingestion.ledger import LedgerFile, LoadResult
from ingestion.loader import Readable, in_one_go, load, load_documents
from ingestion.readers import einvoice
from ingestion.source import Source
from ingestion.warehouse import is_damage

# Left by programs that are still writing, and our own notes.
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", ".lock")
NOTE_SUFFIX = ".note.txt"
# A file changed within this time may still be growing; it is looked at twice.
_SETTLE_SECONDS = 2.0
# So many files of one document each are loaded in one transaction; as many are held in memory, some 20 kB each.
MOST_TOGETHER = 2000


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
    """Load what the inbox holds for a source, file by file; one result for every file, or every file in a zip.

    A file that fails does not stop the next one.
    """
    files = find_files(run.areas, source)
    for folder in _unreadable_folders(run.areas.inbox, source):
        name = printable(str(folder.relative_to(run.areas.inbox)))
        nothing = LoadResult(source.name, contract.kind, contract.table, None, name, "failed")
        yield _fail(con, run, nothing, _NOT_READABLE.format(folder))
    growing = _still_growing(files)
    together: list[tuple[Path, LoadResult]] = []
    for path in files:
        name = printable(str(path.relative_to(run.areas.inbox)))
        nothing = LoadResult(source.name, contract.kind, contract.table, None, name, "waiting")
        if path in growing:
            yield replace(nothing, message=f"{name} is still being written; the next run reads it.")
        elif in_one_go(contract):
            together.append((path, nothing))
        else:
            yield from _take(con, run, contract, source, zone, path, nothing)
    for start in range(0, len(together), MOST_TOGETHER):
        yield from _take_together(con, run, contract, source, zone, together[start : start + MOST_TOGETHER])


def _still_growing(files: list[Path]) -> set[Path]:
    before = {path: _Stamp.if_there(path) for path in files}
    oldest = time.time_ns() - int(_SETTLE_SECONDS * 1e9)
    fresh = {path: stamp for path, stamp in before.items() if stamp is None or stamp.modified_ns > oldest}
    if not fresh:
        return set()
    time.sleep(_SETTLE_SECONDS / 2)
    return {path for path, stamp in fresh.items() if stamp is None or _Stamp.if_there(path) != stamp}


def _take_together(
    con: duckdb.DuckDBPyConnection,
    run: Run,
    contract: Contract,
    source: Source,
    zone: str,
    found: Sequence[tuple[Path, LoadResult]],
) -> Iterator[LoadResult]:
    """Files that are one document each: load them in one transaction, then put each away.

    Whatever is out of the ordinary goes by itself, as files of other kinds do: packed files, contents that are known
    already, and all of them where the transaction fails, so that only the one at fault stays.
    """
    alone: list[tuple[Path, LoadResult]] = []
    read: dict[str, tuple[_Document, LoadResult]] = {}
    unchanged = _all_unchanged(con, run, source) if run.areas.keep_files else frozenset()
    inside = _Inside(run.areas.inbox)
    for path, nothing in found:
        try:
            stamp = _Stamp.of(path)
            if (nothing.file_name, stamp.size, stamp.as_of) in unchanged:
                continue
            inside.check(path)
            document = _read_document(run, source, path, stamp, nothing.file_name)
        except (FileRefused, OSError):
            document = None
        if document is None or document.file.file_id in read:
            alone.append((path, nothing))
        else:
            read[document.file.file_id] = (document, nothing)
    for file_id in ledger.known_files(con, list(read)):
        document, nothing = read.pop(file_id)
        alone.append((document.path, nothing))
    try:
        loaded = _load_together(con, run, contract, source, zone, [document for document, _ in read.values()])
    except (FileBusy, duckdb.Error, OSError, IngestionError):
        alone = list(found)
    else:
        archived: list[LedgerFile] = []
        for (document, nothing), (file, result) in zip(read.values(), loaded, strict=True):
            yield result
            try:
                put_into_archive(run.areas.archive, file, document.path, keep_original=run.areas.keep_files)
            except OSError as error:
                yield _fail(con, run, nothing, _not_archived(nothing.file_name, error))
            else:
                archived.append(file)
        append_journal(run.areas.archive, archived)
    for path, nothing in alone:
        yield from _take(con, run, contract, source, zone, path, nothing)


@dataclass(frozen=True)
class _Document:
    """A file of the inbox that is one document, as it was read."""

    path: Path
    stamp: _Stamp
    file: LedgerFile
    content: einvoice.Document


def _read_document(run: Run, source: Source, path: Path, stamp: _Stamp, name: str) -> _Document | None:
    """The document that a file is; None for one that holds others, or too much. Raises FileRefused or OSError."""
    if not 0 < stamp.size <= einvoice.MAX_BYTES:
        return None
    data = path.read_bytes()
    if is_packed(data):
        return None
    sha256 = hashlib.sha256(data).hexdigest()
    file_id = content_id(source, sha256)
    file = LedgerFile(
        file_id=file_id,
        source=source.name,
        sha256=sha256,
        bytes=stamp.size,
        file_name=name,
        member=None,
        archive_path=place_in_archive(source, file_id, path.name, run.now),
        content_bytes=len(data),
        as_of=stamp.as_of,
        landed_at=run.now,
        sequence=0,
    )
    return _Document(path, stamp, file, einvoice.read_document(data, name))


def _load_together(
    con: duckdb.DuckDBPyConnection,
    run: Run,
    contract: Contract,
    source: Source,
    zone: str,
    documents: Sequence[_Document],
) -> list[tuple[LedgerFile, LoadResult]]:
    """Load documents in one transaction; their entries in the ledger, and what became of each.

    Raises FileBusy when one of the files has changed since it was read.
    """
    if not documents:
        return []
    con.execute("begin")
    try:
        first = ledger.next_sequence(con)
        numbered = [
            (replace(document.file, sequence=number), document.content)
            for number, document in enumerate(documents, start=first)
        ]
        loaded = load_documents(
            con, numbered, contract, source, zone=zone, work=run.areas.work, run_id=run.run_id, now=run.now
        )
        results = {result.file_id: result for result in loaded}
        for document in documents:
            if _Stamp.if_there(document.path) != document.stamp:
                raise FileBusy(_CHANGED.format(document.file.file_name))
            _secure(run.areas, document.path)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return [(file, results[file.file_id]) for file, _ in numbered]


def _take(
    con: duckdb.DuckDBPyConnection,
    run: Run,
    contract: Contract,
    source: Source,
    zone: str,
    path: Path,
    nothing: LoadResult,
) -> Iterator[LoadResult]:
    """One file of the inbox: load it in one transaction, then put it away."""
    name = nothing.file_name
    try:
        stamp = _Stamp.of(path)
        _Inside(run.areas.inbox).check(path)
        if run.areas.keep_files and _unchanged(con, run, source, name, stamp):
            return
        results, held = _load_members(con, run, contract, source, zone, path, stamp, nothing)
    except FileBusy as busy:
        yield replace(nothing, message=str(busy))
    except FileRefused as refusal:
        if _Stamp.if_there(path) == stamp:
            yield _refuse(con, run, path, replace(nothing, status="refused", message=str(refusal)))
        else:
            yield replace(nothing, message=_CHANGED.format(name))
    except (duckdb.Error, OSError, IngestionError) as error:
        if is_full(error) or (isinstance(error, duckdb.Error) and is_damage(str(error))):
            # So it would be with every file that follows.
            raise
        # The machine failed or the loader has a defect: the file stays where it is and the next run tries again.
        yield _fail(con, run, nothing, f"{name} could not be loaded: {_first_line(error)} It stays in the inbox.")
    else:
        try:
            _put_away(run, path, held)
        except OSError as error:
            yield from (*results, _fail(con, run, nothing, _not_archived(name, error)))
        else:
            yield from results


def _not_archived(name: str, error: OSError) -> str:
    return f"{name} is loaded but cannot be moved to the archive: {_first_line(error)} The next run tries again."


_CHANGED = "{} changed while it was read; the next run reads it."


def _fail(con: duckdb.DuckDBPyConnection, run: Run, nothing: LoadResult, message: str) -> LoadResult:
    failed = replace(nothing, status="failed", message=message)
    ledger.enter_load(con, failed, run.run_id, run.now)
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


def _all_unchanged(con: duckdb.DuckDBPyConnection, run: Run, source: Source) -> frozenset[tuple[str, int, datetime]]:
    """Name, size and time of all files that were loaded for a source, to tell `_unchanged` of many at once."""
    files = ledger.files_of(con, source.name)
    return frozenset((file.file_name, file.bytes, file.as_of) for file in files if is_archived(run.areas.archive, file))


def _unchanged(con: duckdb.DuckDBPyConnection, run: Run, source: Source, name: str, stamp: _Stamp) -> bool:
    """Whether a file that stays in its folder was loaded as it is: same name, size and time, as rsync decides it. One
    that was loaded and not archived, since the run was killed in between, is looked at again."""
    files = ledger.files_named(con, source.name, name)
    return any(
        (file.bytes, file.as_of) == (stamp.size, stamp.as_of) and is_archived(run.areas.archive, file) for file in files
    )


def _load_members(
    con: duckdb.DuckDBPyConnection,
    run: Run,
    contract: Contract,
    source: Source,
    zone: str,
    path: Path,
    stamp: _Stamp,
    nothing: LoadResult,
) -> tuple[list[LoadResult], list[_Held]]:
    """Load everything a file holds in one transaction; results, and the ledger's entries for its contents."""
    results: list[LoadResult] = []
    held: list[_Held] = []
    waiting: dict[str, tuple[LedgerFile, einvoice.Document]] = {}
    archive_path: str | None = None

    def load_waiting() -> None:
        if waiting:
            results.extend(
                load_documents(
                    con,
                    list(waiting.values()),
                    contract,
                    source,
                    zone=zone,
                    work=run.areas.work,
                    run_id=run.run_id,
                    now=run.now,
                )
            )
            waiting.clear()

    con.execute("begin")
    try:
        reader = contract.reader
        for member in open_members(path, reader.format, stamp.as_of, run.areas.work, reader.members):
            shown = nothing.file_name if member.name is None else f"{nothing.file_name} \u203a {member.name}"
            content, sha256 = examine(member, contract, shown)
            file_id = content_id(source, sha256)
            known = waiting[file_id][0] if file_id in waiting else ledger.known_file(con, file_id)
            if known is not None:
                is_original = known.file_name == shown or (known.member is None and member.name is None)
                held.append(_Held(known, is_new=False, is_original=is_original))
                results.append(
                    replace(
                        nothing,
                        file_id=file_id,
                        file_name=shown,
                        status="duplicate",
                        message=f"{shown} has the same content as {known.file_name}, "
                        f"loaded {known.landed_at:%Y-%m-%d}.",
                    )
                )
                ledger.enter_load(con, results[-1], run.run_id, run.now)
                continue
            archive_path = archive_path or place_in_archive(source, file_id, path.name, run.now)
            file = LedgerFile(
                file_id=file_id,
                source=source.name,
                sha256=sha256,
                bytes=stamp.size,
                file_name=shown,
                member=member.name,
                archive_path=archive_path,
                content_bytes=content.path.stat().st_size,
                as_of=member.as_of,
                landed_at=run.now,
                sequence=ledger.next_sequence(con) + len(waiting),
            )
            held.append(_Held(file, is_new=True, is_original=True))
            if in_one_go(contract):
                waiting[file_id] = (file, einvoice.read_document(content.path.read_bytes(), shown))
                if len(waiting) == MOST_TOGETHER:
                    load_waiting()
                continue
            results.append(
                load(
                    con, content, contract, source, file, zone=zone, work=run.areas.work, run_id=run.run_id, now=run.now
                )
            )
        load_waiting()
        if _Stamp.if_there(path) != stamp:
            raise FileBusy(_CHANGED.format(nothing.file_name))
        _secure(run.areas, path)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return results, held


def _secure(areas: Areas, path: Path) -> None:
    """Before the ledger says that a file is here: whoever delivered it may have written it a moment ago, and a loss of
    power would take it again. One that is copied into the archive is brought to the disk there."""
    if not areas.keep_files:
        bring_to_disk(path)


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


def _refuse(con: duckdb.DuckDBPyConnection, run: Run, path: Path, result: LoadResult) -> LoadResult:
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
    ledger.enter_load(con, result, run.run_id, run.now)
    return result
