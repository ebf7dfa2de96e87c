"""What a run tells whoever watches it. The command line prints it; under the web interface nobody listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ingestion.ledger import LoadResult
from serving.postgres import PostgresPublication
from serving.publish import Publication


@dataclass(frozen=True)
class Built:
    """A model, seed or test that dbt has finished; `description` is in the company's language, empty where none exists.

    `status` is dbt's own word; `found` counts the rows that a test objected to.
    """

    name: str
    resource_type: str
    status: str
    description: str
    found: int


class Progress(Protocol):
    """A listener to one run."""

    def loading(self, source: str) -> None:
        """The files of a source are looked at next."""

    def loaded(self, result: LoadResult) -> None:
        """A file was dealt with."""

    def late(self, said: str, *, missed: bool) -> None:
        """A source is late, in words; `missed` says that it delivers by an hour and has not."""

    def trying_again(self, said: str, seconds: float) -> None:
        """A step failed for something that passes by itself, and is run again after so many seconds."""

    def building(self, total: int) -> None:
        """dbt begins: so many models, seeds and tests."""

    def built(self, built: Built) -> None:
        """dbt finished a model, seed or test."""

    def found(self, rows: dict[str, list[str]]) -> None:
        """dbt has ended: the first rows that checks objected to, in words, by the name of the check."""

    def publishing(self) -> None:
        """The copy for readers is made next."""

    def published(self, publication: Publication) -> None:
        """Readers see a new version."""

    def published_postgres(self, publication: PostgresPublication) -> None:
        """Readers of the PostgreSQL server see it, too."""

    def backed_up(self, said: str) -> None:
        """A backup was taken; what it holds, in a sentence."""


class Silent:
    """Nobody listens."""

    def loading(self, source: str) -> None: ...

    def loaded(self, result: LoadResult) -> None: ...

    def late(self, said: str, *, missed: bool) -> None: ...

    def trying_again(self, said: str, seconds: float) -> None: ...

    def building(self, total: int) -> None: ...

    def built(self, built: Built) -> None: ...

    def found(self, rows: dict[str, list[str]]) -> None: ...

    def publishing(self) -> None: ...

    def published(self, publication: Publication) -> None: ...

    def published_postgres(self, publication: PostgresPublication) -> None: ...

    def backed_up(self, said: str) -> None: ...
