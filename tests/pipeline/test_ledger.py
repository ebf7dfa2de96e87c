"""Batches of bookkeeping programs in the DATEV format, written here after its documentation (developer.datev.de)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.contract import Contract
from ingestion.sniff import sniff
from tests.landing_zone import LandingZone, shipped

# What every version has at the same place; later versions only add columns behind.
WIDTHS = {7: 116, 9: 120, 12: 124, 13: 125}


def bookings() -> Contract:
    return shipped()["datev_bookings"]


def head(
    version: int = 13,
    header: int = 700,
    category: int = 21,
    client: int = 7,
    year: str = "20250101",
    period: tuple[str, str] = ("20250101", "20250131"),
    mark: str = "EXTF",
) -> str:
    """The first line, 31 fields."""
    fields = [f'"{mark}"', header, category, '"Buchungsstapel"', version, "20250203101500000", "", '"RE"', '""', '""']
    fields += [29098, client, year, 4, *period, '"Januar"', '""', 1, 0, 0, '"EUR"', "", '""', "", "", '"03"', "", ""]
    return ";".join(map(str, [*fields, '""', '""']))


def booking(
    amount: str = "119,00",
    side: str = '"S"',
    account: str = "10000",
    contra: str = "8400",
    day: str = "1501",
    version: int = 13,
    **places: str,
) -> str:
    """A row; `places` sets further columns by their number, as in p14='"Text"'."""
    cells = [""] * WIDTHS[version]
    cells[0], cells[1], cells[6], cells[7], cells[9] = amount, side, account, contra, day
    for place, value in places.items():
        cells[int(place[1:]) - 1] = value
    return ";".join(cells)


def batch(*rows: str, first: str | None = None, version: int = 13) -> str:
    headings = ";".join(f"Überschrift {place}" for place in range(1, WIDTHS[version] + 1))
    return "\r\n".join([first or head(version), headings, *rows, ""])


@pytest.mark.parametrize(("version", "header"), [(7, 510), (7, 700), (9, 700), (12, 700), (13, 700)])
def test_every_version_is_read_by_place(zone: LandingZone, version: int, header: int) -> None:
    """Headings that drift from version to version left columns empty, or a new column counted as news every month."""
    row = booking(version=version, p9='"3"', p11='"RE1"', p37='"K1"', p114="1", p115="14012025")
    content = batch(row, first=head(version, header), version=version)
    result = zone.load_one_of("EXTF_a.csv", content.encode("cp1252"), bookings())
    assert (result.rows_loaded, result.drift) == (1, ())
    assert zone.raw(
        """amount, side, account_number, contra_account_number, tax_key, document_day, document_number, cost_center_1,
        is_locked, service_date, consultant_number, client_number, chart_of_accounts, base_currency""",
        "datev_bookings",
    ) == [
        (Decimal("119.0000"), "debit", 10000, 8400, "3", "1501", "RE1", "K1", True, date(2025, 1, 14), 29098, 7, "03",
         "EUR"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (head(category=16), ['"16"', "debtors and creditors", "datev_partners", "bookings are 21"]),
        (head(category=65), ['"65"', "65 recurring bookings"]),
        (head(mark="XTF"), ['line 1, field 1 (file_mark): "XTF"', "EXTF"]),
        (head(header=300), ['"300"', "510 and 700"]),
        (head(version=13).replace(";13;", ";14;"), ['"14"', "7 to 13"]),
        (head(year="2025"), ["the value is missing"]),
        (head(year="20251301"), ["is no date that exists"]),
        (head(period=("", "")), ["the value is missing"]),
        (head(period=("20250201", "20250131")), ["before the first day"]),
        ("Umsatz;Soll/Haben", ["file_mark"]),
    ],
)
def test_what_is_no_batch_of_bookings_is_refused_by_name(zone: LandingZone, first: str, said: list[str]) -> None:
    """A list of debtors loaded as bookings; a month without its year; a refusal that does not say what the file is."""
    result = zone.load_one_of("EXTF_a.csv", batch(booking(), first=first), bookings())
    assert result.status == "refused", result
    assert all(part in str(result.message) for part in said), result.message


def test_the_other_lists_are_kinds_of_their_own(zone: LandingZone) -> None:
    """Account labels went into the bookings' folder and were refused for the columns that they lack."""
    labels = f'{head(2, category=20)}\r\nKonto;Name;Sprache\r\n8400;"Erlöse Süd";"de-DE"\r\n1200;"Bank";""\r\n'
    assert "20 account labels" in str(zone.load_one_of("a.csv", labels, bookings()).message)
    assert zone.load_one_of("labels.csv", labels, shipped()["datev_account_labels"]).rows_loaded == 2
    assert zone.raw("account_number, account_name", "datev_account_labels") == [(8400, "Erlöse Süd"), (1200, "Bank")]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (booking(day="3102"), "Überschrift 10", "is no day and month (DDMM) of the fiscal year"),
        (booking(day="2902"), "Überschrift 10", "is no day and month"),
        (booking(day="15012025"), "Überschrift 10", "is no day and month"),
        (booking(day=""), "Überschrift 10", "the value is missing"),
        (booking(amount="-119,00"), "Überschrift 1", "has a sign"),
        (booking(amount="119.00"), "Überschrift 1", "decimal comma"),
        (booking(side='"X"'), "Überschrift 2", "is not one of: S, H"),
        (booking(contra="8400A"), "Überschrift 8", "is not a whole number"),
    ],
)
def test_a_broken_booking_is_quarantined_and_the_others_are_loaded(
    zone: LandingZone, row: str, column: str, reason: str
) -> None:
    """One booking with the 31st of February stopped the month, or was loaded on a day that does not exist."""
    result = zone.load_one_of("EXTF_a.csv", batch(booking(), row, booking(day="101")), bookings())
    assert (result.rows_loaded, result.rows_quarantined) == (2, 1)
    ((line, found, said),) = zone.quarantine()
    assert (line, found) == (4, column) and reason in said


