"""A folder that holds contents under their SHA-256, each once, encrypted or not: what backups consist of.

    objects/3f/3fa9…    a content, written once and never changed; with a key as an age file (age-encryption.org)
    snapshots/…         lists of files by their contents, see backup.py

Any program that reads age files opens what is encrypted here; the kit is not needed to get at the data.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage

from operations.errors import OperationError
from serving.versions import sync

_BLOCK = 1 << 20
_HALF_WRITTEN = ".partial"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def new_key() -> str:
    """A key for a store: an age identity."""
    return str(pyrage.x25519.Identity.generate())


class Store:
    """Contents in a folder. With a key everything written is encrypted; what is read may be either."""

    def __init__(self, folder: Path, key: str | None) -> None:
        """Raises OperationError where the key is none."""
        self.folder = folder
        try:
            self._identity = pyrage.x25519.Identity.from_str(key) if key else None
        except pyrage.IdentityError:
            raise OperationError(
                "KONTOR_BACKUP_KEY is no key for backups. A key begins with AGE-SECRET-KEY-1; "
                "a new one is made by:  kontor backup --new-key"
            ) from None

    @property
    def is_encrypted(self) -> bool:
        return self._identity is not None

    def has(self, sha256: str) -> bool:
        return self._plain(sha256).is_file() or self._secret(sha256).is_file()

    def put(self, path: Path) -> tuple[str, int, bool]:
        """Keep a file's content; its SHA-256, its bytes, and whether it was new here.

        Written durably, and under its name only when whole.
        """
        sha256, size = digest(path)
        is_new = not self.has(sha256)
        if is_new:
            target = self._secret(sha256) if self._identity else self._plain(sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            with _whole(target) as partial:
                self._write(path, partial)
        return sha256, size, is_new

    def get(self, sha256: str, target: Path) -> None:
        """Bring a content back. Raises OperationError where it is missing, damaged, or cannot be decrypted."""
        source = self._plain(sha256) if self._plain(sha256).is_file() else self._secret(sha256)
        if not source.is_file():
            raise OperationError(
                f"{source} is missing in the backup. Take another snapshot or another copy of the backup."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        with _whole(target) as partial:
            self._read(source, partial)
            if digest(partial)[0] != sha256:
                raise OperationError(
                    f"{source} is damaged: its content is no longer what was saved. "
                    "Take another snapshot or another copy of the backup."
                )

    def write_text(self, name: str, text: str) -> Path:
        """Write a list of the store, encrypted if the store is; the path it got."""
        target = self.folder / (f"{name}.age" if self._identity else name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _whole(target) as partial:
            data = text.encode()
            partial.write_bytes(pyrage.encrypt(data, [self._identity.to_public()]) if self._identity else data)
        return target

    def read_text(self, path: Path) -> str:
        """A list of the store. Raises OperationError where it cannot be decrypted."""
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder) / "list"
            self._read(path, plain)
            return plain.read_text(encoding="utf-8")

    def objects(self) -> Iterator[tuple[str, Path]]:
        """Every content with its SHA-256."""
        for path in (self.folder / "objects").glob("*/*"):
            if _SHA256.fullmatch(path.stem):
                yield path.stem, path

    def clear_half_written(self) -> None:
        """Remove what an interrupted backup left."""
        for path in self.folder.glob(f"*/**/*{_HALF_WRITTEN}"):
            path.unlink(missing_ok=True)

    def _read(self, source: Path, target: Path) -> None:
        if source.suffix != ".age":
            shutil.copyfile(source, target)
            return
        if self._identity is None:
            raise OperationError(
                f"{source} is encrypted. Give the key that the backup was made with, as it stands on paper, before the "
                "command:  export KONTOR_BACKUP_KEY=AGE-SECRET-KEY-1…"
            )
        try:
            pyrage.decrypt_file(str(source), str(target), [self._identity])
        except (pyrage.DecryptError, OSError) as error:
            raise OperationError(
                f"{source} cannot be decrypted ({error}). Either KONTOR_BACKUP_KEY is not the key that this backup was "
                "made with, or the file is damaged."
            ) from None

    def _write(self, path: Path, target: Path) -> None:
        if self._identity:
            pyrage.encrypt_file(str(path), str(target), [self._identity.to_public()])
        else:
            shutil.copyfile(path, target)

    def _plain(self, sha256: str) -> Path:
        return self.folder / "objects" / sha256[:2] / sha256

    def _secret(self, sha256: str) -> Path:
        return self.folder / "objects" / sha256[:2] / f"{sha256}.age"


def digest(path: Path) -> tuple[str, int]:
    """SHA-256 and bytes of a file."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
            size += len(block)
    return found.hexdigest(), size


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A path to write to that becomes `target` when all of it is on the disk, and is removed when that fails."""
    partial = target.with_name(target.name + _HALF_WRITTEN)
    try:
        yield partial
        sync(partial)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
