"""`kontor sniff`: what it proposes loads the file it looked at, with the right meaning, and it says what it guessed."""

import gzip
import json
import os
import zipfile
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from demo import write_demo
from ingestion import ledger
from ingestion.contract import Contract
from ingestion.contract_files import load_contract_file, load_contracts
from ingestion.errors import ContractError, FileRefused
from ingestion.landing import Areas, Run, load_source
from ingestion.ledger import LoadResult
from ingestion.sniff import Proposal, sniff
from ingestion.sniff.moments import date_formats
from ingestion.sniff.notation import NumberMarks, notation
from ingestion.sniff.table import find_footers, find_headings, footer_pattern
from ingestion.sniff.trial import Trial
from ingestion.sniff.values import is_number
from ingestion.sniff.words import normal
from ingestion.source import Source

CONTRACTS = load_contracts()
ZONE = "Europe/Berlin"
_NUMBERS = count(1)
SALES = "Belegnr;Belegdatum;Kundennr;Artikelnr;Menge;Nettobetrag;Währung\r\n"


def write(path: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def sales(rows: int = 28, row: str = "RE{n};0{d}.11.2026;10{n:03};LA-{n:04};{n},00;1.{n:03},50;EUR\r\n") -> str:
    return SALES + lines(row, rows)


def lines(template: str, rows: int = 28) -> str:
    """The template's text for n = 1, 2, …; `d` runs from 1 to 9."""
    return "".join(template.format(n=n, d=(n - 1) % 9 + 1) for n in range(1, rows + 1))


def load_whole(file: Path, contract: Contract, rows: str) -> tuple[list[LoadResult], list[tuple]]:
    """The file through the landing area and the loader, as a nightly run takes it; results, and what `rows` selects."""
    root = file.parent / "landing"
    areas = Areas(file.parent, root / "archive", root / "refused", root / "work", keep_files=True)
    areas.prepare()
    # Older than what may still be growing, which would be looked at twice, a second apart.
    os.utime(file, (1_700_000_000, 1_700_000_000))
    con = warehouse()
    source = Source(name=f"mine_{next(_NUMBERS)}", kind=contract.kind, files=file.name, role="sales")
    results = list(load_source(con, Run(areas, "test", datetime(2026, 12, 1)), contract, source, ZONE))
    selected = f"select {rows} from raw.{contract.table} where _source = ? order by _line"
    return results, con.execute(selected, [source.name]).fetchall()


@cache
def warehouse() -> duckdb.DuckDBPyConnection:
    """One for all tests, since making its tables takes longer than what they do with it."""
    con = duckdb.connect(":memory:", config={"threads": 1})
    ledger.prepare(con, CONTRACTS.values())
    return con


def contract_of(proposal: Proposal, folder: Path) -> Contract:
    """The contract as a person gets it: from the file that the proposal is saved to, or the shipped one."""
    path = write(folder / "mappings" / "mine.yaml", proposal.to_yaml("mine"))
    mapping = load_contract_file(path)
    return mapping if proposal.needs_mapping else CONTRACTS[proposal.kind]


def doubted(proposal: Proposal, *words: str) -> bool:
    """Whether one doubt has all these words, and stands in the mapping, too, where a person will read it."""
    text = " ".join(proposal.to_yaml("mine").replace("#", " ").split())
    found = [doubt for doubt in proposal.doubts if all(word in doubt for word in words)]
    return any(" ".join(doubt.replace("#", " ").split()) in text for doubt in found)


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Deckblatt").write(0, 0, "Bericht")
        sheet, day = book.add_worksheet("Daten"), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.merge_range(1, 1, 1, 6, "Umsätze 2026")
        for place, heading in enumerate(["Rechnung", "Rechnungsdatum", "Kunden-Nr.", "Artikel-Nr.", "Anzahl", "Netto"]):
            sheet.write(3, place + 1, heading)
        for n in range(1, 29):
            sheet.write_row(3 + n, 1, [2026000 + n])
            sheet.write_datetime(3 + n, 2, datetime(2026, 11, n % 9 + 1), day)
            sheet.write_row(3 + n, 3, [10000 + n, f"A-{n}", n, n * 1.25])
        sheet.write(32, 1, "Gesamt")
        sheet.write(32, 6, 581.25)
    return path


def packed(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/umsatz.csv", sales().replace(";1.", ";1 ").encode("cp1252"))
    return path


# File, encoding, what the mapping must say under `reader`, columns of the raw table, and their values in the 7th row.
FOREIGN = {
    "swiss.csv": (
        "Belegnr;Belegdatum;Artikelnr;Menge;Einzelpreis;Nettobetrag\n"
        + lines("R{n};2026-11-{n:02};A{n};{n};CHF 1'{n:03}.50;{n}'{n:03}.5\n"),
        "utf-8",
        {"decimal": ".", "thousands": "'"},
        "document_number, quantity, unit_price, net_amount",
        ("R7", Decimal(7), Decimal("1007.50"), Decimal("7007.50")),
    ),
    "us.csv": (
        "Invoice No,Invoice Date,Customer ID,SKU,Quantity,Unit Price\n"
        + lines('{n},0{d}/{n:02}/2018 {d}:05 PM,C{n},S{n},{n},"{n},000.99"\n'),
        "utf-8",
        {"delimiter": ",", "decimal": ".", "thousands": ",", "timestamp_formats": ["%m/%d/%Y %I:%M %p"]},
        "document_number, document_at, unit_price",
        ("7", datetime(2018, 7, 7, 17, 5), Decimal("7000.99")),
    ),
    "tabs.txt": (
        sales().replace(";", "\t"),
        "utf-16",
        {"delimiter": "\t"},
        "document_number, document_at, net_amount",
        ("RE7", datetime(2026, 11, 6, 23), Decimal("1007.50")),
    ),
    "trailing_minus.csv": (
        "Re-Nr.;Belegart;Re-Datum;Stückzahl;Gesamt netto EUR\r\n"
        + lines("R{n};RG;202611{n:02};{n};1.00{d},50\r\n").replace(
            "R7;RG;20261107;7;1.007,50", "R7;GU;20261107;7;1.007,50-"
        ),
        "cp1252",
        {"timestamp_formats": ["%Y%m%d"]},
        "document_number, document_type, document_at, quantity, net_amount",
        ("R7", "credit_note", datetime(2026, 11, 6, 23), Decimal(7), Decimal("-1007.50")),
    ),
    "point.csv": (
        "Auftrag;Arbeitsgang;Maschine;Beginn;Ende;Gutmenge;Ausschuss\n"
        + lines("FA{n};10;D1;2026-07-{n:02} 06:00;2026-07-{n:02} 07:00;{n}.5;k.A.\n"),
        "utf-8",
        {"missing": ["-", "NULL", "k.A."], "decimal": ".", "thousands": "", "timestamp_formats": ["%Y-%m-%d %H:%M"]},
        "work_order_number, started_at, good_quantity, scrap_quantity",
        ("FA7", datetime(2026, 7, 7, 4), Decimal("7.5"), None),
    ),
    "quotes.csv": (
        "'Artikelnr','Bezeichnung','VK'\n" + lines("'A{n}','Lampe, rot','{n}.90'\n"),
        "utf-8",
        {"format": "csv", "delimiter": ",", "quote": "'", "decimal": ".", "thousands": ""},
        "article_number, article_name, list_price_net",
        ("A7", "Lampe, rot", Decimal("7.90")),
    ),
    "inches.csv": (
        "Artikelnr;Bezeichnung;Bestand\n" + lines('A{n};"Monitor" {n}" schwarz;{n},5\n'),
        "utf-8",
        {"format": "csv", "quote": ""},
        "article_number, article_name, stock_quantity",
        ("A7", '"Monitor" 7" schwarz', Decimal("7.5")),
    ),
    "units.csv": (
        "Belegnr;Belegdatum;Menge;Einzelpreis;USt %\n" + lines("R{n};02.11.2026;{n} Stk;{n},50 EUR;19 %\n"),
        "utf-8",
        {},
        "quantity, unit_price, tax_rate_pct",
        (Decimal(7), Decimal("7.50"), Decimal(19)),
    ),
    "orders.json": (
        json.dumps(
            {
                "page": 1,
                "orders": [
                    {
                        "orderNo": f"O{n}",
                        "orderDate": f"2026-11-{n:02}T10:00:00Z",
                        "customer": {"id": n},
                        "qty": n + 0.5,
                    }
                    for n in range(1, 29)
                ],
            },
            indent=1,
        ),
        "utf-8",
        {
            "format": "json",
            "records": "orders",
            "decimal": ".",
            "thousands": "",
            "timestamp_formats": ["%Y-%m-%dT%H:%M:%SZ"],
        },
        "document_number, document_at, customer_number, quantity",
        ("O7", datetime(2026, 11, 7, 10), "7", Decimal("7.5")),
    ),
}


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the trial at the end, which takes most of the time, where only the findings matter."""
    monkeypatch.setattr("ingestion.sniff._try", lambda *_: Trial(loaded=1))


@pytest.mark.parametrize("name", FOREIGN)
def test_a_proposal_loads_the_file_it_was_made_for(name: str, tmp_path: Path) -> None:
    """A proposed mapping that does not load, puts good rows into quarantine, or reads 1.007,50 as something else."""
    text, encoding, reader, columns, expected = FOREIGN[name]
    file = write(tmp_path / name, text, encoding)
    proposal = sniff(file, CONTRACTS)
    assert proposal.plan.reader == reader
    assert proposal.needs_mapping and proposal.is_ready
    results, rows = load_whole(file, contract_of(proposal, tmp_path), columns)
    assert [(result.status, result.rows_loaded, result.rows_quarantined) for result in results] == [("loaded", 28, 0)]
    assert rows[6] == expected
    assert (proposal.trial.loaded, proposal.trial.quarantined) == (28, 0)


def test_a_spreadsheet_with_title_cover_sheet_and_sum(tmp_path: Path) -> None:
    """The cover sheet taken for the data, the sum row loaded as a sale, a customer number that ends in .0."""
    file = workbook(tmp_path / "Umsatz 2026.xlsx")
    proposal = sniff(file, CONTRACTS)
    assert proposal.plan.reader == {"format": "excel", "sheet": "Daten"}
    assert proposal.plan.columns["document_number"] == {"from": "Rechnung"}
    assert doubted(proposal, "'Daten' was looked at, not 'Deckblatt'")
    assert proposal.suggested_name == "umsatz"
    results, rows = load_whole(
        file, contract_of(proposal, tmp_path), "document_number, customer_number, document_at, net_amount"
    )
    assert (results[0].rows_loaded, results[0].rows_quarantined) == (28, 0)
    assert rows[6] == ("2026007", "10007", datetime(2026, 11, 7, 23), Decimal("8.75"))


def test_packed_files_are_looked_into(tmp_path: Path) -> None:
    """A zip or gzip file, as exports are often sent, that sniff cannot look into or names wrongly in the settings."""
    file = packed(tmp_path / "umsatz.zip")
    proposal = sniff(file, CONTRACTS)
    assert proposal.plan.reader == {"thousands": " "}
    assert 'files = "mine/*.zip"' in proposal.toml_lines("mine")
    results, rows = load_whole(file, contract_of(proposal, tmp_path), "net_amount")
    assert results[0].rows_quarantined == 0 and rows[6] == (Decimal("1007.50"),)
    file = write(tmp_path / "umsatz.csv.gz", gzip.compress(sales().encode()))
    assert 'files = "mine/*.csv.gz"' in sniff(file, CONTRACTS).toml_lines("mine")


@pytest.mark.usefixtures("untried")
def test_every_file_of_the_demo_company_is_recognised(tmp_path: Path) -> None:
    """A shipped kind for which sniff proposes a needless mapping, or which it takes for another one."""
    write_demo(tmp_path, as_of=date(2026, 11, 13), scale=0.1, days=14, web_days=1)
    (ga4,), (log,) = tmp_path.glob("web/ga4/*"), tmp_path.glob("web/log/*")
    kinds = {
        ga4: "ga4_events",
        log: "access_log",
        "erp/Rechnungsausgang_2026-11.csv": "sales_lines",
        "buchhaltung/EXTF_Buchungsstapel_2026-11.csv": "datev_bookings",
        "webshop/orders_export_2026-11.csv": "shopify_orders_csv",
        "stammdaten/Artikel.xlsx": "products",
        "stammdaten/Kunden.xlsx": "customers",
        "produktion/arbeitsgaenge_2026-11.csv": "work_order_operations",
        "produktion/pruefungen_2026-11.csv": "inspections",
        "produktion/maschinen_2026-11.csv": "machine_states",
        "web/ads/kampagnen_2026-11.csv": "ad_costs",
    }
    for name, kind in kinds.items():
        proposal = sniff(tmp_path / name, CONTRACTS)
        assert (proposal.kind, proposal.needs_mapping) == (kind, False), name
        # Not every file has all the columns that its kind knows.
        assert proposal.score >= 95, name
        assert f'kind = "{kind}"' in proposal.toml_lines("mine")


def test_a_shipped_kind_that_extends_another_is_proposed_itself(tmp_path: Path) -> None:
    """A report in German for which a mapping of the English kind is proposed, with numbers read wrong."""
    text = 'Häufigste Suchanfragen,Klicks,Impressionen,CTR,Position\nlampe,9,"18.628","0,48 %","15,8"\n'
    file = tmp_path / "Suchanfragen.csv"
    file.write_text(text, encoding="utf-8")
    assert sniff(file, CONTRACTS).kind == "search_console_de"


def test_one_object_in_an_envelope_is_taken_out_of_it(tmp_path: Path) -> None:
    """An order as an API returns it, {"order": {…}}, taken for a record with a single column that fits no kind."""
    order: dict[str, object] = {"id": 1, "name": "#1", "created_at": "2026-01-05T10:00:00+01:00", "currency": "EUR"}
    order |= {"financial_status": "paid", "total_price": "9.00", "total_tax": "1.44", "taxes_included": True}
    order |= {"line_items": [{"title": "Lampe", "quantity": 1, "price": "9.00"}], "test": False}
    file = write(tmp_path / "order.json", json.dumps({"order": order}))
    proposal = sniff(file, CONTRACTS)
    assert (proposal.kind, proposal.needs_mapping) == ("shopify_orders", False)


def test_a_shipped_kind_that_fits_needs_no_mapping(tmp_path: Path) -> None:
    """A person made to check a mapping that says nothing."""
    file = write(tmp_path / "Umsatz.csv", "Umsatzliste\r\n" + sales() + "Summe;;;;;31.000,00;\r\n", "cp1252")
    proposal = sniff(file, CONTRACTS)
    assert not proposal.needs_mapping and proposal.plan.columns == {} and proposal.plan.reader == {}
    assert proposal.toml_lines("umsatz").splitlines() == [
        "[[source]]", 'name = "umsatz"', 'kind = "sales_lines"', 'files = "umsatz/*.csv"', 'role = "sales"',
    ]  # fmt: skip
    assert "No mapping is needed" in proposal.to_yaml("umsatz")
    summary = " ".join(proposal.summary_lines())
    for finding in (
        "cp1252",
        "a semicolon",
        "line 2, below 'Umsatzliste'",
        "'Summe'",
        "28 rows, the whole file",
        "decimal comma",
        "sales_lines as it is (100 of 100)",
        "Columns found: 7 of the 20",
        "28 rows load",
    ):
        assert finding in summary
    results, _ = load_whole(file, contract_of(proposal, tmp_path), "1")
    assert (results[0].rows_loaded, results[0].rows_quarantined) == (28, 0)


@pytest.mark.usefixtures("untried")
def test_the_companys_own_mapping_is_found_again(tmp_path: Path) -> None:
    """A second mapping proposed for files that the company has one for already."""
    write(
        tmp_path / "mappings" / "till.yaml",
        'kind: till\nextends: sales_lines\nreader: {delimiter: "|"}\ncolumns: {document_number: {from: Bon}}\n',
    )
    contracts = load_contracts(tmp_path / "mappings")
    proposal = sniff(write(tmp_path / "bons.csv", sales().replace(";", "|").replace("Belegnr", "Bon")), contracts)
    assert (proposal.kind, proposal.needs_mapping) == ("till", False)
    proposal = sniff(write(tmp_path / "other.csv", sales().replace("Belegnr", "Bon")), contracts)
    assert (proposal.kind, proposal.needs_mapping) == ("sales_lines", True)


@pytest.mark.usefixtures("untried")
def test_an_ambiguous_date_is_said(tmp_path: Path) -> None:
    """2 January taken for 1 February in silence."""
    row = "RE{n},0{d}/0{d}/2018,1,LA,{n},{n}.50,EUR\n"
    proposal = sniff(write(tmp_path / "a.csv", sales(row=row).replace(";", ",")), CONTRACTS)
    assert proposal.plan.reader["timestamp_formats"] == ["%d/%m/%Y"]
    assert doubted(proposal, "could have the day or the month first", "no value in the sample decides")
    decided = sales(row=row).replace(";", ",").replace("RE7,07/07/2018", "RE7,07/13/2018")
    proposal = sniff(write(tmp_path / "b.csv", decided), CONTRACTS)
    assert proposal.plan.reader["timestamp_formats"] == ["%m/%d/%Y"]
    assert not any("month first" in doubt for doubt in proposal.doubts)


@pytest.mark.usefixtures("untried")
def test_an_ambiguous_number_is_said(tmp_path: Path) -> None:
    """A thousand pieces sold where it was one and a quarter, or the other way round, in silence."""
    proposal = sniff(write(tmp_path / "a.csv", sales(row="RE{n};01.11.2026;1;LA;{n};1.250;EUR\n")), CONTRACTS)
    assert doubted(proposal, '"1.250" (Nettobetrag) could be 1250 or 1.250', "It is read as 1250.")
    proposal = sniff(write(tmp_path / "b.csv", sales(row="RE{n};01.11.2026;1;LA;{n};5;EUR\n")), CONTRACTS)
    assert doubted(proposal, "No number in the sample has decimals", "A comma is assumed")


def test_what_is_missing_is_said_and_the_mapping_is_marked(tmp_path: Path) -> None:
    """A mapping that looks finished but lacks a column without which every file is refused."""
    text = sales().replace("Menge", "Irgendwas")
    proposal = sniff(write(tmp_path / "a.csv", text), CONTRACTS)
    assert not proposal.is_ready
    assert doubted(proposal, "No heading was found for the required column quantity", "'Menge'")
    mapping = proposal.to_yaml("mine")
    assert mapping.startswith("# NOT READY") and "NOCH NICHT FERTIG" in mapping
    assert '# quantity: {from: "the heading in your file"}' in mapping
    # Completed as it says, it loads.
    completed = mapping.replace('# quantity: {from: "the heading in your file"}', "quantity: {from: Irgendwas}")
    completed = completed.replace("# columns:", "columns:").replace("  - Irgendwas\n", "").replace("known_extra:\n", "")
    contract = load_contract_file(write(tmp_path / "mine.yaml", completed))
    results, _ = load_whole(tmp_path / "a.csv", contract, "1")
    assert (results[0].rows_loaded, results[0].rows_quarantined) == (28, 0)


def test_guessed_competing_and_unfit_headings_are_said(tmp_path: Path) -> None:
    """Values read from the wrong column because its heading sounds right."""
    text = "Beleg;Belegdatum;Datum;Menge;Menge (Stk);Rabatt;Betrag;Betrag;\n"
    text += lines("R{n};02.11.2026;01.11.2026;{n};{n};Neukunde;{n},50;9,99;x\n")
    file = write(tmp_path / "a.csv", text)
    proposal = sniff(file, CONTRACTS)
    assert doubted(proposal, "'Betrag' was taken for net_amount")
    assert doubted(proposal, "Two headings fit document_at: 'Belegdatum' is used, 'Datum' is not")
    assert doubted(proposal, "'Rabatt' would be discount_pct by its name", '"Neukunde"', "not used")
    assert doubted(proposal, "'Betrag' stands above several columns")
    assert doubted(proposal, "values without a heading, in column 9")
    assert proposal.plan.columns["discount_pct"] == {"from": []}
    assert proposal.plan.left_over == ("Datum", "Menge (Stk)", "Rabatt", "Betrag")
    results, rows = load_whole(file, contract_of(proposal, tmp_path), "document_at, net_amount, discount_pct")
    assert results[0].rows_quarantined == 0 and rows[6] == (datetime(2026, 11, 1, 23), Decimal("7.50"), None)
    assert results[0].drift == ()


def test_values_that_do_not_read_are_said(tmp_path: Path) -> None:
    """Rows that surprise a person by lying in quarantine the next morning."""
    text = "Maschine;Beginn;Ende;Zustand\n" + lines("M1;{n:02}.11.2026 06:00;{n:02}.11.2026 07:00;RUN\n", 19)
    text = text.replace("07.11.2026 07:00;RUN", "offen;RUN").replace(
        "12.11.2026 07:00;RUN", "12.11.2026 07:00;Werkzeugbruch"
    )
    proposal = sniff(write(tmp_path / "a.csv", text), CONTRACTS)
    assert doubted(proposal, "'RUN' was taken for running")
    assert doubted(proposal, "'Werkzeugbruch' (1 row) is not known", "running, setup, down")
    assert doubted(proposal, "1 of 19 values of 'Ende' do not read as a time", '"offen"')
    assert doubted(proposal, "Tried: 2 rows would go into quarantine", "line 8: Ende")
    assert doubted(proposal, "The times name no time zone")
    assert proposal.plan.columns["state"]["values"]["RUN"] == "running"


def test_what_no_value_tells_is_said(tmp_path: Path) -> None:
    """Gross prices counted as net, cancellations counted as sales, pounds counted as euros."""
    text = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
    text += lines("53{n},22{n},{n},2010-12-0{d} 08:26:00,2.55,17{n}.0\n").replace(",10,2010", ",-10,2010")
    file = write(tmp_path / "a.csv", text)
    proposal = sniff(file, CONTRACTS)
    assert doubted(proposal, "price_basis is taken as 'net'")
    assert doubted(proposal, "credit_sign is taken as 'positive'")
    assert doubted(proposal, "Some values of 'Quantity' are negative, such as -10")
    assert doubted(proposal, "The file names no currency")
    assert doubted(proposal, "Numbers of 'CustomerID' are written like", "the .0 is left out")
    _, rows = load_whole(file, contract_of(proposal, tmp_path), "customer_number, quantity")
    assert rows[9] == ("1710", Decimal(-10))


def test_of_a_large_file_only_its_ends_are_looked_at(tmp_path: Path) -> None:
    """A file of gigabytes held in memory, a row cut in two by the sample and called broken, a footer overlooked."""
    row = 'RE{n};0{d}.11.2026;10{n:03};"Zeile eins\nund zwei";{n},00;{n},50;EUR\r\n'
    text = sales(8000, row) + "Summe;;;;;31.000,00;\r\nErstellt am 01.12.2026\r\n"
    file = write(tmp_path / "a.csv", text)
    proposal = sniff(file, CONTRACTS)
    table = proposal.table
    assert not table.is_whole and table.sample_lines <= 2050 and table.lines == 16_003
    assert table.footers == ("Summe", "Erstellt am 01.12.2026")
    assert table.broken == 0 and proposal.trial.quarantined == 0
    assert proposal.plan.reader == {"footer": f"{CONTRACTS['sales_lines'].reader.footer}|^(Erstellt am\\b)"}
    assert "of 16,003 lines in all" in " ".join(proposal.summary_lines())
    results, _ = load_whole(file, contract_of(proposal, tmp_path), "1")
    assert (results[0].rows_loaded, results[0].rows_quarantined) == (8000, 0)


def test_the_line_of_a_bad_row_is_that_of_the_file(tmp_path: Path) -> None:
    """A person sent to a line of the sample instead of the file's."""
    lines = sales(5000, "RE{n};01.11.2026;1;LA-{n};{n},00;{n},50;EUR\n").splitlines(keepends=True)
    lines[4990] = lines[4990].replace(",50", ",5x")
    proposal = sniff(write(tmp_path / "a.csv", "".join(lines)), CONTRACTS)
    assert proposal.trial.problems[0].startswith("line 4,991: Nettobetrag")


def test_hostile_headings_cannot_break_the_mapping(tmp_path: Path) -> None:
    """A heading with YAML or control characters in it that makes the mapping unreadable, or says something else."""
    names = ["a: {b", "# c", "- [x]", "'q' “w”", "\x01b", "{{ d }}", "null", "%TAG", "&x *y", "ja\tnein"]
    text = "Belegnr;Belegdatum;Menge;" + ";".join(names) + "\n" + f"R1;02.11.2026;1{';x' * len(names)}\n" * 9
    proposal = sniff(write(tmp_path / "a.csv", text.replace(";", "|").replace("Belegnr", "Beleg: #Nr")), CONTRACTS)
    contract = contract_of(proposal, tmp_path)
    assert contract.reader.delimiter == "|"
    assert contract.known_extra == tuple(names)
    results, _ = load_whole(tmp_path / "a.csv", contract, "1")
    assert results[0].drift == ()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\r\n \r\n", "is empty"),
        ("a.csv", bytes(range(256)) * 9, "is not a text file"),
        ("a.csv", b"Belegnr;Menge\r\n\x81;1\r\n", "neither UTF-8 nor Windows text"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "is a web page"),
        ("a.xml", b'<?xml version="1.0"?><Invoice/>', "is an XML document"),
        ("a.txt", b"* PING\n2026-07-01T08:00:00Z|execution|ACTIVE\n", "the kind mtconnect_shdr"),
        ("a.csv", b"%PDF-1.7", "is a PDF document"),
        ("a.json", b'{"a": [1, 2', "begins like JSON but is none"),
        ("a.json", b"[1, 2]", "holds no list of objects"),
        ("a.xlsx", b"PK\x03\x04 this is no workbook", "damaged"),
        ("a.csv.gz", b"\x1f\x8b\x08 cut off", "damaged gzip"),
        ("a.csv", b"x" * (9 << 20), "longer than 8 MB"),
        ("a.csv", "a;b\n1;2\n".encode("utf-16-le").decode().encode("utf-16"), "converted to UTF-16 twice"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_in_words(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    """A traceback, or a mapping made of nonsense, for a file that is no table."""
    with pytest.raises(FileRefused) as refusal:
        sniff(write(tmp_path / name, content), CONTRACTS)
    assert says in str(refusal.value) and name in str(refusal.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A traceback for a mistyped name."""
    with pytest.raises(FileRefused, match="There is no file"):
        sniff(tmp_path / "nothing.csv", CONTRACTS)


def test_a_file_of_no_kind_gets_no_invented_mapping(tmp_path: Path) -> None:
    """A temperature log loaded as sales because that was nearest."""
    text = "Zeit;Sonde;Grad\n" + lines("{n};F{n};{n},5\n")
    proposal = sniff(write(tmp_path / "a.csv", text), CONTRACTS)
    assert not proposal.fits and not proposal.is_ready and proposal.plan.columns == {}
    assert doubted(proposal, "No kind fits this file", "sales_lines (Sales lines)")
    mapping = proposal.to_yaml("mine")
    assert mapping.startswith("# NOT READY") and "columns:\n" not in mapping and "Sonde" in mapping
    contract_of(proposal, tmp_path)


def test_odd_tables_are_told_as_they_are(tmp_path: Path) -> None:
    """A file with one column, without rows or without headings that ends in a traceback or in a finished mapping."""
    one = sniff(write(tmp_path / "one.csv", "Artikelnummer\n" + "LA-1\nLA-2\n"), CONTRACTS)
    assert not one.is_ready and doubted(one, "No delimiter was found")
    empty = sniff(write(tmp_path / "empty.csv", SALES), CONTRACTS)
    assert doubted(empty, "headings but no rows") and empty.kind == "sales_lines"
    bare = sniff(write(tmp_path / "bare.csv", sales().removeprefix(SALES)), CONTRACTS)
    assert not bare.fits and doubted(bare, "Nothing proves that line 1 holds the headings")
    ragged = sniff(write(tmp_path / "ragged.csv", sales().replace("EUR", "EUR;x")), CONTRACTS)
    assert not ragged.is_ready and doubted(ragged, "Line 1 has 7 headings, but most rows have 8 values")
    stray = sniff(write(tmp_path / "stray.csv", sales().replace("LA-0007", '"LA-0007')), CONTRACTS)
    assert (stray.trial.loaded, stray.trial.quarantined) == (27, 1) and not stray.needs_mapping


@pytest.mark.usefixtures("untried")
@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        ("Müller", "cp1252", ("read as Windows text (cp1252)", "it reads 'Müller'")),
        ("Käufer Möbel", "cp850", ("probably DOS text", "'K„ufer'")),
        ("MÃ¼ller", "utf-8", ("converted twice", "'MÃ¼ller'")),
        ("M\ufffdller", "utf-8", ("Characters were lost",)),
    ],
)
def test_a_doubtful_encoding_is_said(tmp_path: Path, text: str, encoding: str, words: tuple[str, ...]) -> None:
    """Customers called K„ufer in every report."""
    content = "Kundennr;Firma;Ort\n" + f"1;{text};Ulm\n" * 9
    assert doubted(sniff(write(tmp_path / "a.csv", content, encoding), CONTRACTS), *words)


@pytest.mark.usefixtures("untried")
def test_names_of_sources_and_kinds(tmp_path: Path) -> None:
    """A mapping whose kind is taken, so that no command runs any more, or a name that the settings refuse."""
    file = write(tmp_path / "Größen 2026-11.csv", sales().replace("Belegnr", "Beleg"))
    proposal = sniff(file, CONTRACTS)
    assert proposal.suggested_name == "groessen"
    assert load_contract_file(write(tmp_path / "m.yaml", proposal.to_yaml("products"))).kind == "products_mapping"
    assert 'kind = "products_mapping"' in proposal.toml_lines("products")
    for name in ("Meine Daten", "1a", ""):
        with pytest.raises(ContractError, match="cannot name a source"):
            proposal.to_yaml(name)


def test_headings_are_compared_by_what_they_mean() -> None:
    """A mapping needed for every other way to write Belegnummer, or Zeichnungsnummer taken for Rechnungsnummer."""
    assert len({normal(word) for word in ("Beleg-Nr.", "BELEGNUMMER", "beleg_no", "Beleg Nr", "BelegNr (ERP)")}) == 1
    assert normal("Netto EUR") == normal("netto") != normal("Brutto EUR")
    assert normal("$.unitPrice") == normal("Unit Price") == normal("unit_price")
    assert normal("EUR") and normal("(x)")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (["1.234,50", "7"], {}),
        (["1,234.50", "7"], {"decimal": ".", "thousands": ","}),
        (["12.5"], {"decimal": ".", "thousands": ""}),
        ([".4999999"], {"decimal": ".", "thousands": ""}),
        (["0.125"], {"decimal": ".", "thousands": ""}),
        (["1250.125"], {"decimal": ".", "thousands": ""}),
        (["12,5", "1.250"], {}),
        (["12.5", "1,250"], {"decimal": ".", "thousands": ","}),
        (["1'234'567"], {"decimal": ".", "thousands": "'"}),
        (["1’234.50"], {"decimal": ".", "thousands": "'"}),
        (["1 234 567,5"], {"thousands": " "}),
        (["1\u202f234,5"], {"thousands": " "}),
        (["1.234.567"], {}),
        (["1,234,567"], {"decimal": ".", "thousands": ","}),
        (["12,50-", "12,50 €", "EUR 3,1"], {}),
    ],
)
def test_number_marks(numbers: list[str], expected: dict[str, str]) -> None:
    """A decimal mark proposed that the numbers disprove."""
    marks = NumberMarks()
    marks.add("Betrag", Counter(numbers), whole=False)
    assert notation(marks, CONTRACTS["sales_lines"].reader, in_commas=False)[0] == expected


def test_numbers_in_two_notations_are_said() -> None:
    """Half of the amounts a thousand times too large because one notation was taken for all."""
    marks = NumberMarks()
    marks.add("Preis", Counter({"12,50": 60}), whole=False)
    marks.add("Messwert", Counter({"3.75": 40}), whole=False)
    found, doubts = notation(marks, CONTRACTS["sales_lines"].reader, in_commas=False)
    assert found == {} and '"12,50" (Preis) and, less often, "3.75" (Messwert)' in doubts[0].text


def test_texts_that_only_look_like_numbers() -> None:
    """An article number or a date taken for a number, and with it the wrong line for the headings."""
    assert [text for text in ("12", "1.234,5", "-3", "5 kg", "19 %", "CHF 1'0.5") if not is_number(text)] == [
        "CHF 1'0.5"
    ]
    assert not any(map(is_number, ("LA-0012", "31.12.2025", "1.2.3", "12/7", "", "-", "Menge")))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["31.12.2025", "01.02.2025"], None),
        (["2025-12-31 14:05"], ("%Y-%m-%d %H:%M",)),
        (["1. 2. 2025"], ("%d. %m. %Y",)),
        (["31/12/25"], ("%d/%m/%y",)),
        (["12-31-2025"], ("%m-%d-%Y",)),
        (["31.12.2025, 14:05:09"], ("%d.%m.%Y, %H:%M:%S",)),
        (["2025-12-31T14:05:09.1234567+01:00"], ("%Y-%m-%dT%H:%M:%S.%f%z",)),
        (["20251231140509"], ("%Y%m%d%H%M%S",)),
        (["5 Mar 2025", "31.12.2025"], ("%d.%m.%Y", "%d %b %Y")),
        (["1697698986127385"], ("epoch_us",)),
        (["00:00.0", "46000", "KW 12"], None),
    ],
)
def test_date_formats(texts: list[str], expected: tuple[str, ...] | None) -> None:
    """A format proposed that the loader does not read, or a day taken for a month."""
    contract = CONTRACTS["sales_lines"]
    found = date_formats(warehouse(), Counter(texts), contract.column("document_at"), contract.reader, ZONE)
    assert (found and found.formats) == expected


def test_headings_and_footers_by_their_shape() -> None:
    """A title, a data row or a sum taken for the headings; the last order of a shop taken for a footer."""
    rows = [["Liste"], ["Alpha", "Beta", "Gamma"], ["x", "1", "2,5"], ["y", "2", "3,5"]]
    assert find_headings(rows, frozenset()) == (1, True)
    assert find_headings([["1", "2,5"], ["2", "3,5"]], frozenset()) == (0, False)
    data = [["R1", "1", "2", "3"]] * 9
    assert find_footers([*data, ["Summe", "", "", "9"]], 4) == ["Summe"]
    assert find_footers([*data, ["", "", "Gesamtsumme", "9"], ["Stand: 1.12."]], 4) == ["Gesamtsumme", "Stand: 1.12."]
    assert find_footers([*data, ["R1", "", "2", "3"], ["R1", "", "", "3"]], 4) == []
    assert (
        footer_pattern(["Summe EUR", "3 Datensätze", "Ende (Seite 1)"])
        == r"^(Summe\b|[0-9]+ Datensätze\b|Ende \(Seite\b)"
    )
    assert footer_pattern(["31.000,00"]) is None
