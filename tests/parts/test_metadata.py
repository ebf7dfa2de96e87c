"""Columns by their place, and values that a file says once: in a line above its headings or in its name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ingestion.contract import Contract
from tests.landing_zone import LandingZone, landing_zone, till_lines

HEAD = "KASSE;7;Bericht;01.11.2026\nStand: 30.11.2026, Filiale Nord\n"
FIRST_DAY = {"line": 1, "field": 4}
ROWS = "B1;02.11.2026;Lampe;1,00;10,00\nB2;03.11.2026;Kerze;2,00;20,00\n"


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[LandingZone]:
    with landing_zone(tmp_path) as made:
        yield made


def kind(
    metadata: dict[str, Any],
    load: dict[str, Any] | None = None,
    checks: tuple[dict[str, Any], ...] = (),
    **columns: dict[str, Any],
) -> Contract:
    """The tests' kind with values that stand once in the file, and columns that take them."""
    document = till_lines().model_dump(by_alias=True)
    document["reader"] |= {"metadata": metadata}
    document["load"] = load or document["load"]
    document["checks"] += checks
    for column in document["columns"]:
        if column["name"] in columns:
            column.update({"from": (), **columns[column["name"]]})
    return Contract.model_validate(document)


def by_place(**columns: dict[str, Any]) -> Contract:
    """All columns by their place, headings in the third row."""
    names = ("receipt", "sold_date", "article", "quantity", "amount")
    places = {name: {"position": place} for place, name in enumerate(names, start=1)}
    contract = kind({}, **(places | columns)).model_dump(by_alias=True)
    contract["reader"] |= {"header_row": 3}
    return Contract.model_validate(contract)


def test_columns_are_found_by_their_place(zone: LandingZone) -> None:
    """Headings that change their wording, or stand twice, made columns empty or took the wrong one."""
    zone.drop("a.csv", HEAD + "Nummer;Datum;Text;Datum;Umsatz (ohne Kz)\n" + ROWS)
    result = zone.load_one(by_place())
    assert (result.rows_loaded, result.rows_skipped) == (2, 2)
    assert zone.raw("receipt, sold_date, article, amount") == [
        ("B1", date(2026, 11, 2), "Lampe", Decimal("10.0000")),
        ("B2", date(2026, 11, 3), "Kerze", Decimal("20.0000")),
    ]


def test_a_file_with_too_few_columns_is_refused(zone: LandingZone) -> None:
    """Places that do not exist were read as empty; places that need not exist refused the file."""
    zone.drop("a.csv", HEAD + "Nr;Datum;Text;Menge\nB1;02.11.2026;Lampe;1,00\n")
    assert zone.load_one(by_place()).rows_loaded == 1 and zone.raw("amount") == [(None,)]
    zone.drop("b.csv", HEAD + "Nr;Datum;Text\nB2;02.11.2026;Lampe\n")
    result = zone.load_one(by_place())
    assert result.status == "refused" and "quantity (expected in column 4)" in str(result.message)


def test_further_columns_by_place_are_no_news(zone: LandingZone) -> None:
    """A format of a hundred columns reported each that nothing reads, on every first load; or none at all."""
    document = by_place().model_dump(by_alias=True) | {"known_places": 6}
    zone.drop("a.csv", HEAD + "Nr;Datum;Text;Menge;Betrag;Alt;Neu\n" + ROWS.replace("\n", ";x;y\n"))
    result = zone.load_one(Contract.model_validate(document))
    assert result.drift == ("new column: Neu",)
    assert zone.raw("_extra->>'Alt', _extra->>'Neu'") == [("x", "y")] * 2


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"line": 1, "field": 4}, date(2026, 11, 1)),
        ({"pattern": r"^Stand: ([0-9.]+)"}, date(2026, 11, 30)),
        ({"file_name": r"_(\d\d\.\d\d\.\d{4})\.csv$"}, date(2026, 10, 31)),
    ],
)
def test_a_value_that_stands_once_is_in_every_row(zone: LandingZone, place: dict[str, Any], expected: date) -> None:
    """A period in the title of a report was lost, so its rows belonged to no time."""
    zone.drop("kasse_31.10.2026.csv", HEAD + "Bon;Artikel;Menge\nB1;Lampe;1,00\nB2;Kerze;2,00\n")
    result = zone.load_one(kind({"day": place}, sold_date={"metadata": "day"}))
    assert result.rows_loaded == 2 and zone.raw("sold_date") == [(expected,), (expected,)]


