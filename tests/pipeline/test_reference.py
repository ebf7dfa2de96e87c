"""Reference data as institutions and planners deliver it: exchange rates, plans, costs."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

from ingestion.contract import Contract
from ingestion.contract_files import load_contract_file
from tests.landing_zone import LandingZone, shipped, text, workbook

# As the European Central Bank writes it: newest first, a comma at the end of every line, N/A for what was not quoted.
ECB = text(
    "2026-11-20,1.0815,170.15,N/A,0.83675,",
    "2026-11-19,1.0790,169.98,N/A,0.83510,",
    "2007-12-28,1.4692,165.00,0.4293,0.73340,",
    headings="Date,USD,JPY,MTL,GBP,",
)


def test_rates_are_told_by_cell_and_empty_cells_are_counted(zone: LandingZone) -> None:
    """A currency that ceased counts as loaded with nothing, or as a broken row; the fifth digit of a rate is lost."""
    result = zone.load_one_of("eurofxref-hist.csv", ECB, shipped()["exchange_rates"])
    assert (result.rows_read, result.rows_loaded, dict(result.skipped)) == (12, 10, {"empty cell": 2})
    rates = zone.raw("published_on::varchar, currency, units_per_base, base_currency", "exchange_rates")
    assert rates[0] == ("2026-11-20", "USD", Decimal("1.0815"), "EUR")
    assert ("2007-12-28", "MTL", Decimal("0.4293"), "EUR") in rates
    assert ("2026-11-20", "GBP", Decimal("0.83675"), "EUR") in rates


def test_the_zip_is_read_as_it_was_downloaded(zone: LandingZone) -> None:
    """A person has to unpack the file every day."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("eurofxref-hist.csv", ECB)
    zone.drop("eurofxref-hist.zip", packed.getvalue())
    assert zone.load_one(shipped()["exchange_rates"]).rows_loaded == 10


def test_the_file_of_one_day_joins_the_history(zone: LandingZone) -> None:
    """The daily file has blanks around its values and writes its date in words; a day that comes again counts once."""
    zone.load_one_of("eurofxref-hist.csv", ECB, shipped()["exchange_rates"])
    day = text("20 November 2026, 1.0816, 170.20, ", headings="Date, USD, JPY, ")
    result = zone.load_one_of("eurofxref.csv", day, shipped()["exchange_rates"])
    assert (result.rows_loaded, result.rows_replaced) == (2, 2)
    assert zone.all("select units_per_base from raw.exchange_rates where currency = 'USD' order by published_on desc")[
        0
    ] == (Decimal("1.0816"),)


def test_a_broken_cell_costs_one_cell_and_is_named_by_its_line(zone: LandingZone) -> None:
    """One broken rate that takes the day's other rates with it, or stands in the quarantine at a line nobody finds."""
    broken = text("2026-11-20,1.0815,n. v.,0", "20.11.26x,1,1,", "2026-11-19,1.07", headings="Date,USD,JPY,GBP")
    result = zone.load_one_of("rates.csv", broken, shipped()["exchange_rates"])
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined, result.rows_skipped) == (7, 1, 5, 1)
    assert [(line, column) for line, column, _ in zone.quarantine()] == [
        (2, "rate"),
        (2, "rate"),
        (3, "Date"),
        (3, "Date"),
        (4, None),
    ]


def test_a_file_that_is_no_list_of_rates_is_refused(zone: LandingZone) -> None:
    """Any table turned into rates, because every heading is taken for a currency."""
    zone.drop("orders.csv", text("1,2", headings="Order,Total"))
    result = zone.load_one(shipped()["exchange_rates"])
    assert result.status == "refused"
    assert "published_on" in str(result.message)
    assert (
        zone.load_one_of(
            "texts.csv", text("2026-11-20,5", headings="Date,Total"), shipped()["exchange_rates"]
        ).rows_loaded
        == 0
    )
    assert "three capital letters" in zone.quarantine()[0][2]


PLAN = text(
    "Budget;01.2026;Umsatz;Webshop;Leuchten;12.500,00",
    "Budget;Februar 2026;Umsatz;Webshop;Leuchten;13.000,50",
    "Budget;Mrz 26;Umsatz;;;-",
    "Budget;2026-04-15;Umsatz;;;4",
    "Summe;;;;;25.500,50",
    headings="Planversion;Monat;Kennzahl;Kanal;Warengruppe;Planwert",
)


