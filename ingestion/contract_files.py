"""Reading contracts: their YAML, how a mapping is merged onto the kind it extends, and mistakes by file and line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ingestion.contract import NAME, SHIPPED, Contract, Misplaced
from ingestion.errors import ContractError

# The form of contract files; what an earlier one is brought up by stands in operations/upgrade.py.
FORMAT = 2
# Entries of a column that say where its values come from.
_ORIGINS = {"from", "position", "metadata", "constant", "rules"}
# libyaml, where PyYAML has it, reads ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_contracts(mappings: Path | None = None) -> dict[str, Contract]:
    """All contracts by kind: the shipped ones and a company's own mappings in the folder `mappings`.

    Raises ContractError, naming file and line, for the first mistake found.
    """
    documents = dict(_shipped(SHIPPED))
    for path in mappings_in(mappings) if mappings is not None else ():
        document = _read_yaml(path)
        kind = _kind_of(document, path)
        if kind in documents:
            line = _line_of(path, ("kind",))
            raise ContractError(
                f"{path}: line {line}: kind {kind} is already defined in {documents[kind][1]}; choose another name."
            )
        documents[kind] = (document, path)
    return {kind: _build(kind, documents)[0] for kind in documents}


def mappings_in(folder: Path) -> list[Path]:
    """A company's mappings; none where the folder does not exist."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml") and path.is_file())


def load_contract_file(path: Path) -> Contract:
    """One contract or mapping by its path, extended from the shipped kinds. Raises ContractError."""
    document = _read_yaml(path)
    kind = _kind_of(document, path)
    return _build(kind, {**_shipped(SHIPPED), kind: (document, path)})[0]


@cache
def _shipped(folder: Path) -> dict[str, tuple[dict[str, Any], Path]]:
    """The documents of the shipped kinds with their paths, by kind; read once, since they are part of the program."""
    read = ((_read_yaml(path), path) for path in sorted(folder.glob("*/*.yaml")))
    return {_kind_of(document, path): (document, path) for document, path in read}


def _kind_of(document: dict[str, Any], path: Path) -> str:
    kind = document.get("kind")
    if not isinstance(kind, str) or not NAME.fullmatch(kind):
        line = _line_of(path, ("kind",))
        raise ContractError(
            f"{path}: line {line}: a contract begins with its kind in small letters, such as  kind: my_sales_lines"
        )
    return kind


def _build(
    kind: str, documents: dict[str, tuple[dict[str, Any], Path]], extending: tuple[str, ...] = ()
) -> tuple[Contract, dict[str, Any]]:
    """The contract of a kind and its document, merged onto what it extends."""
    document, path = documents[kind]
    merged, table = document, kind
    if "extends" in document:
        base_kind, line = document["extends"], _line_of(path, ("extends",))
        if not isinstance(base_kind, str) or base_kind not in documents:
            raise ContractError(f"{path}: line {line}: extends {base_kind!r}, but there is no kind of that name.")
        if base_kind in (*extending, kind):
            chain = " extends ".join([*extending, kind, base_kind])
            raise ContractError(f"{path}: line {line}: {chain}: a kind cannot extend itself.")
        # First, so that a mistake in the base is found there.
        base, base_document = _build(base_kind, documents, (*extending, kind))
        merged, table = _merge(base_document, document, path), base.table
    try:
        return Contract.model_validate({**merged, "kind": kind, "table": table, "path": path}), merged
    except ValidationError as error:
        raise ContractError(_explain(error, document, merged, path)) from None


def _merge(base: dict[str, Any], own: dict[str, Any], path: Path) -> dict[str, Any]:
    """The base kind with the mapping's own entries over it."""
    merged = dict(base)
    for key, value in own.items():
        if key == "extends":
            continue
        if key in ("reader", "load", "freshness") and isinstance(value, dict):
            # A load mode without a key drops the key of the base: append has none.
            inherited = {} if key == "load" and "mode" in value else base.get(key, {})
            merged[key] = {**inherited, **value}
        elif key == "columns":
            merged[key] = _merge_columns(base["columns"], value, path)
        elif key == "known_extra" and isinstance(value, list):
            merged[key] = [*base.get(key, []), *value]
        else:
            merged[key] = value
    return merged


