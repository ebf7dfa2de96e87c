"""One file's rows by its contract: derived columns, checks, what is kept beside, and that all are accounted for."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import ledger, loader
from ingestion.content import examine_text
from ingestion.contract import Contract
from ingestion.errors import IngestionError
from ingestion.ledger import LedgerFile, LoadResult
from ingestion.loader import Loading, Readable, load
from ingestion.source import Source
from tests.landing_zone import HEADINGS, NOW, text, till_lines, varied

CON = duckdb.connect()
ledger.prepare(CON, [till_lines()])
_numbers = count(1)


def load_text(folder: Path, content: str, contract: Contract | None = None, source: str = "till") -> LoadResult:
    """Load a text in a transaction of its own, as a file of its own."""
    contract, number = contract or till_lines(), next(_numbers)
    path = folder / "f.csv"
    path.write_text(content, encoding="utf-8", newline="")
    found, facts = examine_text(path, "auto", "f.csv")
    file = LedgerFile(
        file_id=f"file{number}",
        source=source,
        sha256=found.sha256,
        bytes=found.size,
        file_name=f"f{number}.csv",
        member=None,
        archive_path="",
        content_bytes=found.size,
        as_of=datetime(2026, 1, 1),
        landed_at=NOW,
        sequence=number,
    )
    CON.execute("begin")
    try:
        kind = Source(name=source, kind=contract.kind, files="*", role="sales")
        result = load(Loading(CON, contract, kind, "Europe/Berlin", folder, "run", NOW), Readable(path, facts), file)
        CON.execute("commit")
    except BaseException:
        CON.execute("rollback")
        raise
    return result


def raw(result: LoadResult, columns: str) -> list[tuple[Any, ...]]:
    own = "from (select * from raw.till_lines where _file_id = ? order by _line)"
    return CON.execute(f"select {columns} {own}", [result.file_id]).fetchall()


def quarantine(result: LoadResult) -> list[tuple[int, str | None, str]]:
    return CON.execute(
        "select line, column_name, reason from ops.quarantine where file_id = ? order by line", [result.file_id]
    ).fetchall()


def with_columns(**changes: dict[str, Any]) -> Contract:
    """The tests' kind with some of its columns described otherwise."""
    document = till_lines().model_dump(by_alias=True)
    for column in document["columns"]:
        column.update(changes.get(column["name"], {}))
    return Contract.model_validate(document)


ROW = "B1;01.11.2026;Lampe;1,00;10,00"


def test_derived_columns_follow_their_rules_in_order(tmp_path: Path) -> None:
    """A fee was loaded as an article by a later rule that overwrote an earlier one; a text was compared as a number."""
    rules = [
        {"when": {"amount": "< 0", "receipt": "^X"}, "then": "return"},
        {"when": {"amount": "< 0"}, "then": "credit"},
        {"when": {"receipt": "^P(ORTO)?$"}, "then": "shipping"},
        {"when": {"quantity": ">= 100"}, "then": "bulk"},
    ]
    contract = with_columns(article={"from": (), "rules": rules, "otherwise": "goods"})
    rows = [
        "X1;01.11.2026;;1;-5",
        "B1;01.11.2026;;1;-5",
        "PORTO;01.11.2026;;1;5",
        "B2;01.11.2026;;100;5",
        "B3;01.11.2026;;1;",
    ]
    result = load_text(tmp_path, text(*rows), contract)
    assert [article for (article,) in raw(result, "article")] == ["return", "credit", "shipping", "bulk", "goods"]


def test_a_rule_changes_only_what_it_matches(tmp_path: Path) -> None:
    """Without `otherwise` the file's own value was lost where no rule matched."""
    contract = with_columns(article={"rules": [{"when": {"receipt": "^P"}, "then": "shipping"}]})
    result = load_text(tmp_path, text(ROW, ROW.replace("B1", "P1")), contract)
    assert raw(result, "article") == [("Lampe",), ("shipping",)]