def test_plans_are_read_whatever_a_month_is_called(zone: LandingZone) -> None:
    """German names of months that are taken for no date; a plan without a figure that becomes a plan of nothing."""
    result = zone.load_one_of("plan.csv", PLAN, shipped()["targets"])
    assert (result.rows_loaded, result.rows_quarantined, dict(result.skipped)) == (3, 1, {"footer": 1})
    assert zone.raw("target_month::varchar, amount, channel", "targets") == [
        ("2026-01-01", Decimal("12500.00"), "Webshop"),
        ("2026-02-01", Decimal("13000.50"), "Webshop"),
        ("2026-04-15", Decimal("4.00"), None),
    ]
    assert zone.quarantine() == [(4, "Planwert", "Planwert: the value is missing")]


def test_a_matrix_of_months_becomes_one_plan_for_each_month(zone: LandingZone) -> None:
    """Months as columns: the sum column counted as a month, an empty month as a plan of nothing, titles as headings."""
    content = workbook(
        ["Budget 2026"],
        ["Kennzahl", "Kanal", date(2026, 1, 1), "Feb 26", "März 2026", "Summe"],
        ["Umsatz", "Webshop", 1000, 1100.5, None, 2100.5],
        ["Aufträge", None, 10, 0, 12, 22],
        ["Summe", None, 1010, 1100.5, 12, 2122.5],
    )
    result = zone.load_one_of("plan.xlsx", content, shipped()["targets_matrix"])
    assert (result.rows_read, result.rows_loaded, dict(result.skipped)) == (
        8,
        5,
        {"title": 1, "footer": 1, "empty cell": 1},
    )
    assert result.drift == ()
    assert zone.raw("target_month::varchar, measure, channel, amount", "targets") == [
        ("2026-01-01", "Umsatz", "Webshop", Decimal("1000.00")),
        ("2026-02-01", "Umsatz", "Webshop", Decimal("1100.50")),
        ("2026-01-01", "Aufträge", None, Decimal("10.00")),
        ("2026-02-01", "Aufträge", None, Decimal("0.00")),
        ("2026-03-01", "Aufträge", None, Decimal("12.00")),
    ]


def test_costs_of_articles_over_time(zone: LandingZone) -> None:
    """A cost of a screw rounded to a hundredth of a cent; a cost below nothing taken for true."""
    costs = text(
        "S-1;01.01.2026;0,012345",
        "S-1;01.07.2026;0,0125",
        "S-2;01.01.2026;-1",
        headings="Artikelnummer;Gültig ab;Kosten",
    )
    result = zone.load_one_of("kosten.csv", costs, shipped()["product_costs"])
    assert (result.rows_loaded, result.rows_quarantined) == (2, 1)
    assert zone.raw("valid_from::varchar, unit_cost", "product_costs")[0] == ("2026-01-01", Decimal("0.012345"))


def mapped(zone: LandingZone, text: str) -> Contract:
    """A mapping as a company writes it."""
    path = zone.root / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return load_contract_file(path)


def test_a_list_of_rates_with_a_row_for_each(zone: LandingZone) -> None:
    """The mapping that docs/sources/exchange-rates.md shows: a list is turned once more, or read as the ECB's."""
    contract = mapped(
        zone,
        """kind: bank_rates
extends: exchange_rates
reader: {delimiter: ";", decimal: ",", date_formats: ["%d.%m.%Y"], unpivot: null}
columns:
  published_on: {from: Datum}
  currency: {from: Währung}
  units_per_base: {from: Kurs}
  rate_name: {constant: Hausbank}
""",
    )
    content = text("20.11.2026;USD;1,0815", headings="Datum;Währung;Kurs")
    assert zone.load_one_of("kurse.csv", content, contract).rows_loaded == 1
    assert zone.raw("rate_name, base_currency, units_per_base", "exchange_rates") == [
        ("Hausbank", "EUR", Decimal("1.0815"))
    ]


def test_dates_that_a_spreadsheet_has_destroyed(zone: LandingZone) -> None:
    """00:00.0 read as some day; where the contract knows it as missing, the row is loaded without a date."""
    content = text("1;Riss;00:00.0", "2;Kratzer;01.07.2026", headings="Code;Bezeichnung;Geändert am")
    result = zone.load_one_of("gruende.csv", content, shipped()["scrap_reasons"])
    assert (result.rows_loaded, result.rows_quarantined) == (1, 1)
    assert zone.quarantine()[0][:2] == (2, "Geändert am")
    known = mapped(zone, 'kind: damaged\nextends: scrap_reasons\nreader: {missing: ["00:00.0"]}\n')
    assert zone.load_one_of("gruende2.csv", content + "\n", known).rows_loaded == 2
