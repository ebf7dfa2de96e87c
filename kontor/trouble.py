"""Troubles of the machine as sentences: what a run or a command says when the disk is full or a file is damaged."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.errors import is_full
from ingestion.warehouse import damaged, is_damage
from kontor.settings import Settings
from operations.errors import OperationError

# How Dagster and Python write an error: its class, with the modules it lies in.
_CLASS = re.compile(r"^(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Busy|Failure|Published): ")

_NO_ROOM = 1 << 20


def full(place: Path | None = None) -> str:
    """What to say of a full disk."""
    told = "A disk is full" if place is None else f"The disk of {place} is full"
    return (
        f"{told}. Nothing is lost or half done: what was not finished is done by the next run, and readers "
        "have what they had. Make room, then say  kontor run"
    )


def has_no_room(folder: Path) -> bool:
    """Whether the disk of a folder is full."""
    return shutil.disk_usage(folder).free < _NO_ROOM


def in_a_sentence(settings: Settings, text: str) -> str:
    """The message of a step that failed; for troubles of the machine what it means and what to do."""
    if is_full(text):
        return full(settings.paths.data)
    if is_damage(text) and "kontor rebuild" not in text:
        return damaged(settings.paths.warehouse, _CLASS.sub("", text.strip()))
    return _CLASS.sub("", text.strip())


def of_the_machine(error: BaseException | None, data: Path | None = None) -> str | None:
    """The sentence for an error that a full disk caused, at whatever remove; None for any other.

    SQLite, in which Dagster keeps its state, speaks of an input/output error only; so the room is looked at.
    """
    if data is not None and has_no_room(data):
        return full(data)
    while error is not None:
        if is_full(error):
            return full(data)
        error = error.__cause__ or error.__context__
    return None


@contextmanager
def sentences(settings: Settings) -> Iterator[None]:
    """Around work that may find the disk full or the warehouse damaged: raises OperationError with the sentence."""
    try:
        yield
    except Exception as error:
        told = of_the_machine(error, settings.paths.data)
        if told is None and isinstance(error, duckdb.Error) and is_damage(str(error)):
            told = damaged(settings.paths.warehouse, str(error))
        if told is None:
            raise
        raise OperationError(told) from error
