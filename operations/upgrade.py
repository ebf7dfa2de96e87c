"""Upgrade: what an earlier Kontor left in a company's folder, brought into the form of this one.

Settings and mappings are texts that people wrote: their steps change lines and leave all else, comments included. The
warehouse has its steps in ingestion/upgrade.py. Before anything is changed a copy of everything is kept; interrupted
anywhere, the next upgrade goes on where this one stopped. Nothing here builds or publishes.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from ingestion import contract_files, formats, upgrade
from ingestion.archive import copy_durably
from ingestion.landing import Run
from ingestion.ledger import LoadResult
from ingestion.sqltext import identifier
from ingestion.warehouse import open_warehouse, read_warehouse
from kontor import settings as settings_files
from kontor.settings import Settings
from operations.errors import OperationError

_STAMP = "%Y%m%dT%H%M%SZ"
_UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class TextStep:
    """A small change of a settings file or a mapping, after which it has the number `format`.

    `apply` may meet what it does already done, and then does nothing.
    """

    format: int
    name: str
    says: str
    apply: Callable[[str], str]


SETTINGS_STEPS = (
    TextStep(2, "number", "the file says which form it has", lambda text: _with_line(text, "format = 2")),
)
MAPPING_STEPS = (TextStep(2, "number", "the file says which form it has", lambda text: _with_line(text, "format: 2")),)


@dataclass(frozen=True)
class TextChange:
    """A settings file or mapping that has steps to go, and its text after them."""

    path: Path
    before: int
    steps: tuple[TextStep, ...]
    text: str


@dataclass(frozen=True)
class Plan:
    """What an upgrade will do, in this order."""

    texts: tuple[TextChange, ...]
    steps: tuple[upgrade.Step, ...]
    tables: tuple[str, ...]
    """Raw tables that are read again from the archive."""
    left_out: tuple[str, ...]
    """Sources that fill such a table but are no longer in the settings: their rows leave it."""
    before: int | None
    """The number of the warehouse; None where there is none yet."""

    @property
    def is_empty(self) -> bool:
        return not (self.texts or self.steps or self.tables)


def plan_upgrade(settings: Settings) -> Plan:
    """What there is to do; changes nothing. Raises IngestionError for a warehouse that a newer Kontor wrote."""
    texts = tuple(_changes(settings))
    if not settings.paths.warehouse.exists():
        return Plan(texts, (), (), (), None)
    with closing(read_warehouse(settings.paths.warehouse)) as con:
        before, steps = formats.format_of(con), tuple(upgrade.steps_to_do(con))
        tables = tuple(formats.outdated_tables(con, settings.contracts.values()))
        named = {source.name for source in settings.sources}
        there = {
            name
            for table in tables
            for (name,) in con.execute(f"select distinct _source from raw.{identifier(table)}").fetchall()
        }
    return Plan(texts, steps, tables, tuple(sorted(there - named)), before)


def keep_copy(settings: Settings, now: datetime) -> Path:
    """Keep a copy of settings, mappings, warehouse and Dagster's state; that of an interrupted upgrade stays as it is.

    Raises OperationError where the disk has no room for it and for what is read again.
    """
    folder = settings.paths.data / "upgrades"
    if interrupted := unfinished(settings):
        return interrupted
    files = list(_files(settings))
    needed = sum(path.stat().st_size for path, _ in files) + _size(settings.paths.warehouse)
    free = shutil.disk_usage(settings.paths.data).free
    if free < needed:
        raise OperationError(
            f"An upgrade needs {needed / 1e9:,.1f} GB in {settings.paths.data} for a copy of the warehouse and for "
            f"what is read again; {free / 1e9:,.1f} GB are free. Nothing was changed. Make room and try again."
        )
    partial = folder / f"{now.strftime(_STAMP)}.partial"
    for old in folder.glob("*.partial"):
        shutil.rmtree(old)
    for path, name in files:
        copy_durably(path, partial / name)
    return partial.rename(partial.with_suffix(_UNFINISHED))


def unfinished(settings: Settings) -> Path | None:
    """The copy of an upgrade that was interrupted, be it after its last change."""
    return min((settings.paths.data / "upgrades").glob(f"*{_UNFINISHED}"), default=None)


def finish(copy: Path) -> Path:
    """Say that the upgrade has ended well; only its copy stays, as the one that leads back."""
    done = copy.rename(copy.with_suffix(""))
    for earlier in done.parent.iterdir():
        if earlier != done:
            shutil.rmtree(earlier)
    return done


def write_texts(texts: tuple[TextChange, ...]) -> None:
    """Write settings and mappings, each whole or not at all."""
    for change in texts:
        fresh = change.path.with_name(change.path.name + ".new")
        fresh.write_text(change.text, encoding="utf-8", newline="")
        fresh.chmod(change.path.stat().st_mode)
        copy_durably(fresh, change.path)
        fresh.unlink()


def upgrade_warehouse(settings: Settings, now: datetime) -> Iterator[tuple[str, list[LoadResult]]]:
    """Take the warehouse's steps and read tables again; each table and what became of its files.

    The caller holds the writer's lock. Raises IngestionError.
    """
    paths, machine = settings.paths, settings.machine
    settings.areas.prepare()
    with closing(
        open_warehouse(paths.warehouse, work=paths.work, memory_gb=machine.memory_gb, threads=machine.threads)
    ) as con:
        upgrade.upgrade_ledger(con, now)
        sources = [(source, settings.contract_of(source), settings.zone_of(source)) for source in settings.sources]
        run = Run(settings.areas, "upgrade", now)
        yield from upgrade.read_outdated_again(con, run, sources, settings.contracts.values())


def _changes(settings: Settings) -> Iterator[TextChange]:
    mappings = contract_files.mappings_in(settings.paths.mappings)
    for path, steps, read in [
        (settings.config, SETTINGS_STEPS, tomllib.loads),
        *((path, MAPPING_STEPS, yaml.safe_load) for path in mappings),
    ]:
        text = path.read_bytes().decode("utf-8")
        document = read(text.removeprefix("\ufeff"))
        before = document.get("format", 1)
        if to_do := tuple(step for step in steps if step.format > before):
            changed = text
            for step in to_do:
                changed = step.apply(changed)
            if read(changed.removeprefix("\ufeff")).get("format") != to_do[-1].format:
                raise OperationError(f"{path} cannot be changed by a program. Write  format  into it as the docs say.")
            yield TextChange(path, before, to_do, changed)


def _with_line(text: str, line: str) -> str:
    """A text of settings or a mapping with this line before its first entry, below what is remarked at its head."""
    head = re.match(r"\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*", text)
    start = head.end() if head else 0
    ending = "\r\n" if "\r\n" in text else "\n"
    # Above a section there is a line between.
    gap = ending if text[start : start + 1] == "[" else ""
    return f"{text[:start]}{line}{ending}{gap}{text[start:]}"


def _files(settings: Settings) -> Iterator[tuple[Path, str]]:
    """What is copied, and its name in the copy."""
    paths = settings.paths
    yield settings.config, "kontor.toml"
    for path in contract_files.mappings_in(paths.mappings):
        yield path, f"mappings/{path.name}"
    for path in (paths.warehouse, paths.warehouse.with_name(paths.warehouse.name + ".wal")):
        if path.exists():
            yield path, f"data/{path.name}"
    # With what SQLite has beside them; nobody writes there now.
    for path in sorted(paths.dagster_home.rglob("*.db*")):
        yield path, f"data/dagster/{path.relative_to(paths.dagster_home)}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


FORMATS = {
    "settings": (SETTINGS_STEPS, settings_files.FORMAT),
    "mappings": (MAPPING_STEPS, contract_files.FORMAT),
    "warehouse": (upgrade.STEPS, formats.FORMAT),
}
"""For each part the steps and the number that this Kontor writes, which is that of the last step."""
