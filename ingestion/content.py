"""What a file holds: unpacked, hashed, and for text its encoding and lines, in one pass over its bytes.

Here belongs everything between a path and readable bytes or text. What the text means does not.
"""

from __future__ import annotations

import codecs
import errno
import gzip
import hashlib
import lzma
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

from ingestion.errors import FileRefused

CHUNK = 1 << 20
# A packed file may not unpack to more than this, nor to more than RATIO times its size once it is larger than FREE.
# Exports of text pack to a tenth or twentieth; deflate cannot exceed 1:1032, which only a bomb comes near.
MAX_UNPACKED_BYTES = 50 << 30
MAX_RATIO = 300
RATIO_FREE_BYTES = 64 << 20
# A spreadsheet is held in memory as a whole; the largest sheet there can be, a million rows of numbers, stays below.
MAX_WORKBOOK_BYTES = 1 << 30
# Every way in which Python's zipfile meets a file that somebody has damaged, on purpose or not.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError, OSError)

SUFFIXES = {
    "csv": (".csv", ".txt", ".tsv"),
    "excel": (".xlsx", ".xls", ".xlsm"),
    "json": (".json", ".ndjson", ".jsonl"),
    "access_log": (".log", ".txt", ".access"),
    "w3c_log": (".log", ".txt"),
    "xml": (".xml",),
    "einvoice": (".xml", ".pdf"),
    "shdr": (".txt", ".log", ".shdr"),
}
# Formats whose files are read as bytes: they say themselves, if at all, what encoding their text has.
NO_TEXT = frozenset({"excel", "einvoice"})


@dataclass(frozen=True)
class Member:
    """One readable file: the file itself, or what a gzip or zip file holds. `name` is its name inside a zip."""

    path: Path
    name: str | None
    as_of: datetime
    is_temporary: bool


@dataclass(frozen=True)
class TextFacts:
    """What one pass over the bytes of a text file tells.

    `lines` counts physical lines, a last one without newline included. `newline` is None when kinds are mixed; then
    lines end where a line feed stands. `longest_bytes` is the length of the longest line or that of a chunk, whichever
    is more.
    """

    encoding: str
    lines: int
    newline: str | None
    longest_bytes: int
    control_characters: frozenset[int]


@dataclass(frozen=True)
class Fingerprint:
    """Hash and size of a file's content."""

    sha256: str
    size: int


def open_members(
    path: Path, file_format: str, as_of: datetime, work: Path, wanted: str | None = None
) -> Iterator[Member]:
    """The readable files in `path`, one after the other; unpacked ones lie in `work` until the next is asked for. Of
    those in a zip only the ones whose name the regular expression `wanted` finds something in.

    Raises FileRefused for a damaged or hostile archive and for a zip that holds no file of the kind.
    """
    magic = _magic(path)
    if magic[:2] == _GZIP:
        yield from _gunzip(path, as_of, work)
    elif magic in _ZIP and (file_format != "excel" or path.suffix.lower() == ".zip"):
        yield from _unzip(path, file_format, as_of, work, wanted or "")
    elif not _is_text(str(path)):
        yield from _renamed(path, as_of, work)
    else:
        yield Member(path, None, as_of, is_temporary=False)


_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")


def is_packed(path: Path) -> bool:
    """Whether a file is a gzip or zip file, which holds others."""
    magic = _magic(path)
    return magic[:2] == _GZIP or magic in _ZIP


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _renamed(path: Path, as_of: datetime, work: Path) -> Iterator[Member]:
    """A copy, because DuckDB cannot be told a name with bytes in it that are no UTF-8."""
    target = work / "renamed"
    try:
        shutil.copyfile(path, target)
        yield Member(target, None, as_of, is_temporary=True)
    finally:
        target.unlink(missing_ok=True)