def test_a_month_that_comes_again_replaces_itself(zone: LandingZone) -> None:
    """A corrected month counted twice; or took the next month, another client or the last year with it."""
    february = head(period=("20250201", "20250228"))
    zone.drop("january.csv", batch(booking(p11="A1"), booking(p11="A2")))
    zone.drop("february.csv", batch(booking(p11="F1", day="102"), first=february))
    zone.drop("other_client.csv", batch(booking(p11="C1"), first=head(client=8)))
    zone.drop("last_year.csv", batch(booking(p11="L1", day="0101"), first=head(year="20240101")))
    zone.drop("january_again.csv", batch(booking(p11="A1"), booking(p11="A3")))
    assert [result.rows_replaced for result in zone.load(bookings())] == [0, 0, 0, 0, 2]
    assert sorted(zone.raw("document_number", "datev_bookings")) == [("A1",), ("A3",), ("C1",), ("F1",), ("L1",)]


def test_texts_keep_their_line_breaks_quotes_and_control_characters(zone: LandingZone) -> None:
    """One line break in a text shifted the rest of the month into other rows; a control character refused it."""
    text = '"Lampe ""Eva"";\r\nfür\x03 Müller"'
    content = batch(booking(p14=text), booking(p14='lost quote"'), booking(p14='"end"'))
    result = zone.load_one_of("EXTF_a.csv", content.encode("cp1252"), bookings())
    assert (result.rows_loaded, result.rows_quarantined) == (3, 0)
    texts = [text for (text,) in zone.raw("posting_text", "datev_bookings")]
    assert texts == ['Lampe "Eva";\r\nfür\x03 Müller', 'lost quote"', "end"]


def test_columns_that_nothing_reads_are_kept_where_they_are_filled(zone: LandingZone) -> None:
    """Additional information lost; or a hundred empty names stored with every booking."""
    zone.load_one_of("EXTF_a.csv", batch(booking(), booking(p48='"Filiale"', p49='"Nord"')), bookings())
    assert zone.raw("_extra is null, _extra->>'Überschrift 49'", "datev_bookings") == [(True, None), (False, "Nord")]


def test_a_batch_is_recognised_as_what_it_is(tmp_path: Path) -> None:
    """`kontor sniff` took a batch for sales lines, or proposed a mapping where the kind reads it as it is."""
    path = tmp_path / "EXTF_Buchungsstapel.csv"
    path.write_bytes(batch(*[booking(p14='"für Müller"', day=f"{day:02}01") for day in range(1, 21)]).encode("cp1252"))
    proposal = sniff(path, shipped())
    assert (proposal.kind, proposal.needs_mapping, proposal.is_ready) == ("datev_bookings", False, True)
    assert 'role = "ledger"' in proposal.toml_lines("books")
    path.write_text(f"{head(category=46)}\r\nKonto;Text\r\n1;x\r\n", encoding="cp1252")
    assert not sniff(path, shipped()).fits
