"""XML that lists records: elements of one name (`reader.records`), told into JSON records and read as such.

A child element is a value under its name; an element whose children all bear the records' own name is a list. What the
records mean does not belong here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
from lxml import etree

from ingestion.content import TextFacts, examine_text
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.readers import json as json_reader
from ingestion.readers.incoming import Incoming

# A document type can only stand before the first element; zero bytes are those of UTF-16.
_PROLOG_BYTES = 64 << 10


def read(
    con: duckdb.DuckDBPyConnection, path: Path, facts: TextFacts, contract: Contract, work: Path, name: str
) -> Incoming:
    """The records as text columns, as the JSON reader tells them; a record's line is its number.

    Raises FileRefused for what is no complete XML, declares a document type, or holds no records.
    """
    (record,) = contract.reader.records
    with path.open("rb") as file:
        if b"<!DOCTYPE" in file.read(_PROLOG_BYTES).replace(b"\0", b""):
            raise FileRefused(
                f"{name} declares a document type (DOCTYPE), which no export has and with which XML can flood a "
                "machine. It was not read further; do not trust where it came from."
            )
    target, count = work / "records.ndjson", 0
    with target.open("w", encoding="utf-8") as out:
        try:
            for element in _records(path, record):
                out.write(json.dumps(_value(element, record), ensure_ascii=False) + "\n")
                count += 1
        except etree.XMLSyntaxError as error:
            reason = (error.msg or "no element").rstrip(".")
            raise FileRefused(
                f"{name} is no complete XML: {reason}. It was cut off or damaged; export it again."
            ) from None
    if count == 0:
        raise FileRefused(f"{name} holds no record <{record}>. It may hold an error message instead.")
    _, told = examine_text(target, "utf-8", name)
    # The records stand side by side now, in no list of a name.
    bare = contract.model_copy(update={"reader": contract.reader.model_copy(update={"records": ()})})
    return json_reader.read(con, target, told, bare, work, name)


def _records(path: Path, record: str) -> Any:
    """The record elements right below the root, one after the other; each is forgotten before the next is read."""
    root = None
    for event, element in etree.iterparse(
        str(path),
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    ):
        if root is None:
            root = element
        elif event == "end" and element.getparent() is root:
            if element.tag == record:
                yield element
            element.clear()
            while element.getprevious() is not None:
                del root[0]


def _value(element: etree._Element, record: str) -> Any:
    if len(element) == 0:
        return element.text
    if all(child.tag == record for child in element):
        return [_value(child, record) for child in element]
    return {child.tag: _value(child, record) for child in element}