def test_a_constant_stands_above_the_file(tmp_path: Path) -> None:
    """A mapping that says the currency was overruled by a column of that name, and the column was then lost."""
    contract = with_columns(article={"constant": "Kerze"}, amount={"constant": "1.5", "from": ()})
    result = load_text(tmp_path, text(ROW), contract)
    assert raw(result, "article, amount::varchar, _extra->>'Artikel', _extra->>'Betrag'") == [
        ("Kerze", "1.5000", "Lampe", "10,00")
    ]


def test_the_first_heading_of_the_contract_counts(tmp_path: Path) -> None:
    """Of two headings that fit, the one that stood further left in the file was taken."""
    result = load_text(tmp_path, text(ROW + ";Kerze", headings=HEADINGS.replace("Artikel", "Article") + ";Artikel"))
    assert raw(result, "article, _extra->>'Article'") == [("Kerze", "Lampe")]


def test_known_columns_that_nothing_reads_are_kept_without_a_word(tmp_path: Path) -> None:
    """The 44 columns of a shop export that nothing reads were reported as new every night."""
    contract = till_lines().model_copy(update={"known_extra": ("Kasse", "bediener ")})
    result = load_text(tmp_path, text(ROW + ";2;Eva;x", headings=HEADINGS + ";KASSE;Bediener;Neu"), contract, "known")
    assert result.drift == ("new column: Neu",)
    assert raw(result, "_extra") == [('{"KASSE":"2","Bediener":"Eva","Neu":"x"}',)]


def test_a_column_that_goes_is_reported_once(tmp_path: Path) -> None:
    """The loss of a column was reported every night, or by a source that never had it."""
    whole, less = text(ROW), text("B2;01.11.2026;1,00", headings="Bon;Datum;Menge")
    drift = [load_text(tmp_path, content, source="drift").drift for content in (less, whole, less, less)]
    assert drift == [(), (), ("column gone: article", "column gone: amount"), ()]


def test_missing_markers_are_no_values_but_stay_in_the_original(tmp_path: Path) -> None:
    """`-` became a text; in the quarantine it was gone, so nobody saw what the file has."""
    result = load_text(tmp_path, text("B1;01.11.2026;-;1,00;-", "B2;01.11.2026;-;-;-", "B3;01.11.2026;--;1,00;1"))
    assert raw(result, "receipt, article, amount::int") == [("B1", None, None), ("B3", "--", 1)]
    assert quarantine(result) == [(3, "Menge", "Menge: the value is missing")]
    original = CON.execute("select original_row from ops.quarantine where file_id = ?", [result.file_id]).fetchall()
    assert original == [('{"Bon":"B2","Datum":"01.11.2026","Artikel":"-","Menge":"-","Betrag":"-"}',)]


def test_all_that_is_wrong_with_a_row_is_said(tmp_path: Path) -> None:
    """Somebody mends one value, drops the file again, and learns of the next."""
    result = load_text(tmp_path, text(";heute;Lampe;1.5;viel", "B2;01.11.2026;Lampe;0;1"))
    (first, second) = quarantine(result)
    assert first[:2] == (2, "Bon")
    assert first[2].split("; ") == [
        "Bon: the value is missing",
        'Datum: "heute" is no date that exists, written as 31.12.2025',
        "Menge: \"1.5\" is not a number with a decimal comma ('.' marks thousands)",
        "Betrag: \"viel\" is not a number with a decimal comma ('.' marks thousands)",
    ]
    assert second == (3, "Menge", "Menge: is zero")


def test_long_values_are_shown_by_their_beginning(tmp_path: Path) -> None:
    """A reason of megabytes in the list of quarantined rows."""
    result = load_text(tmp_path, text(f"B1;{'x' * 100_000};Lampe;1,00;1"))
    assert len(quarantine(result)[0][2]) < 200


