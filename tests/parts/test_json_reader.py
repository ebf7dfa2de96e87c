"""JSON told into records, whatever the document around them looks like."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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


def contract(keys: Mapping[str, str | tuple[str, ...]], **options: Any) -> Contract:
    document = till_lines().model_dump(by_alias=True)
    document["reader"] |= {"format": "json", "decimal": ".", "thousands": "", **options}
    for column in document["columns"]:
        column["from"] = keys[column["name"]]
    return Contract.model_validate(document)


RECORD = {
    "nr": "B1",
    "when": {"day": "2026-11-01"},
    "article": None,
    "the, quantity": 2,
    "sum": 1.5,
    "extra": {"a": [1]},
}


def tell(
    folder: Path, text: str, keys: Mapping[str, str | tuple[str, ...]] = KEYS, **options: Any
) -> tuple[list[tuple[Any, ...]], tuple[str, ...]]:
    path = folder / "f.json"
    path.write_text(text, encoding="utf-8", newline="")
    _, facts = examine_text(path, "auto", path.name)
    incoming = reader.read(CON, path, facts, contract(keys, **options), folder, path.name)
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


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"order": RECORD}),
        json.dumps({"orders": [RECORD], "order": None}),
        f"{json.dumps({'order': RECORD})}\n{json.dumps({'orders': []})}\n",
        f"{json.dumps({'orders': []})}\n{json.dumps({'orders': [RECORD]})}\n",
    ],
    ids=["object in an object", "list in an object", "one object a line", "one page a line"],
)
def test_records_in_the_objects_around_them(tmp_path: Path, text: str) -> None:
    """An answer saved as it came, or one under the other, was taken for one record without any of its columns."""
    rows, headings = tell(tmp_path, text, records=["orders", "order"])
    assert [row[1:] for row in rows] == [ROW] and headings == (*KEYS.values(), "extra")


def test_a_page_without_records_is_no_error(tmp_path: Path) -> None:
    """The night on which nothing was sold was reported as a broken export."""
    assert tell(tmp_path, '{"orders": [], "total": 0}', records=["orders"])[0] == []


LINES = [{"name": "Lampe", "sum": None, "more": [1]}, {"name": "Fuß", "sum": 2.5}, "loose"]


@pytest.mark.parametrize("wrap", [lambda r: json.dumps(r), lambda r: "".join(json.dumps(one) + "\n" for one in r)])
def test_each_element_of_a_list_is_a_row_with_its_record_beside_it(
    tmp_path: Path, wrap: Callable[[list[dict[str, Any]]], str]
) -> None:
    """An order lost its lines but one; an order without lines was lost as a whole."""
    records = [{**RECORD, "sum": 7, "lines": LINES[:2]}, {**RECORD, "nr": "B2", "lines": []}, {**RECORD, "nr": "B3"}]
    keys = {**KEYS, "article": "$.lines.name", "amount": "$.lines.sum"}
    rows, headings = tell(tmp_path, wrap(records), keys, each="$.lines")
    assert headings == (*keys.values(), "article", "extra", "sum")
    found = [(row[0], row[1], row[3], row[5]) for row in rows]
    assert found == [(1, "B1", "Lampe", None), (2, "B1", "Fuß", "2.5"), (3, "B2", None, None), (4, "B3", None, None)]
    assert [row[8] for row in rows] == ["7", "7", "1.5", "1.5"]


def test_a_broken_line_among_records_with_lists_is_still_a_row(tmp_path: Path) -> None:
    """Rows told apart by their lists counted without the lines that are no JSON."""
    keys = {**KEYS, "article": "$.when.lines.name"}
    good = json.dumps({**RECORD, "when": {"day": "x", "lines": LINES[:2]}})
    rows, _ = tell(tmp_path, f"{good}\n{good[:50]}\n\n{good}\n", keys, each="$.when.lines")
    assert [(row[1], row[3]) for row in rows] == [
        ("B1", "Lampe"),
        ("B1", "Fuß"),
        (None, None),
        ("B1", "Lampe"),
        ("B1", "Fuß"),
    ]


def test_of_several_paths_the_first_with_a_value_counts(tmp_path: Path) -> None:
    """A second path was never looked at, since the first one is always there to be looked up."""
    keys = {**KEYS, "article": ("$.sku", "$.id")}
    text = "".join(json.dumps({**RECORD, **more}) + "\n" for more in ({"sku": "A", "id": 1}, {"sku": "", "id": 2}, {}))
    assert [row[3] for row in tell(tmp_path, text, keys)[0]] == ["A", "2", None]


def test_a_record_of_another_kind_is_called_by_its_name(tmp_path: Path) -> None:
    """A folder with the products in place of the orders: the refusal only listed keys."""
    with pytest.raises(FileRefused, match=r"This looks like GA4 events .* \(kind ga4_events\)"):
        tell(
            tmp_path,
            '{"event_date": "20261120", "event_timestamp": "1", "event_name": "view", "user_pseudo_id": "u",'
            ' "event_params": []}',
        )


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
