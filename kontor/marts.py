"""The marts as dbt's manifest describes them: grain, columns, where they come from, who reads them, examples.

Reads a manifest and runs nothing. What a mart holds is said in dbt_project/; how much, in serving/measure.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# From harmless to telling a person's name; a table is of the highest class of its columns.
PERSONAL_CLASSES = ("none", "indirect", "pseudonym", "direct")

# Rows as they are, and for lists also as they were: one table of a kind of source in two schemas.
_DELIVERED = ("source.kontor.raw.", "source.kontor.history.")


@dataclass(frozen=True)
class MartColumn:
    """A column as its contract and its documentation tell; titles are empty where the description begins like one."""

    name: str
    title_en: str
    title_de: str
    data_type: str
    not_null: bool
    description_en: str
    description_de: str
    personal: str
    refers_to: str | None


@dataclass(frozen=True)
class Example:
    """A question of the business and the SQL that answers it; `may_be_empty` says why it may find nothing."""

    title_en: str
    title_de: str
    sql: str
    may_be_empty: str | None


@dataclass(frozen=True)
class Mart:
    """A published table. `parents` are the models it is made from, `raw_tables` where its rows began."""

    name: str
    domain: str
    title_en: str
    title_de: str
    description_en: str
    description_de: str
    columns: tuple[MartColumn, ...]
    day_column: str | None
    parents: tuple[str, ...]
    raw_tables: tuple[str, ...]
    readers: tuple[str, ...]
    examples: tuple[Example, ...]
    path: str

    @property
    def personal(self) -> str:
        """Highest personal-data class of its columns."""
        return highest_class(column.personal for column in self.columns)


def highest_class(classes: Any) -> str:
    """The class of a table whose columns have these."""
    return max(classes, key=PERSONAL_CLASSES.index, default="none")


def read_marts(manifest: dict[str, Any]) -> list[Mart]:
    """All published tables of the project, by name."""
    refers = _relationships(manifest)
    nodes = [node for node in manifest["nodes"].values() if _is_mart(node)]
    return [_mart(manifest, node, refers) for node in sorted(nodes, key=lambda node: node["name"])]


def readers_of_raw(manifest: dict[str, Any], table: str) -> tuple[str, ...]:
    """The marts that rows of a raw table reach first, as they are now or as they once were."""
    return tuple(sorted({reader for schema in _DELIVERED for reader in _readers(manifest, f"{schema}{table}")}))


def tables_tested(manifest: dict[str, Any], test_id: str) -> list[str]:
    """What a test looks at: marts by name, raw tables as `raw.<table>`, also where it reads their staging."""
    tables = set()
    for parent in manifest["nodes"][test_id]["depends_on"]["nodes"]:
        if parent.startswith(_DELIVERED):
            tables.add(f"raw.{_name(parent)}")
            continue
        node = manifest["nodes"].get(parent)
        if node is None:
            continue
        if _is_mart(node):
            tables.add(node["name"])
        elif node["schema"] == "staging":
            tables |= {f"raw.{table}" for table in _raw_tables(manifest, parent)}
    return sorted(tables)


def _is_mart(node: dict[str, Any]) -> bool:
    return node["resource_type"] == "model" and node["schema"] == "marts"


def _mart(manifest: dict[str, Any], node: dict[str, Any], refers: dict[tuple[str, str], str]) -> Mart:
    meta = node["config"]["meta"]
    columns = tuple(
        MartColumn(
            name=column["name"],
            title_en=column["config"]["meta"].get("title_en", ""),
            title_de=column["config"]["meta"].get("title_de", ""),
            data_type=column["data_type"] or "",
            not_null=any(constraint["type"] == "not_null" for constraint in column["constraints"]),
            description_en=column["description"].strip(),
            description_de=column["config"]["meta"].get("description_de", "").strip(),
            personal=column["config"]["meta"].get("personal", "none"),
            refers_to=refers.get((node["name"], column["name"])),
        )
        for column in node["columns"].values()
    )
    return Mart(
        name=node["name"],
        domain=node["fqn"][2],
        title_en=meta["title_en"],
        title_de=meta["title_de"],
        description_en=node["description"].strip(),
        description_de=meta["description_de"].strip(),
        columns=columns,
        day_column=meta["day_column"] if "day_column" in meta else _day_column(node["name"], columns),
        parents=tuple(sorted(_name(parent) for parent in node["depends_on"]["nodes"])),
        raw_tables=tuple(sorted(_raw_tables(manifest, node["unique_id"]))),
        readers=_readers(manifest, node["unique_id"]),
        examples=tuple(
            Example(example["title_en"], example["title_de"], example["sql"].strip(), example.get("may_be_empty"))
            for example in meta.get("examples", ())
        ),
        path=node["original_file_path"],
    )


def _day_column(name: str, columns: tuple[MartColumn, ...]) -> str | None:
    """The day a row is about: its first date. A dimension's dates are properties, not the time of its rows."""
    if name.startswith("dim_"):
        return None
    return next((column.name for column in columns if column.data_type == "date"), None)


def _relationships(manifest: dict[str, Any]) -> dict[tuple[str, str], str]:
    """(mart, column) → mart it refers to, as the tests of foreign keys say."""
    found = {}
    for node in manifest["nodes"].values():
        metadata = node.get("test_metadata") or {}
        if metadata.get("name") == "relationships" and node.get("attached_node"):
            parent = manifest["nodes"][node["attached_node"]]["name"]
            others = [_name(other) for other in node["depends_on"]["nodes"] if _name(other) != parent]
            found[parent, node["column_name"]] = others[0] if others else parent
    return found


def _readers(manifest: dict[str, Any], unique_id: str) -> tuple[str, ...]:
    """Marts, metrics and declared readers (dbt's exposures) that follow next, through whatever lies between."""
    found = set()
    for child in _next(manifest, unique_id, set()):
        kind = child.split(".", 1)[0]
        if kind == "exposure":
            found.add(manifest["exposures"][child].get("label") or _name(child))
        else:
            found.add("metrics" if kind == "semantic_model" else _name(child))
    return tuple(sorted(found))


def _next(manifest: dict[str, Any], unique_id: str, seen: set[str]) -> Iterator[str]:
    for child in manifest["child_map"].get(unique_id, ()):
        if child in seen:
            continue
        seen.add(child)
        if _is_calendar(child):
            continue
        if child.startswith(("exposure.", "semantic_model.")) or (
            child.startswith("model.") and _is_mart(manifest["nodes"][child])
        ):
            yield child
        elif child.startswith("model."):
            yield from _next(manifest, child, seen)


def _raw_tables(manifest: dict[str, Any], unique_id: str) -> set[str]:
    found: set[str] = set()
    waiting, seen = [unique_id], set()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if _is_calendar(current):
            continue
        if current.startswith(_DELIVERED):
            found.add(_name(current))
        waiting += manifest["parent_map"].get(current, ())
    return found


def _is_calendar(unique_id: str) -> bool:
    """The calendar looks at every table for its first and last day, and hands on none of their rows."""
    return _name(unique_id).startswith("int_calendar__")


def _name(unique_id: str) -> str:
    return unique_id.rsplit(".", 1)[1]
