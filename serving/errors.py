"""The errors of serving/, each a sentence for whoever runs or reads the warehouse. What raises them is elsewhere."""

from __future__ import annotations

import re

import duckdb

# "Catalog Error: ", "Invalid Input Error: ", "IO Error: "
_KIND = re.compile(r"^[A-Z][A-Za-z ]{1,30} (?:Error|Exception): ")


class ServingError(Exception):
    """Something about the published copy is not as it must be; the text says what, where and what to do."""


class PublishError(ServingError):
    """A publish did not take place. Readers still get what they got before."""


class NotPublished(ServingError):
    """There is no published version to read."""


class NoSuchVersion(ServingError):
    """There is no version to go back to."""


class PostgresError(ServingError):
    """The PostgreSQL server could not be brought up to date. Its readers, and the local copy, have what they had."""


class PostgresAway(PostgresError):
    """The server cannot be reached, or somebody else holds what is needed. A moment later it may go."""


class QueryError(ServingError):
    """DuckDB refused a reader's SQL."""


def sentence(error: duckdb.Error) -> str:
    """DuckDB's message in one line, without the kind of error before it and the marked SQL or stack trace after it."""
    text = str(error)
    for tail in ("\n\nLINE ", "\nTraceback", "\n\nStack Trace", "\nStack Trace"):
        text = text.partition(tail)[0]
    text = " ".join(_KIND.sub("", text, count=1).split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