def _gunzip(path: Path, as_of: datetime, work: Path) -> Iterator[Member]:
    target = work / "unpacked"
    try:
        try:
            with gzip.open(path, "rb") as source, target.open("wb") as out:
                _copy(source, out, _limit(path.stat().st_size), path.name)
        except (OSError, EOFError, zlib.error) as error:
            if _is_the_machines(error):
                raise
            raise FileRefused(f"{path.name} is a damaged gzip file ({error}). Export or copy it again.") from error
        yield Member(target, None, as_of, is_temporary=True)
    finally:
        target.unlink(missing_ok=True)


def _unzip(path: Path, file_format: str, as_of: datetime, work: Path, pattern: str) -> Iterator[Member]:
    suffixes = SUFFIXES[file_format]
    with _open_zip(path, path.name) as archive:
        files = [
            info for info in archive.infolist() if info.filename and not info.is_dir() and not _is_litter(info.filename)
        ]
        wanted = [
            info for info in files if info.filename.lower().endswith(suffixes) and re.search(pattern, info.filename)
        ]
        if not wanted:
            found = ", ".join(info.filename for info in files[:5]) or "nothing"
            if "[Content_Types].xml" in archive.namelist():
                found = "a workbook or document of an office program"
            raise FileRefused(
                f"{path.name} holds no file of the kind expected here ({', '.join(suffixes)}); it holds {found}. "
                "Put the right file in, or give this source another kind."
            )
        limit = _limit(path.stat().st_size)
        for info in sorted(wanted, key=lambda one: one.filename):
            target = work / "unpacked"
            try:
                with target.open("wb") as out:
                    # All that a zip holds counts together: many small bombs are a large one.
                    limit -= _unpack(archive, info, out, limit, path.name)
                yield Member(target, info.filename, _zip_time(info, as_of), is_temporary=True)
            finally:
                target.unlink(missing_ok=True)


def check_workbook(path: Path, name: str) -> None:
    """Refuse an .xlsx file, which is a zip, that is damaged or unpacks to more than a spreadsheet would.

    What reads it later trusts the sizes it claims.
    """
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return
    with _open_zip(path, name) as archive:
        limit = min(MAX_WORKBOOK_BYTES, _limit(path.stat().st_size))
        for info in archive.infolist():
            limit -= _unpack(archive, info, None, limit, name)


def _open_zip(path: Path, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _ZIP_ERRORS as error:
        if _is_the_machines(error):
            raise
        raise FileRefused(f"{name} is a damaged zip file ({error}). Export or copy it again.") from error


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, out: BinaryIO | None, limit: int, name: str) -> int:
    """Unpack one file of a zip to `out`, or only see that it can be; its size in bytes."""
    try:
        if info.file_size > limit:
            raise FileRefused(_too_large(name, info.filename, info.file_size))
        with archive.open(info) as source:
            return _copy(source, out, limit, f"{name}, {info.filename}")
    except NotImplementedError as error:
        raise FileRefused(
            f"{name}: {info.filename} is packed in a way that cannot be read here ({error}). Pack it anew as a plain "
            "zip file, or put it in unpacked."
        ) from error
    except RuntimeError as error:
        raise FileRefused(f"{name} is locked with a password. Put it in without one.") from error
    except _ZIP_ERRORS as error:
        if _is_the_machines(error):
            raise
        raise FileRefused(
            f"{name}: {info.filename} is damaged, or larger than the zip file says ({error}). Export it again."
        ) from error


def _is_the_machines(error: Exception) -> bool:
    """Whether the machine failed, not the file: Python's unpackers raise OSError for both, EINVAL where a damaged
    directory sends them to a place that cannot be."""
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith((".", "~$"))


def _zip_time(info: zipfile.ZipInfo, default: datetime) -> datetime:
    try:
        return datetime(*info.date_time, tzinfo=UTC).replace(tzinfo=None)
    except ValueError:
        return default


def _limit(packed: int) -> int:
    return min(MAX_UNPACKED_BYTES, max(RATIO_FREE_BYTES, packed * MAX_RATIO))


