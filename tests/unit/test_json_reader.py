"""JSON told into records, whatever the document around them looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.content import examine_text
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.readers import json as reader
from tests.landing_zone import till_lines

CON = duckdb.connect()
KEYS = {
    "receipt": "$.nr",
    "sold_date": "$.when.day",
    "article": "article",
    "quantity": '$."the, quantity"',
    "amount": "$.sum",
}


def contract(**options: Any) -> Contract:
    document = till_lines().model_dump(by_alias=True)
    document["reader"] |= {"format": "json", "decimal": ".", "thousands": "", **options}
    for column in document["columns"]:
        column["from"] = (KEYS[column["name"]],)
    return Contract.model_validate(document)


RECORD = {
    "nr": "B1",
    "when": {"day": "2026-11-01"},
    "article": None,
    "the, quantity": 2,
    "sum": 1.5,
    "extra": {"a": [1]},
}


def tell(folder: Path, text: str, **options: Any) -> tuple[list[tuple[Any, ...]], tuple[str, ...]]:
    path = folder / "f.json"
    path.write_text(text, encoding="utf-8", newline="")
    _, facts = examine_text(path, "auto", path.name)
    incoming = reader.read(CON, path, facts, contract(**options), folder, path.name)
    rows = CON.execute(
        f"select _line, {', '.join(incoming.columns)} from ({incoming.relation}) order by _line"
    ).fetchall()
    assert len(rows) == incoming.records
    return rows, incoming.headings


ROW = ("B1", "2026-11-01", None, "2", "1.5", '{"a":[1]}')


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(json.dumps(RECORD), [1], id="one object"),
        pytest.param(json.dumps(RECORD, indent=2), [1], id="one object over many lines"),
        pytest.param(f"{json.dumps(RECORD)}\n\n{json.dumps(RECORD)}\n", [1, 3], id="one per line"),
        pytest.param(json.dumps([RECORD, RECORD]), [1, 2], id="list"),
        pytest.param(json.dumps({"orders": [RECORD, RECORD]}), [1, 2], id="object around a list, on one line"),
        pytest.param(json.dumps({"orders": [RECORD]}, indent=1), [1], id="object around a list, printed"),
        pytest.param("\n\n  " + json.dumps(RECORD), [1], id="blank lines first"),
        pytest.param(
            f'{{"orders": [\n{json.dumps(RECORD)},\n{json.dumps(RECORD)}\n]}}', [1, 2], id="a record a line in a list"
        ),
    ],
)
def test_records_are_found(tmp_path: Path, text: str, lines: list[int]) -> None:
    """Each of the usual ways to write records was read by one program and refused, or halved, by the next."""
    rows, headings = tell(tmp_path, text)
    assert [row[0] for row in rows] == lines
    assert all(row[1:] == ROW for row in rows)
    assert headings == (*KEYS.values(), "extra")


def test_records_under_a_declared_key(tmp_path: Path) -> None:
    """Of an object with two lists the wrong one was taken."""
    text = json.dumps({"meta": [], "data": [RECORD]})
    assert [row[1] for row in tell(tmp_path, text, records="data")[0]] == ["B1"]
    with pytest.raises(FileRefused, match="no record has the key"):
        tell(tmp_path, text)


def test_a_key_of_another_case_is_another_key(tmp_path: Path) -> None:
    """A value under `SUM` was neither read nor kept."""
    rows, headings = tell(tmp_path, json.dumps({**RECORD, "SUM": 9}))
    assert headings == (*KEYS.values(), "SUM", "extra")
    assert rows[0][6] == "9"


def test_numbers_and_texts_come_out_as_they_stand(tmp_path: Path) -> None:
    """Numbers of twenty digits lost the last ones on the way through binary fractions."""
    text = '{"nr": 12345678901234567890, "when": {"day": "x"}, "the, quantity": 0.10, "sum": "1763600000123456"}\n'
    rows, _ = tell(tmp_path, text * 2)
    assert rows[0][1:6] == ("12345678901234567890", "x", None, "0.1", "1763600000123456")


def test_a_document_too_large_to_be_held_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of gigabytes was read into memory as a whole."""
    monkeypatch.setattr(reader, "_LARGEST_DOCUMENT", 100)
    with pytest.raises(FileRefused, match="Export it as one object per line"):
        tell(tmp_path, json.dumps([RECORD] * 5))
    assert len(tell(tmp_path, f"{json.dumps(RECORD)}\n" * 5)[0]) == 5
