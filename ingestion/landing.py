"""From the inbox to the archive: finds files, has each loaded in one transaction, and puts it where it belongs.

A file ends in the archive (loaded), in the refused folder with a note beside it, or stays in the inbox (still growing,
or the machine failed). What stands in the ledger is the truth; a file left behind by a crash is put away by the next run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingestion import ledger
from ingestion.content import Member, examine_text, fingerprint, open_members
from ingestion.contract import Contract
from ingestion.errors import FileBusy, FileRefused, IngestionError
from ingestion.ledger import LedgerFile, LoadResult
from ingestion.loader import Readable, load
from ingestion.source import Source

# Left by programs that are still writing, and our own notes.
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", ".lock")
NOTE_SUFFIX = ".note.txt"
# A file changed within this time may still be growing; it is looked at twice.
_SETTLE_SECONDS = 2.0
JOURNAL = "journal.ndjson"


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
class _Stamp:
    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> _Stamp:
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns)

    @property
    def as_of(self) -> datetime:
        return datetime.fromtimestamp(self.modified_ns // 1000 / 1e6, tz=UTC).replace(tzinfo=None)


def find_files(areas: Areas, source: Source) -> list[Path]:
    """The source's files in the inbox, oldest first, so that newer deliveries follow older ones.

    Hidden and unfinished files are not among them. Raises IngestionError when the inbox cannot be read.
    """
    if not areas.inbox.is_dir():
        raise IngestionError(
            f"The inbox {areas.inbox} does not exist or cannot be read. Check  [inbox] folder  in the settings, or "
            "whether the network drive is connected."
        )
    found = [
        path
        for path in areas.inbox.glob(source.files)
        if path.is_file()
        and not path.name.startswith((".", "~$"))
        and not path.name.lower().endswith((*_UNFINISHED, NOTE_SUFFIX))
    ]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, str(path)))


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
    growing = _still_growing(files)
    for path in files:
        name = str(path.relative_to(run.areas.inbox))
        nothing = LoadResult(source.name, contract.kind, contract.table, None, name, "waiting")
        if path in growing:
            yield replace(nothing, message=f"{name} is still being written; the next run reads it.")
            continue
        yield from _take(con, run, contract, source, zone, path, nothing)


def _still_growing(files: list[Path]) -> set[Path]:
    now = time.time()
    fresh = {path: _Stamp.of(path) for path in files if now - path.stat().st_mtime < _SETTLE_SECONDS}
    if not fresh:
        return set()
    time.sleep(_SETTLE_SECONDS / 2)
    return {path for path, stamp in fresh.items() if _Stamp.of(path) != stamp}


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
    try:
        _stay_inside(path, run.areas.inbox)
        stamp = _Stamp.of(path)
        if run.areas.keep_files and _unchanged(con, source, nothing.file_name, stamp):
            return
        results, files = _load_members(con, run, contract, source, zone, path, stamp, nothing)
    except FileBusy as busy:
        yield replace(nothing, message=str(busy))
    except FileRefused as refusal:
        yield _refuse(con, run, path, replace(nothing, status="refused", message=str(refusal)))
    except (duckdb.Error, OSError) as error:
        # The machine failed, not the file: it stays where it is and the next run tries again.
        first_line = str(error).splitlines()[0]
        failed = replace(nothing, status="failed", message=f"{nothing.file_name} could not be loaded: {first_line}")
        ledger.enter_load(con, failed, run.run_id, run.now)
        yield failed
    else:
        loaded = {result.file_id for result in results if result.status == "loaded"}
        _put_away(run, path, files, [file for file in files if file.file_id in loaded])
        yield from results


def _stay_inside(path: Path, inbox: Path) -> None:
    if not path.resolve().is_relative_to(inbox.resolve()):
        raise FileRefused(f"{path.name} is a link that leads out of the inbox; only files inside it are read.")


def _unchanged(con: duckdb.DuckDBPyConnection, source: Source, name: str, stamp: _Stamp) -> bool:
    """Whether a file that stays in its folder was loaded as it is: same name, size and time, as rsync decides it."""
    return bool(
        con.execute(
            "select 1 from ops.file where source_name = ? and file_name = ? and bytes = ? and as_of = ? limit 1",
            [source.name, name, stamp.size, stamp.as_of],
        ).fetchall()
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
) -> tuple[list[LoadResult], list[LedgerFile]]:
    """Load everything a file holds in one transaction; results, and the ledger's entries for its contents."""
    results: list[LoadResult] = []
    files: list[LedgerFile] = []
    con.execute("begin")
    try:
        for member in open_members(path, contract.reader.format, stamp.as_of, run.areas.work):
            shown = nothing.file_name if member.name is None else f"{nothing.file_name} › {member.name}"
            content, sha256 = examine(member, contract, shown)
            file_id = content_id(source, sha256)
            known = ledger.known_file(con, file_id)
            if known is not None:
                files.append(known)
                results.append(
                    replace(
                        nothing,
                        file_id=file_id,
                        file_name=shown,
                        status="duplicate",
                        message=f"{shown} has the same content as {known.file_name}, loaded {known.landed_at:%Y-%m-%d}.",
                    )
                )
                ledger.enter_load(con, results[-1], run.run_id, run.now)
                continue
            file = LedgerFile(
                file_id=file_id,
                source=source.name,
                sha256=sha256,
                bytes=stamp.size,
                file_name=shown,
                member=member.name,
                archive_path=_archive_path(source, file_id if not files else files[0].file_id, path.name, run.now),
                as_of=member.as_of,
                landed_at=run.now,
                sequence=ledger.next_sequence(con),
            )
            results.append(
                load(con, content, contract, source, file, zone=zone, work=run.areas.work, run_id=run.run_id, now=run.now)
            )
            files.append(file)
        if _Stamp.of(path) != stamp:
            raise FileBusy(f"{nothing.file_name} changed while it was read; the next run reads it.")
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return results, files


