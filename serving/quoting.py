"""Names and texts as SQL writes them; names of tables and columns come from files that anybody may have written."""

from __future__ import annotations


def quoted(*names: str) -> str:
    """A name, or a name with what it lies in: `"marts"."fct_sales_line"`."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(value: str) -> str:
    """A text value."""
    return "'" + value.replace("'", "''") + "'"
