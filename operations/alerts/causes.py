"""A failure's cause in words that may leave the machine.

Error texts of libraries quote the value that they stumbled over, which may be a name or a turnover. So only sentences
of our own are told, in the company's language where there is a wording in it, with everything in quotation marks taken
out; of any other error its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingestion.errors import IngestionError
from kontor.lock import WriterBusy
from kontor.settings import SettingsError
from kontor.texts import Say
from kontor.wordings import in_language
from operations.errors import OperationError
from serving.errors import ServingError

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`|„[^“]*“")
_ADDRESS = re.compile(r"(?<=//)[^/@\s]+@")
# The folder of the person who set it up.
_HOME = re.compile(r"(?:/home/|/Users/|[A-Z]:\\Users\\)[^/\\\s]+")
_DISK = re.compile(r"no space left|not enough space|disk (is )?full|disk quota|enospc", re.IGNORECASE)
_LONGEST = 300


@dataclass(frozen=True)
class Failed:
    """An error as its class's name and text, whether it was caught here or read in Dagster's record."""

    name: str
    text: str


def chain_of(error: BaseException | None) -> list[Failed]:
    """An error and what it came from, outermost first."""
    chain = []
    while error is not None and len(chain) < 10:
        chain.append(Failed(type(error).__name__, str(error)))
        error = error.__cause__ or error.__context__
    return chain


def is_full_disk(chain: Iterable[Failed]) -> bool:
    """Whether the machine had no room left."""
    return any(_DISK.search(failed.text) for failed in chain)


def cause_of(chain: Sequence[Failed], say: Say) -> str:
    """The first cause, as a sentence without data."""
    if is_full_disk(chain):
        return say("cause_disk")
    ours = _our_errors()
    known = [failed for failed in chain if failed.name in ours]
    if known:
        return in_words(known[-1].text, say)
    return say("cause_unknown", kind=chain[-1].name if chain else "?")


def in_words(text: str, say: Say) -> str:
    """A sentence of our own without data; one that there is only in another language is introduced as quoted."""
    told = in_language(text, say.language)
    return without_data(told) if told != text else say("cause_quoted", text=without_data(text))


def without_data(text: str) -> str:
    """One line, without what stands in quotation marks, passwords in addresses, and the name of a home folder."""
    line = _HOME.sub("~", _ADDRESS.sub("", " ".join(_QUOTED.sub("…", text).split())))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def same(cause: str) -> str:
    """The cause without numbers (times, process ids, counts): what is alike two nights in a row is one cause."""
    return re.sub(r"\d+", "#", cause)


def _our_errors() -> frozenset[str]:
    roots: list[type] = [IngestionError, ServingError, SettingsError, OperationError, WriterBusy]
    for root in roots:
        roots += root.__subclasses__()
    return frozenset(root.__name__ for root in roots)