def examine(member: Member, contract: Contract, name: str) -> tuple[Readable, str]:
    """What is known of a content before it is read: its text facts, and its SHA-256."""
    if contract.reader.format == "excel":
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


def _archive_path(source: Source, file_id: str, name: str, now: datetime) -> str:
    safe = re.sub(r"[\x00-\x1f<>:\"/\\|?*]", "_", name)[-120:]
    return f"{source.name}/{now:%Y-%m}/{now:%Y%m%dT%H%M%S}_{file_id[:8]}_{safe}"


def _put_away(run: Run, path: Path, files: list[LedgerFile], new: list[LedgerFile]) -> None:
    """The file into the archive, unless its content lies there already; then the journal.

    After the commit: whatever is interrupted here, the next run finds the content in the ledger and comes here again.
    """
    areas = run.areas
    missing = [file for file in files if not (areas.archive / file.archive_path).exists()]
    if missing:
        target = areas.archive / missing[0].archive_path
        if areas.keep_files:
            copy_durably(path, target)
        else:
            move_durably(path, target)
        target.chmod(0o444)
    elif not areas.keep_files:
        path.unlink()
    _append_journal(areas, new)


def complete_journal(con: duckdb.DuckDBPyConnection, areas: Areas) -> None:
    """Append to the archive's journal what the ledger has beyond it: a crash may have come between the two.

    The journal lets the archive alone tell its history; `kontor rebuild` reads nothing else.
    """
    written = journal(areas.archive)
    last = written[-1].sequence if written else 0
    _append_journal(areas, [file for file in ledger.files_of(con) if file.sequence > last])


def _append_journal(areas: Areas, files: list[LedgerFile]) -> None:
    if not files:
        return
    with (areas.archive / JOURNAL).open("a", encoding="utf-8") as out:
        out.writelines(json.dumps(_journal_entry(file), ensure_ascii=False) + "\n" for file in files)
        out.flush()
        os.fsync(out.fileno())


def _journal_entry(file: LedgerFile) -> dict[str, object]:
    return {
        **file.__dict__,
        "as_of": file.as_of.isoformat(),
        "landed_at": file.landed_at.isoformat(),
    }


def journal(archive: Path) -> list[LedgerFile]:
    """The archive's own record of its files, in the order in which they were loaded. A line cut off by a crash at the
    very end is left out, and cut from the file."""
    path = archive / JOURNAL
    if not path.exists():
        return []
    text = path.read_bytes()
    complete = text[: text.rfind(b"\n") + 1]
    if len(complete) < len(text):
        with path.open("r+b") as file:
            file.truncate(len(complete))
    return [
        LedgerFile(
            **{
                **entry,
                "as_of": datetime.fromisoformat(entry["as_of"]),
                "landed_at": datetime.fromisoformat(entry["landed_at"]),
            }
        )
        for entry in map(json.loads, complete.decode("utf-8").splitlines())
    ]


def _refuse(con: duckdb.DuckDBPyConnection, run: Run, path: Path, result: LoadResult) -> LoadResult:
    """Move the file aside and write the reason beside it; files that belong to somebody else stay."""
    target = run.areas.refused / result.source / path.name
    number = 1
    while target.exists():
        number += 1
        target = run.areas.refused / result.source / f"{path.stem} ({number}){path.suffix}"
    note = target.with_name(target.name + NOTE_SUFFIX)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(
        f"{result.message}\n\n"
        f"Source: {result.source} ({result.kind})\nFile: {result.file_name}\nRefused: {run.now:%Y-%m-%d %H:%M} UTC\n\n"
        f"When the cause is mended, `kontor replay {result.source}` reads the file again.\n"
        f"Ist die Ursache behoben, liest `kontor replay {result.source}` die Datei erneut.\n",
        encoding="utf-8",
    )
    if not run.areas.keep_files:
        move_durably(path, target)
    ledger.enter_load(con, result, run.run_id, run.now)
    return result


def move_durably(path: Path, target: Path) -> None:
    """Move a file; across file systems copy it completely before the original goes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.rename(target)
    except OSError:
        copy_durably(path, target)
        path.unlink()


def copy_durably(path: Path, target: Path) -> None:
    """Copy a file so that it is complete under its name or not there at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    shutil.copy2(path, partial)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)