def _too_large(name: str, member: str, size: int) -> str:
    return (
        f"{name}: {member} would unpack to {size / 1e9:.1f} GB or more, which no export of this size does. "
        "Nothing was unpacked further. If it is right, unpack it yourself and put the file in."
    )


def _copy(source: IO[bytes], out: BinaryIO | None, limit: int, name: str) -> int:
    written = 0
    while chunk := source.read(CHUNK):
        written += len(chunk)
        if written > limit:
            raise FileRefused(_too_large(name, "its content", written))
        if out is not None:
            out.write(chunk)
    return written


def fingerprint(path: Path) -> Fingerprint:
    """Hash and size of a file of any kind."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Fingerprint(digest.hexdigest(), size)


def start_sha256(path: Path, size: int) -> str:
    """Hash of a file's first `size` bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (chunk := file.read(min(CHUNK, size))):
            digest.update(chunk)
            size -= len(chunk)
    return digest.hexdigest()


def examine_text(path: Path, declared: str, name: str) -> tuple[Fingerprint, TextFacts]:
    """Hash, encoding and lines of a text file, in one pass, or two when it is not UTF-8.

    A byte-order mark decides first; then whatever is valid UTF-8 is UTF-8 (text in cp1252 practically never is); then
    cp1252 where the contract allows it (`auto` or `cp1252`). Raises FileRefused with the first bad byte.
    """
    digest, size = hashlib.sha256(), 0
    lines = returns = pairs = 0
    longest = since_newline = 0
    last = b""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    bad_utf8: int | None = None
    encoding: str | None = None
    controls: set[int] = set()
    # Hashing takes as long as all the rest, and leaves Python's lock to it.
    with path.open("rb") as file, ThreadPoolExecutor(1) as hashing:
        hashed: Future[None] | None = None
        while chunk := file.read(CHUNK):
            if size == 0:
                encoding = _from_mark(chunk)
            if hashed is not None:
                hashed.result()
            if len(chunk) == CHUNK:
                hashed = hashing.submit(digest.update, chunk)
            else:
                # All of a small file: beginning a thread would take longer than all the rest.
                digest.update(chunk)
            if encoding in (None, "utf-8-sig") and bad_utf8 is None and not _is_plain(utf8, chunk):
                try:
                    utf8.decode(chunk)
                except UnicodeDecodeError as error:
                    # error.object also holds the bytes kept over from the chunk before.
                    bad_utf8 = size + error.start - (len(error.object) - len(chunk))
            newlines = chunk.count(b"\n")
            lines += newlines
            if b"\r" in chunk:
                returns += chunk.count(b"\r")
                pairs += chunk.count(b"\r\n")
            if last == b"\r" and chunk[:1] == b"\n":
                pairs += 1
            if newlines:
                longest = max(longest, since_newline + chunk.find(b"\n"))
                since_newline = len(chunk) - chunk.rfind(b"\n") - 1
            else:
                since_newline += len(chunk)
            controls.update(code for code in range(4) if code in chunk)
            size += len(chunk)
            last = chunk[-1:]
    longest = max(longest, since_newline, min(size, CHUNK))
    if encoding is None or encoding == "utf-8-sig":
        try:
            utf8.decode(b"", final=True)
        except UnicodeDecodeError:
            bad_utf8 = size - 1 if bad_utf8 is None else bad_utf8
        encoding = _eight_bit(path, name, declared, encoding or "utf-8", bad_utf8, has_null=0 in controls)
    found = Fingerprint(digest.hexdigest(), size)
    if encoding.startswith("utf-16"):
        return found, TextFacts(encoding, 0, None, longest, frozenset())
    newline: str | None = None
    if returns == 0:
        newline = "\n"
    elif returns == pairs == lines:
        newline = "\r\n"
    elif lines == 0:
        newline, lines = "\r", returns
    unterminated = size > 0 and last != (b"\r" if newline == "\r" else b"\n")
    return found, TextFacts(encoding, lines + unterminated, newline, longest, frozenset(controls))


