"""Restore: from a backup to a working warehouse on an empty machine, and the drill that proves it can be done.

The files go back to where the settings say they belong; the warehouse is then made from the archive and published, as
`kontor rebuild` does it. What readers got when the backup was taken is compared with what they get now.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import duckdb

from kontor.settings import Paths, Settings, load_settings
from operations.backup import Saved, Snapshot
from operations.errors import OperationError
from operations.store import Store
from serving.contents import Contents, published_contents


@dataclass(frozen=True)
class Comparison:
    """Marts now beside those of the snapshot. Names of marts; `exactly` says whether digests could be compared."""

    equal: list[str]
    different: list[str]
    missing: list[str]
    exactly: bool


def bring_back(store: Store, snapshot: Snapshot, into: Path, *, on_file: Callable[[Saved], None]) -> Settings:
    """Write a snapshot's files below `into`, each checked against its hash; the settings they hold.

    `into` gets kontor.toml, mappings/ and data/. Files are where settings without paths of their own look for them, so
    settings that name other folders are to be corrected by a person. Raises OperationError if `into` holds a warehouse
    or an archive already, or if the backup is damaged.
    """
    for taken in (into / "kontor.toml", into / "data" / "archive", into / "data" / "warehouse.duckdb"):
        if taken.exists():
            raise OperationError(
                f"{taken} exists already; a restore overwrites nothing. Name an empty folder:  --into FOLDER"
            )
    for saved in snapshot.files:
        target = _target(into, saved.path)
        store.get(saved.sha256, target)
        os.utime(target, ns=(saved.modified_ns, saved.modified_ns))
        if target.name == ".env":
            target.chmod(0o600)
        on_file(saved)
    settings = load_settings(into / "kontor.toml")
    data = into / "data"
    # Wherever the old machine kept it, and whatever KONTOR_DATA says here.
    paths = Paths(data=data, inbox=data / "inbox", mappings=into / "mappings")
    return settings.model_copy(update={"paths": paths})


def compare(snapshot: Snapshot, now: Contents) -> Comparison:
    """Marts of the snapshot beside those of today. Without the same DuckDB only their rows can be compared."""
    exactly = snapshot.duckdb == duckdb.__version__
    before = snapshot.marts or {}
    same = [mart for mart, content in before.items() if mart in now and _same(content, now[mart], exactly)]
    return Comparison(
        equal=same,
        different=[mart for mart in before if mart in now and mart not in same],
        missing=[mart for mart in before if mart not in now],
        exactly=exactly,
    )


def contents_of(settings: Settings) -> Contents:
    """What readers get now."""
    return published_contents(settings.paths.serve)


def _same(before: tuple[int, str], now: tuple[int, str], exactly: bool) -> bool:
    return before == now if exactly else before[0] == now[0]


def _target(into: Path, path: str) -> Path:
    """Where a file of a snapshot goes. Raises OperationError for a path that leads elsewhere."""
    parts = PurePosixPath(path).parts
    if parts[0] == "settings":
        parts = parts[1:]
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts or "\\" in path or ":" in parts[0]:
        raise OperationError(f"The backup names a file {path!r}, which would be written outside of {into}.")
    return into.joinpath(*parts)
