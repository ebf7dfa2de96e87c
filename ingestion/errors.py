"""The errors of ingestion. Each message is a sentence that says what is wrong, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingestion.readers.incoming import Title


class IngestionError(Exception):
    """Something a person can put right; its text is shown as it is."""


class ContractError(IngestionError):
    """A contract or mapping has a mistake; the text names the file and the line."""


class FileRefused(IngestionError):
    """A whole file cannot be loaded. It is moved aside with this text beside it; other files go on."""


class HeadingsRefused(FileRefused):
    """A file whose headings do not fit; `above` are the rows above the place where they should stand."""

    def __init__(self, text: str, above: Sequence[Title] = ()) -> None:
        super().__init__(text)
        self.above = above


class WarehouseBusy(IngestionError):
    """Another program has the warehouse open. It may close it."""


class InboxAway(IngestionError):
    """The inbox cannot be reached. It may lie on a network drive that comes back."""


class FileBusy(IngestionError):
    """A file is still being written. It stays in the inbox and is read by the next run."""


_FULL = re.compile(r"No space left on device|disk is full|Disk quota exceeded|not enough disk space", re.IGNORECASE)


def is_full(error: object) -> bool:
    """Whether an error, or its text, tells of a full disk: nothing that follows on that disk can go better."""
    return _FULL.search(str(error)) is not None