def _is_plain(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    """ASCII after a whole character: nothing to decode. Checking costs a tenth of decoding."""
    return decoder.getstate()[0] == b"" and chunk.isascii()


def _from_mark(start: bytes) -> str | None:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # UTF-16 without a mark: plain text has its zero bytes on one side only.
    head = start[:2000]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) >= 8 and odd > len(head) // 4 and even == 0:
        return "utf-16-le"
    if len(head) >= 8 and even > len(head) // 4 and odd == 0:
        return "utf-16-be"
    return None


_UNDEFINED_IN_CP1252 = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])


def _eight_bit(path: Path, name: str, declared: str, utf8: str, bad: int | None, *, has_null: bool) -> str:
    if has_null:
        position, _ = _first_of(path, b"\0") or (0, 0)
        raise FileRefused(
            f"{name} is not a text file: byte {position + 1} is NUL (0x00), which no text has. It was damaged when it "
            "was written or copied, or it is a spreadsheet or packed file under the name of a text. Export it again."
        )
    if bad is None:
        return utf8
    if declared in ("auto", "cp1252") and utf8 != "utf-8-sig":
        undefined = _first_of(path, _UNDEFINED_IN_CP1252)
        if undefined is None:
            return "cp1252"
        position, value = undefined
        raise FileRefused(
            f"{name} is neither UTF-8 nor Windows text (cp1252): byte {position + 1} is 0x{value:02X}, which cp1252 "
            f"does not have, and byte {bad + 1} is no UTF-8. Export it again as UTF-8."
        )
    value = _byte_at(path, bad)
    raise FileRefused(
        f"{name} is not UTF-8 although that is declared: byte {bad + 1} is 0x{value:02X}. "
        "Export it as UTF-8, or write  encoding: cp1252  under reader in its contract if it is Windows text."
    )


def _first_of(path: Path, values: bytes) -> tuple[int, int] | None:
    """Where the first of these byte values stands in the file (from 0), and which it is."""
    position = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            hits = [at for byte in values if (at := chunk.find(byte)) >= 0]
            if hits:
                return position + min(hits), chunk[min(hits)]
            position += len(chunk)
    return None


def _byte_at(path: Path, position: int) -> int:
    with path.open("rb") as file:
        file.seek(position)
        return file.read(1)[0]


def as_utf8(path: Path, facts: TextFacts, work: Path, name: str) -> tuple[Path, TextFacts]:
    """A path at which the same text stands in UTF-8, and its facts: the file itself, or a copy in `work`."""
    if facts.encoding in ("utf-8", "utf-8-sig"):
        return path, facts
    target = work / "decoded"
    decoder = codecs.getincrementaldecoder(facts.encoding)()
    position = 0
    with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as out:
        while True:
            chunk = source.read(CHUNK)
            try:
                out.write(decoder.decode(chunk, final=not chunk))
            except UnicodeError as error:
                at = position + error.start + 1 if isinstance(error, UnicodeDecodeError) else position + 1
                raise FileRefused(f"{name} is damaged UTF-16 near byte {at}. Export it again.") from error
            if not chunk:
                break
            position += len(chunk)
    if facts.encoding.startswith("utf-16"):
        _, facts = examine_text(target, "utf-8", name)
        return target, facts
    # A character of one byte takes up to three in UTF-8.
    return target, replace(facts, longest_bytes=3 * facts.longest_bytes)


def with_line_feeds(path: Path, facts: TextFacts, work: Path) -> tuple[Path, TextFacts]:
    """A path at which the same lines stand, all ending in the same way: the file itself, or a copy in `work`.

    Where ends are mixed, a carriage return inside a line becomes a blank, and one at the very end nothing.
    """
    if facts.newline is not None:
        return path, facts
    target = work / "lines"
    held = b""
    with path.open("rb") as source, target.open("wb") as out:
        while chunk := source.read(CHUNK):
            chunk = held + chunk
            held = b"\r" if chunk.endswith(b"\r") else b""
            out.write(chunk[: len(chunk) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b" "))
    return target, replace(facts, newline="\n")
