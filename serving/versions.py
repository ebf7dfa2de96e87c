"""The folder that readers see: versions, the link `current` to one of them, and going back.

    serve/versions/<utc stamp>/warehouse.duckdb
    serve/versions/<utc stamp>/parquet/<schema>.<table>.parquet       (a folder of years, where a mart is large)
    serve/current -> versions/<utc stamp>

A version is complete from the moment it has its name: it is built under a name that begins with a dot and renamed when
every byte is on the disk. What stands in a version is made in publish.py and read in read.py.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from serving.errors import NoSuchVersion, ServingError

# One name in every version: the catalog takes its name from it, and readers' saved SQL may name the catalog.
DATABASE = "warehouse.duckdb"

_STAMP = "%Y%m%dT%H%M%SZ"
_BUILDING = ".building-"
_REMOVED = ".removed-"


def current_version(serve: Path) -> str | None:
    """The version that readers get, or None if nothing is published.

    Raises ServingError if `current` is something else than a link.
    """
    link = serve / "current"
    try:
        name = Path(os.readlink(link)).name
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ServingError(
            f"{link} is not a link to a published version, so it cannot be moved to another one. "
            "Remove it and publish again."
        ) from error
    return name if (_versions(serve) / name / DATABASE).is_file() else None


def version_folder(serve: Path, version: str) -> Path:
    """Where a version lies."""
    return _versions(serve) / version


def published_at(version: str) -> datetime:
    """When a version was published, in UTC, as its name says it (and names of earlier Kontors, which end in -02)."""
    return datetime.strptime(version[: len("20261122T060000Z")], _STAMP).replace(tzinfo=UTC)


def list_versions(serve: Path) -> list[str]:
    """The complete versions, newest first."""
    return sorted(
        (file.parent.name for file in _versions(serve).glob(f"*/{DATABASE}") if not file.parent.name.startswith(".")),
        reverse=True,
    )


def rollback(serve: Path, to: str | None = None) -> str:
    """Point readers at the version before the current one, or at the version `to`; return its name.

    Versions newer than it stay until a later publish removes them. Raises NoSuchVersion if there is none to go to.
    """
    versions = list_versions(serve)
    current = current_version(serve)
    if not versions:
        raise NoSuchVersion(f"Nothing is published in {serve} yet, so there is nothing to go back to.")
    if to is None and current is None:
        raise NoSuchVersion(f"No version is current, so none is before it. Name one of: {', '.join(versions)}.")
    target = to if to is not None else next((version for version in versions if version < str(current)), None)
    if target is None:
        raise NoSuchVersion(f"{current} is the oldest version kept, so there is nothing to go back to.")
    if target not in versions:
        raise NoSuchVersion(f"There is no version {target!r}. Those kept are: {', '.join(versions)}.")
    point_current(serve, target)
    return target


def start_version(serve: Path, now: datetime) -> Path:
    """Name a new version after the time `now` and make the empty folder that it is built in.

    Its name follows all others even where the clock was set back, by a second at least: which version is newer, and
    which one is gone back to, is told by their names. Removes what killed or hindered runs left behind, so only one
    process may publish at a time.
    """
    versions = _versions(serve)
    versions.mkdir(parents=True, exist_ok=True)
    for pattern in (f"{_BUILDING}*", f"{_REMOVED}*"):
        for leftover in versions.glob(pattern):
            shutil.rmtree(leftover, ignore_errors=True)
    name = _name_after(list_versions(serve), now)
    building = versions / f"{_BUILDING}{name}"
    building.mkdir()
    return building


def _name_after(versions: list[str], now: datetime) -> str:
    earliest = published_at(versions[0]) + timedelta(seconds=1) if versions else now
    return max(now, earliest).astimezone(UTC).strftime(_STAMP)


def finish_version(building: Path) -> Path:
    """Bring every byte below `building` to the disk and give the folder its version's name; return its new path.

    From then on the files are for reading only: a program that opens a database for writing unless told otherwise, as
    many do, gets an error instead of everybody's figures.
    """
    for path in building.rglob("*"):
        # Windows removes no file that may not be written.
        if path.is_file() and os.name != "nt":
            path.chmod(0o444)
        sync(path)
    sync(building)
    version = building.rename(building.with_name(building.name.removeprefix(_BUILDING)))
    sync(version.parent)
    return version


def point_current(serve: Path, version: str) -> None:
    """Let `current` name `version`, in one atomic rename: whoever opens it gets the old version or the new one.

    Windows gives links to administrators only and replaces no folder by rename, so there `current` is a directory
    junction that is removed and made again. For that moment there is no `current`; connect_published() tries again.
    """
    link = serve / "current"
    if os.name == "nt":
        import _winapi

        if os.path.lexists(link):
            os.rmdir(link)
        _winapi.CreateJunction(str(_versions(serve) / version), str(link))
        return
    # Relative, so that the folder can be moved or mounted elsewhere.
    following = serve / ".current-next"
    following.unlink(missing_ok=True)
    following.symlink_to(Path("versions") / version, target_is_directory=True)
    following.replace(link)
    sync(serve)


def remove_old(serve: Path, keep: int, replaced: str | None = None) -> Thread:
    """Remove all but the newest `keep` versions; the current one stays, however old it is.

    So does `replaced`, the one that was current until now: DuckDB follows the link first and opens the file after, and
    a reader between the two found no file when it was removed at once. A version that a reader holds open is removed
    where the system allows it (the reader goes on reading), and left for the next time where it does not (Windows).

    They are gone for readers when this returns. Their gigabytes take seconds more, which the thread returned spends;
    what is killed meanwhile, start_version removes.
    """
    removed: list[Path] = []
    spared = {current_version(serve), replaced}
    for version in list_versions(serve)[keep:]:
        if version in spared:
            continue
        folder = _versions(serve) / version
        # Renamed first: a version half removed must not pass for one to go back to.
        aside = folder.with_name(f"{_REMOVED}{version}")
        try:
            folder.rename(aside)
        except OSError:
            continue
        removed.append(aside)
    thread = Thread(target=lambda: [shutil.rmtree(folder, ignore_errors=True) for folder in removed])
    thread.start()
    return thread


def _versions(serve: Path) -> Path:
    return serve / "versions"


def sync(path: Path) -> None:
    """Wait until a file, or what a folder lists, would survive a loss of power.

    Windows cannot open a folder for that, and flushes only files open for writing.
    """
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