def _merge_columns(base: list[dict[str, Any]], own: Any, path: Path) -> list[dict[str, Any]]:
    if not isinstance(own, dict):
        line = _line_of(path, ("columns",))
        raise ContractError(
            f"{path}: line {line}: in a mapping, columns is a list of names with what differs, such as\n"
            "  columns:\n    net_amount: {from: Nettobetrag}"
        )
    known = [column["name"] for column in base]
    for name, changes in own.items():
        if name not in known:
            line = _line_of(path, ("columns", name))
            raise ContractError(
                f"{path}: line {line}: there is no column {name!r} in the kind it extends. It has: {', '.join(known)}."
            )
        if not isinstance(changes, dict):
            line = _line_of(path, ("columns", name))
            raise ContractError(f"{path}: line {line}: write  {name}: {{from: Heading in your file}}")
    merged = []
    for column in base:
        changes = own.get(column["name"], {})
        kept = column
        # A column has one origin. What a mapping says replaces what the base says.
        if changes.keys() & _ORIGINS:
            kept = {key: value for key, value in column.items() if key not in _ORIGINS}
        merged.append({**kept, **changes})
    return merged


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=_Loader)
        document = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else "somewhere"
        raise ContractError(f"{path}: {where}: this is not valid YAML: {error.problem}.") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ContractError(f"{path}: line {line}: a character stands here that no text has: {error.reason}.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        raise ContractError(
            f"{path}: line {line}: contracts are written in UTF-8; byte {error.start + 1} is not."
        ) from None
    except OSError as error:
        raise ContractError(f"{path}: line 1: the contract cannot be read: {error.strerror}.") from None
    _refuse_repeated(node, path)
    if not isinstance(document, dict):
        raise ContractError(f"{path}: line 1: a contract is a list of entries such as  kind: my_sales_lines")
    number = document.pop("format", FORMAT)
    if not isinstance(number, int) or number > FORMAT:
        raise ContractError(
            f"{path}: line {_line_of(path, ('format',))}: format {number}: this version of Kontor reads contracts up "
            f"to format {FORMAT}. Install the newer version that the file was written for."
        )
    return document


def _refuse_repeated(node: yaml.Node | None, path: Path) -> None:
    """An entry that stands twice would silently lose what it said first."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                raise ContractError(
                    f"{path}: line {line}: {name} stands here again; it stands in line {seen[name]} too."
                )
            seen[name] = line
            _refuse_repeated(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated(item, path)


def _explain(error: ValidationError, document: dict[str, Any], merged: dict[str, Any], path: Path) -> str:
    """The first mistake as a sentence with file and line."""
    first = error.errors()[0]
    location = tuple(first["loc"])
    if isinstance(cause := first.get("ctx", {}).get("error"), Misplaced):
        location += cause.location
    if len(location) >= 2 and location[0] == "columns" and isinstance(document.get("columns"), dict):
        # pydantic counts the merged columns; in the mapping they stand under their names.
        location = ("columns", merged["columns"][location[1]]["name"], *location[2:])
    line = _line_of(path, location)
    parts = (f"number {part + 1}" if isinstance(part, int) else str(part) for part in location)
    what = " → ".join(parts) or "the contract"
    problem = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        problem = "this entry is not known; look for a spelling mistake"
    elif first["type"] == "missing":
        problem = "this entry is missing"
    elif first["type"] == "string_type":
        problem = f"this must be a text, not {first['input']!r}; put it in quotation marks"
    return f"{path}: line {line}: {what}: {problem}."


def _line_of(path: Path, location: tuple[Any, ...]) -> int:
    """The line (from 1) where the entry at `location` stands, or that of its nearest parent that is there."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    line = 1
    for part in location:
        child = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, child = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line + 1
        if child is None:
            break
        node = child
    return line