@pytest.mark.parametrize(
    "end", ["Summe;;;;3,00", '"Summe";;;;"3,00"', ";;Summe;;3,00", ";;;;", "Summe", "  Summe ;3,00", "Summe: 3,00"]
)
def test_sums_at_the_end_are_no_rows(tmp_path: Path, end: str) -> None:
    """A sum in another form than the one foreseen went into quarantine every night, or into the revenue."""
    result = load_text(tmp_path, text(ROW, ROW, end))
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined, result.rows_skipped) == (3, 2, 0, 1)


def test_a_row_that_only_begins_like_a_sum_is_a_row(tmp_path: Path) -> None:
    """The receipts of Mr Summer at the end of the file were taken for the sum."""
    result = load_text(tmp_path, text(ROW, ROW.replace("B1", "Summer"), "x;Summe"))
    assert (result.rows_loaded, result.rows_quarantined, result.rows_skipped) == (2, 1, 0)


def test_rows_that_are_not_accounted_for_are_a_defect_that_stops_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that fell between table and quarantine was never missed."""
    monkeypatch.setattr(loader, "_quarantine", lambda *_: (0, 0))
    before = CON.execute("select count(*) from raw.till_lines").fetchall()
    with pytest.raises(IngestionError, match=r"3 rows were read but 2 are accounted for\. Nothing of it was loaded"):
        load_text(tmp_path, text(ROW, ROW, "B2;heute;Lampe;1,00;1"))
    assert CON.execute("select count(*) from raw.till_lines").fetchall() == before


def test_a_file_of_which_no_row_is_right_is_all_in_quarantine(tmp_path: Path) -> None:
    """A file with another date format was loaded as nothing, without a word."""
    result = load_text(tmp_path, text(*[ROW.replace("01.11.2026", "11/01/2026")] * 5000))
    assert (result.rows_loaded, result.rows_quarantined) == (0, 5000)
    assert [at for at, _, _ in quarantine(result)] == list(range(2, 5002))


def test_bad_rows_far_apart_are_all_found(tmp_path: Path) -> None:
    """Bad rows are looked for in blocks of lines: one at the edge of a block was left out."""
    bad = {0, 1, 4093, 4094, 4095, 4096, 8190, 8191, 9999}
    rows = [ROW.replace("1,00", "1.5") if n in bad else ROW for n in range(10_000)]
    rows[5000] = "short"
    result = load_text(tmp_path, text(*rows))
    assert (result.rows_loaded, result.rows_quarantined) == (10_000 - len(bad) - 1, len(bad) + 1)
    assert {at - 2 for at, _, _ in quarantine(result)} == bad | {5000}
    assert raw(result, "count(*), count(distinct _line), max(_line)") == [
        (10_000 - len(bad) - 1, 10_000 - len(bad) - 1, 10_000)
    ]


def test_more_broken_rows_than_can_be_counted_in_one_expression(tmp_path: Path) -> None:
    """With a thousand broken rows the lines of the good ones were no longer their own."""
    rows = ["short" if n % 3 == 1 else ROW.replace("B1", f"B{n}") for n in range(3000)]
    result = load_text(tmp_path, text(*rows))
    assert (result.rows_loaded, result.rows_quarantined) == (2000, 1000)
    assert raw(result, "bool_and(receipt = 'B' || (_line - 2))") == [(True,)]


def test_what_a_file_is_made_of_adds_up(tmp_path: Path) -> None:
    """Titles, blanks, sums, rows that gave way: each counted once, none twice."""
    contract = varied(till_lines(), load={"mode": "upsert", "key": ("receipt",)})
    content = "Titel\n\n" + text(ROW, "", ROW, ";;;;", "B2;heute;x;1;1", "short", "Summe;;;;1")
    result = load_text(tmp_path, content, contract, "adds")
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (9, 1, 2)
    assert dict(result.skipped) == {"title": 2, "blank": 2, "footer": 1, "superseded": 1}
    stored = CON.execute(
        "select rows_read, rows_loaded, rows_quarantined, rows_skipped from ops.load where file_id = ?",
        [result.file_id],
    )
    assert stored.fetchall() == [(9, 1, 2, 6)]
