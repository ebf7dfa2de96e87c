"""Delimited text told into rows: whatever a writer of CSV writes comes back cell for cell, on both roads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.content import examine_text
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.readers import csv as reader
from ingestion.readers.incoming import REJECTED
from tests.landing_zone import HEADINGS, line, text, till_lines, varied

CON = duckdb.connect()


@dataclass(frozen=True)
class Told:
    """What a reader made of a file: rows with their line, rejected rows with line and reason, and its counts."""

    headings: tuple[str, ...]
    rows: list[tuple[int, tuple[str | None, ...]]]
    rejected: list[tuple[int, str, str]]
    titles: int
    blank: int
    records: int


@contextmanager
def slow_road(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(reader, "_read_fast", lambda *_: False)
        yield


def tell(folder: Path, content: str | bytes, contract: Contract | None = None) -> Told:
    contract = contract or till_lines()
    path = folder / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    _, facts = examine_text(path, contract.reader.encoding, path.name)
    incoming = reader.read(CON, path, facts, contract, folder, path.name)
    rows = CON.execute(
        f"select _line, {', '.join(incoming.columns)} from ({incoming.relation}) order by _line"
    ).fetchall()
    rejected = CON.execute(f"select _line, text, reason from {REJECTED} order by _line").fetchall()
    assert len(rows) + len(rejected) == incoming.records
    return Told(
        incoming.headings,
        [(at, tuple(cells)) for at, *cells in rows],
        rejected,
        incoming.titles,
        incoming.blank,
        incoming.records,
    )


def write(rows: Sequence[Sequence[str]], delimiter: str, end: str, quoting: int) -> str:
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return made.getvalue()


CELLS = st.text(
    st.sampled_from("ab;,\"\n\r\t '\\äß€🙂\u2028\x0b0") | st.characters(codec="utf-8", exclude_characters="\x00"),
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8),
    delimiter=st.sampled_from(";,\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_python_writes_comes_back_cell_for_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[list[str]], delimiter: str, end: str, quoting: int
) -> None:
    """A delimiter, a quotation mark or a line break inside a value shifted values or swallowed rows, on one of the two
    roads or on both; or the lines in the quarantine were not those of the file."""
    # Python 3.11 leaves a carriage return bare when it is not part of the line end.
    if end == "\n":
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    contract = varied(till_lines(), reader={"delimiter": delimiter})
    content = write([["Bon", "Datum", "Menge"], *rows], delimiter, end, quoting)
    expected, at = [], 2
    for row in rows:
        expected.append((at, tuple(cell or None for cell in row)))
        at += write([row], delimiter, end, quoting).count("\n")
    found = tell(tmp_path, content, contract)
    with slow_road(monkeypatch):
        found_slowly = tell(tmp_path, content, contract)
    for told in (found, found_slowly):
        assert told.headings == ("Bon", "Datum", "Menge") and told.rejected == []
        # Blanks around a value carry no meaning; the loader takes them off too.
        assert [(at, _bare(cells)) for at, cells in told.rows] == [(at, _bare(cells)) for at, cells in expected]


def _bare(cells: tuple[str | None, ...]) -> tuple[str | None, ...]:
    return tuple((cell or "").lstrip(" ") or None for cell in cells)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(st.text(st.sampled_from('ab;;;""\n1ä'), max_size=16), max_size=6))
def test_both_roads_agree_on_any_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: list[str]) -> None:
    """A row is loaded or not depending on whether some other line of the file is blank."""
    content = "Bon;Datum;Menge\n" + "".join(f"1;2;3\n{part}\n" for part in body)
    found = tell(tmp_path, content)
    with slow_road(monkeypatch):
        found_slowly = tell(tmp_path, content)
    assert [at for at, _, _ in found.rejected] == [at for at, _, _ in found_slowly.rejected]
    assert [(at, _bare(cells)) for at, cells in found.rows] == [(at, _bare(cells)) for at, cells in found_slowly.rows]
    assert (found.records, found.blank) == (found_slowly.records, found_slowly.blank)


def test_an_orderly_file_goes_straight_through_duckdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file went row by row through Python, a hundred times as slowly."""
    monkeypatch.setattr(reader, "_Rows", None)
    rows = [line(n) for n in range(3000)]
    rows[7] = 'B7;08.11.2026;"Lampe; ""Eva""";1,00;7,50'
    rows[1000] += ";x"
    rows[1001] = "short"
    rows[2999] = "short;er"
    told = tell(tmp_path, "Titel\r\n" + text(*rows, end="\r\n"))
    assert (told.records, len(told.rows), told.titles) == (3000, 2997, 1)
    assert [(at, reason) for at, _, reason in told.rejected] == [
        (1003, "the row has 6 values, the headings 5"),
        (1004, "the row has 1 values, the headings 5"),
        (3002, "the row has 2 values, the headings 5"),
    ]
    # Lines after rejected ones keep their own numbers.
    assert all(cells[0] == f"B{at - 3}" for at, cells in told.rows)
    assert dict(told.rows)[10][2] == 'Lampe; "Eva"'


