"""The archive: the untouched originals of everything that was loaded, and the journal that tells their history.

Here belong where an original lies, how it gets there whole, and its entry in the journal. What is loaded and when is
decided in landing.py; what stands in the ledger is the truth, and the journal repeats it, so that the archive alone
can tell its history.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion import ledger
from ingestion.errors import IngestionError
from ingestion.ledger import LedgerFile
from ingestion.source import Source

# File systems allow 255 bytes; what we add to a name, such as .partial or the ending of a note, must fit too.
_LONGEST_NAME_BYTES = 200
JOURNAL = "journal.ndjson"
_FLUSHED_AT_ONCE = 16


def place_in_archive(source: Source, file_id: str, name: str, now: datetime) -> str:
    """Where a file of that name and content will lie, relative to the archive; a name that every file system takes."""
    safe = re.sub(r"[\x00-\x1f<>:\"/\\|?*]", "_", printable(name))
    return f"{source.name}/{now:%Y-%m}/" + fitting(f"{now:%Y%m%dT%H%M%S}_{file_id[:8]}_", safe)


def fitting(start: str, name: str) -> str:
    """Both together, with so much of the name's beginning left out that file systems take it."""
    return start + name.encode("utf-8")[-(_LONGEST_NAME_BYTES - len(start.encode("utf-8"))) :].decode("utf-8", "ignore")


def is_archived(archive: Path, file: LedgerFile) -> bool:
    """Whether the original of a content has reached the archive, and all of it."""
    original = archive / file.archive_path
    return original.is_file() and original.stat().st_size == file.bytes


def put_into_archive(archive: Path, file: LedgerFile, path: Path, *, keep_original: bool) -> None:
    """Put the original of a content, which lies at `path`, where it stays, whole and write-protected.

    With `keep_original` it belongs to somebody else and is copied.
    """
    target = archive / file.archive_path
    if keep_original or path.is_symlink():
        # A link leads to a file that is taken under its own name too; only its content goes into the archive.
        copy_durably(path, target)
        if not keep_original:
            path.unlink()
    else:
        move_durably(path, target)
    target.chmod(0o444)


def complete_journal(con: duckdb.DuckDBPyConnection, archive: Path) -> list[LedgerFile]:
    """Append to the archive's journal what the ledger has beyond it: a crash may have come between the two.

    The journal lets the archive alone tell its history; `kontor rebuild` reads nothing else. Returned is what it has
    beyond the ledger, as where the warehouse was lost or put back from an old copy.
    """
    written = {file.file_id: file for file in journal(archive)}
    entered = ledger.files_of(con)
    append_journal(archive, [file for file in entered if file.file_id not in written])
    known = {file.file_id for file in entered}
    return [file for file in written.values() if file.file_id not in known]


def append_journal(archive: Path, files: list[LedgerFile]) -> None:
    """Enter files durably; the caller has committed what the ledger says of them."""
    if not files:
        return
    lines = "".join(json.dumps(_journal_entry(file), ensure_ascii=False) + "\n" for file in files)
    path = archive / JOURNAL
    is_new = not path.exists()
    with path.open("a", encoding="utf-8") as out:
        out.write(lines)
        out.flush()
        os.fsync(out.fileno())
    if is_new:
        bring_to_disk(archive)


def _journal_entry(file: LedgerFile) -> dict[str, object]:
    return {
        **file.__dict__,
        "as_of": file.as_of.isoformat(),
        "landed_at": file.landed_at.isoformat(),
    }


def journal(archive: Path) -> list[LedgerFile]:
    """The archive's own record of its files, in the order in which they were first loaded. A line cut off by a crash
    at the very end is left out, and cut from the file. Raises IngestionError for a line that is none of ours."""
    path = archive / JOURNAL
    if not path.exists():
        return []
    text = path.read_bytes()
    complete = text[: text.rfind(b"\n") + 1]
    if len(complete) < len(text):
        with path.open("r+b") as file:
            file.truncate(len(complete))
    files: dict[str, LedgerFile] = {}
    for number, line in enumerate(complete.split(b"\n")[:-1], start=1):
        try:
            entry = json.loads(line)
            times = {name: datetime.fromisoformat(entry[name]) for name in ("as_of", "landed_at")}
            # The first journals say nothing of the size; whoever reads the original again finds it out.
            file = LedgerFile(**{"content_bytes": 0, **entry, **times})
        except (ValueError, KeyError, TypeError) as error:
            raise IngestionError(
                f"{path}: line {number} is damaged ({error}). Bring the journal back from the backup of the archive."
            ) from None
        # Content can stand there twice: a warehouse begun anew loaded it a second time.
        files.setdefault(file.file_id, file)
    return list(files.values())


def printable(name: str) -> str:
    """A file's name as text; bytes in it that are none, as old programs leave them, are spelt out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


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
    partial.unlink(missing_ok=True)
    shutil.copy2(path, partial)
    bring_to_disk(partial)
    partial.replace(target)
    # Or the original could be gone while the copy's name is not yet written down.
    bring_to_disk(target.parent)


def bring_all_to_disk(paths: Sequence[Path]) -> None:
    """`bring_to_disk` for files, many at a time: what a file system is asked for at the same moment it writes down in
    one go (measured on ext4: 0.1 to 1 ms a file, 3 to 5 one after the other)."""
    with ThreadPoolExecutor(_FLUSHED_AT_ONCE) as flushing:
        for _ in flushing.map(bring_to_disk, paths):
            pass


def bring_to_disk(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, would survive a loss of power (decision 0021).

    Windows opens no folder for that, and flushes only files open for writing, which originals are not.
    """
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