def test_a_workbook_says_once_what_a_text_does(zone: LandingZone) -> None:
    """The period above a sheet's headings was not found, because its date is a cell and no text."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Bericht", "Filiale"])
        sheet.write_datetime(0, 3, date(2026, 11, 1), book.add_format({"num_format": "dd.mm.yyyy"}))
        sheet.write_row(1, 0, ["Stand:", "Nord"])
        sheet.write_row(2, 0, ["Bon", "Artikel", "Menge"])
        sheet.write_row(3, 0, ["B1", "Lampe", 1])
    zone.drop("a.xlsx", made.getvalue())
    document = kind(
        {"day": FIRST_DAY, "branch": {"pattern": "Stand: (.*)"}},
        sold_date={"metadata": "day"},
        article={"metadata": "branch"},
    ).model_dump(by_alias=True)
    document["reader"] |= {"format": "excel"}
    zone.load_one(Contract.model_validate(document))
    assert zone.raw("sold_date, article") == [(date(2026, 11, 1), "Nord")]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"line": 1, "field": 9}, ["line 1, field 9 (sold_date)", "the value is missing"]),
        ({"line": 9, "field": 1}, ["line 9, field 1", "the value is missing"]),
        ({"line": 1, "field": 3}, ['"Bericht" is no date that exists']),
        ({"pattern": "Zeitraum: (.*)"}, ["above the headings, by the pattern Zeitraum: (.*)", "missing"]),
        ({"file_name": r"_(\d+)\.csv"}, ["in the file's name", "missing"]),
    ],
)
def test_a_file_that_does_not_say_it_is_refused(zone: LandingZone, place: dict[str, Any], said: list[str]) -> None:
    """All rows of the file went into quarantine one by one, or were loaded without a date."""
    zone.drop("a.csv", HEAD + "Bon;Artikel;Menge\nB1;Lampe;1,00\n")
    result = zone.load_one(kind({"day": place}, sold_date={"metadata": "day"}))
    assert result.status == "refused" and zone.raw() == []
    assert all(part in str(result.message) for part in said), result.message


def test_what_need_not_be_said_may_have_another_value(zone: LandingZone) -> None:
    """A value that most exports leave empty refused the file, or could not be given by a mapping."""
    for otherwise, expected in ((None, None), ("Markt", "Markt")):
        zone.drop(f"{otherwise}.csv", f"{HEAD}Bon;Datum;Menge\n{otherwise};02.11.2026;1,00\n")
        zone.load_one(kind({"where": {"line": 1, "field": 9}}, article={"metadata": "where", "otherwise": otherwise}))
        assert zone.all("select article from raw.till_lines where receipt = ?", str(otherwise)) == [(expected,)]


def test_a_check_of_what_is_said_once_refuses_the_file(zone: LandingZone) -> None:
    """A file of another kind was put into quarantine row by row, or refused for the headings that it lacks."""
    check = {"expression": "article = 'KASSE'", "column": "article", "says": {"en": "is no till", "de": "-"}}
    contract = kind({"sort": {"line": 1, "field": 1}}, article={"metadata": "sort"}, checks=(check,))
    zone.drop("a.csv", HEAD + "Bon;Datum;Menge\nB1;02.11.2026;1,00\n")
    assert zone.load_one(contract).rows_loaded == 1
    document = contract.model_dump(by_alias=True)
    document["reader"] |= {"header_row": 2}
    zone.drop("b.csv", "LAGER;7\nOrt;Menge\nA;1,00\n")
    result = zone.load_one(Contract.model_validate(document))
    assert str(result.message).startswith('b.csv: line 1, field 1 (article): "LAGER" is no till.'), result.message


def test_a_period_that_comes_again_replaces_itself(zone: LandingZone) -> None:
    """A corrected month stood beside the one it corrects; or took the next month with it."""
    contract = kind(
        {"day": FIRST_DAY}, load={"mode": "replace_slice", "key": ["sold_date"]}, sold_date={"metadata": "day"}
    )

    def report(first: str, *receipts: str) -> str:
        return f"KASSE;7;Bericht;{first}\nBon;Menge\n" + "".join(f"{receipt};1,00\n" for receipt in receipts)

    zone.drop("november.csv", report("01.11.2026", "B1", "B2"))
    zone.drop("december.csv", report("01.12.2026", "C1"))
    zone.drop("november_corrected.csv", report("01.11.2026", "B1", "B3", "B4"))
    replaced = [result.rows_replaced for result in zone.load(contract)]
    assert replaced == [0, 0, 2] and sorted(zone.raw()) == [("B1",), ("B3",), ("B4",), ("C1",)]
