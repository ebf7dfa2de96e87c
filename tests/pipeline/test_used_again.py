"""A number used again for something else neither takes the place of what it named before nor counts beside it."""

from __future__ import annotations

import pytest

from ingestion.contract import Contract
from ingestion.landing import Run
from ingestion.replay import replay
from ingestion.source import Source
from kontor.reasons import Reasons
from tests.landing_zone import NOW, ZONE, LandingZone, shipped, text, varied

LINES = shipped()["sales_lines"]


def documents(*rows: str) -> str:
    return text(*rows, headings="Belegnr;Belegdatum;Kundennr;Menge;Nettobetrag")


LAST_YEAR = documents("1;03.02.2025;7;1;100,00", "1;03.02.2025;7;4;20,00", "2;04.02.2025;7;1;5,00")
THIS_YEAR = documents("1;05.01.2026;9;1;7,00", "1;05.01.2026;9;2;8,00", "3;06.01.2026;9;1;9,00")


def amounts(zone: LandingZone) -> list[tuple[int, int]]:
    return zone.all("select year(document_at), sum(net_amount)::int from raw.sales_lines group by all order by all")


@pytest.mark.parametrize(
    ("first", "second", "kept", "said"),
    [(LAST_YEAR, THIS_YEAR, [(2025, 125), (2026, 9)], 2025), (THIS_YEAR, LAST_YEAR, [(2025, 5), (2026, 24)], 2026)],
    ids=["in order", "older file later"],
)
def test_a_number_of_another_year_is_another_document(
    zone: LandingZone, first: str, second: str, kept: list[tuple[int, int]], said: int
) -> None:
    """Numbers that begin anew each year: January's first invoice took last year's out of the revenue, unseen."""
    zone.drop("a.csv", first)
    zone.drop("b.csv", second)
    results = zone.load(LINES)
    assert [(result.rows_quarantined, result.rows_replaced) for result in results] == [(0, 0), (2, 0)]
    assert amounts(zone) == kept
    (line, column, reason), _ = zone.quarantine()
    assert (line, column) == (2, "Belegnr")
    assert (
        Reasons("de", [LINES])(reason)
        == f'Belegnr: "1" bezeichnet schon einen Beleg von {said}, und eine Nummer bezeichnet einen Beleg'
    )
    rows = zone.all("select original_row ->> 'Nettobetrag' from ops.quarantine order by line")
    assert rows == ([("7,00",), ("8,00",)] if said == 2025 else [("100,00",), ("20,00",)])


def test_a_document_of_the_same_year_is_the_same_one_corrected(zone: LandingZone) -> None:
    """A corrected delivery taken for a number used again; New Year told in UTC, an hour too early."""
    zone.load_one_of("a.csv", documents("4;01.01.2026;7;1;100,00"), LINES)
    result = zone.load_one_of("b.csv", documents("4;31.12.2026;8;1;90,00"), LINES)
    assert (result.rows_quarantined, result.rows_replaced) == (0, 1)
    assert amounts(zone) == [(2026, 90)]


def with_numbers_by_day(contract: Contract) -> Contract:
    """The mapping that the contract advises where numbers begin anew each year."""
    number = contract.column("document_number").model_copy(update={"sources": ("Belegdatum + Belegnr",)})
    columns = tuple(number if column.name == "document_number" else column for column in contract.columns)
    return contract.model_copy(update={"columns": columns})


def test_numbers_made_unique_by_the_day_are_loaded_on_replay(zone: LandingZone) -> None:
    """Advice that does not help: rows that stay in quarantine after the mapping was corrected."""
    zone.drop("a.csv", LAST_YEAR)
    zone.drop("b.csv", THIS_YEAR)
    zone.load(LINES)
    source = Source(name="till", kind="sales_lines", files="*", role="sales")
    replay(zone.con, Run(zone.areas, "run", NOW), with_numbers_by_day(LINES), source, ZONE)
    assert zone.quarantine() == []
    assert amounts(zone) == [(2025, 125), (2026, 24)]


def test_only_documents_have_a_year(zone: LandingZone) -> None:
    """A contract that asks for years where no document stands behind a row."""
    with pytest.raises(ValueError, match="same_year is for replace_slice"):
        varied(LINES, load={"mode": "append", "key": ()})
