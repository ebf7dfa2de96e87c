"""Quoting for SQL. Every name and text that comes from a file, a contract or the settings goes through here."""

from __future__ import annotations

import re
from pathlib import Path


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def text_list(texts: list[str] | tuple[str, ...]) -> str:
    """Texts as an SQL list."""
    return "[" + ", ".join(literal(text) for text in texts) + "]"


def path_literal(path: Path) -> str:
    """A path as an SQL literal for DuckDB's readers, which would take [, * and ? in it for a pattern."""
    return literal(re.sub(r"([\[*?])", r"[\1]", str(path)))