@pytest.mark.parametrize(
    "content",
    [
        "Kassenbericht\n\nFiliale;Nord\n" + text(line(1)),
        'Bericht "November\nStand: 30.11.\n\n' + text(line(1)),
        "\ufeffTitel\n\n\n" + text(line(1)),
        ";;;;\n;;;;\nx\n" + text(line(1)),
    ],
)
def test_headings_are_found_below_titles(tmp_path: Path, content: str) -> None:
    """A title with a quotation mark in it hid the headings; a byte-order mark became part of the first one."""
    told = tell(tmp_path, content)
    assert told.headings == tuple(HEADINGS.split(";")) and told.titles == 3
    assert [at for at, _ in told.rows] == [5]


def test_headings_are_compared_without_case_and_blanks(tmp_path: Path) -> None:
    """`MENGE ` and a heading with a non-breaking blank were missing columns."""
    told = tell(tmp_path, text(line(1), headings=' BON ;"Datum";artikel;\u00a0MENGE\u00a0;Betrag'))
    assert told.headings[:3] == ("BON", "Datum", "artikel") and len(told.rows) == 1


def test_a_declared_row_of_headings_is_the_one(tmp_path: Path) -> None:
    """The row that looked like headings was taken although another one is declared, or a wrong one was obeyed."""
    third = varied(till_lines(), reader={"header_row": 3})
    content = "x\n" + text(headings=HEADINGS) + text(line(1))
    assert [at for at, _ in tell(tmp_path, content, third).rows] == [4]
    for row, says in ((1, "headings lack"), (99, "declared to stand in row 99")):
        with pytest.raises(FileRefused, match=says):
            tell(tmp_path, content, varied(till_lines(), reader={"header_row": row}))
    with_many_titles = "\n" * 400 + content
    assert len(tell(tmp_path, with_many_titles, varied(till_lines(), reader={"header_row": 403})).rows) == 1


def test_a_file_without_quotation_marks_has_none(tmp_path: Path) -> None:
    """Inches in an export that never quotes opened values that never closed."""
    contract = varied(till_lines(), reader={"quote": ""})
    told = tell(tmp_path, text('B1;01.11.2026;"5 Zoll;1,00;2,00', '"B2;01.11.2026;3";1,00;2,00', "", "short"), contract)
    assert [cells[0] for _, cells in told.rows] == ["B1", '"B2'] and told.rows[0][1][2] == '"5 Zoll'
    assert [at for at, _, _ in told.rejected] == [5] and told.blank == 1


def test_another_quotation_mark(tmp_path: Path) -> None:
    """Values in apostrophes kept them."""
    contract = varied(till_lines(), reader={"quote": "'"})
    told = tell(tmp_path, text("'B1';01.11.2026;'Lampe; groß';1,00;2,00"), contract)
    assert told.rows[0][1][:3] == ("B1", "01.11.2026", "Lampe; groß")


def test_blanks_before_a_quotation_mark(tmp_path: Path) -> None:
    """`1, "Lampe, groß", 5` was four values in a file with a blank line, and three in one without."""
    contract = varied(till_lines(), reader={"delimiter": ","})
    rows = '1, 2, "Lampe, groß", "3", 4\n'
    orderly = tell(tmp_path, text(headings="Bon,Datum,Artikel,Menge,Betrag") + rows, contract)
    other = tell(tmp_path, text(headings="Bon,Datum,Artikel,Menge,Betrag") + "\n" + rows, contract)
    assert orderly.rows[0][1][2] == other.rows[0][1][2] == "Lampe, groß"


def test_one_column_is_a_table_too(tmp_path: Path) -> None:
    """A list of numbers, one per line, lost its blank lines and with them the numbers of its lines."""
    columns = [till_lines().column("receipt").model_dump(by_alias=True)]
    one = {"columns": columns, "checks": [], "freshness": {"warn_after_hours": 1}}
    contract = Contract.model_validate({**till_lines().model_dump(by_alias=True), **one})
    told = tell(tmp_path, 'Bon\nA\n\n"B"\nC', contract)
    assert told.rows == [(2, ("A",)), (4, ("B",)), (5, ("C",))] and told.blank == 1


def test_a_value_of_too_many_lines_is_a_quotation_mark_that_was_not_closed(tmp_path: Path) -> None:
    """One stray quotation mark at the top and one at the bottom made a file of 5,000 lines a single row."""
    rows = [line(n) for n in range(2000)]
    rows[0] = 'X;01.11.2026;"Lampe;1,00;2,00'
    rows[1500] = 'Y;01.11.2026;Lampe";1,00;2,00'
    told = tell(tmp_path, text(*rows))
    assert [at for at, _, _ in told.rejected] == [2] and len(told.rows) == 1999


def test_bytes_that_are_cut_off_keep_their_row(tmp_path: Path) -> None:
    """The last row, without a line end and cut in the middle, was loaded with half an amount."""
    told = tell(tmp_path, text(line(1)) + "B2;02.11.2026;Lam")
    assert [at for at, _, _ in told.rejected] == [3] and len(told.rows) == 1
