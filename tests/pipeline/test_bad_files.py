"""Bad input through the real road: a clear sentence, nothing lost, and the other files go on."""

from __future__ import annotations

import gzip
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.landing_area import LandingArea

HEADINGS = "Belegnr;Belegdatum;Kundennr;Artikelnr;Bezeichnung;Menge;Einzelpreis;Nettobetrag"
GOOD = "RE1;31.12.2025;10001;LA-1;Lampe;2,00;10,50;1.021,00"


@pytest.fixture
def area(tmp_path: Path) -> Iterator[LandingArea]:
    area = LandingArea(tmp_path)
    yield area
    area.con.close()


def lines(*rows: str) -> str:
    return "\r\n".join([HEADINGS, *rows]) + "\r\n"


def test_one_bad_file_does_not_stop_the_others(area: LandingArea) -> None:
    """One empty export that keeps a whole folder from being loaded."""
    area.drop("a.csv", b"", age_seconds=300)
    area.drop("b.csv", lines(GOOD), age_seconds=200)
    assert [result.status for result in area.load("sales_lines")] == ["refused", "loaded"]
    assert "is empty" in area.refused()["a.csv"]
    assert area.query("select count(*) from raw.sales_lines") == [(1,)]


def test_header_only_is_no_error(area: LandingArea) -> None:
    """A day without sales taken for a broken export."""
    area.drop("a.csv", lines())
    (result,) = area.load("sales_lines")
    assert (result.status, result.rows_read) == ("loaded", 0)


def test_a_missing_required_column_is_named(area: LandingArea) -> None:
    """A renamed column that loads as empty; the sentence must name it and what the file has instead."""
    area.drop("a.csv", lines(GOOD).replace("Menge", "Stückzahl"))
    (result,) = area.load("sales_lines")
    assert result.status == "refused"
    assert "quantity" in result.message and "'Stückzahl'" in result.message and "from:" in result.message


def test_a_renamed_optional_column_is_reported_and_kept(area: LandingArea) -> None:
    """Amounts that vanish in silence because an export calls them otherwise from now on."""
    area.drop("a.csv", lines(GOOD), age_seconds=300)
    area.drop("b.csv", lines(GOOD.replace("RE1", "RE2")).replace("Nettobetrag", "Netto EUR"), age_seconds=200)
    _, second = area.load("sales_lines")
    assert second.drift == ("new column: Netto EUR", "column gone: net_amount")
    assert area.query("select _extra->>'$.\"Netto EUR\"' from raw.sales_lines where document_number = 'RE2'") == [
        ("1.021,00",)
    ]


def test_short_long_and_blank_rows(area: LandingArea) -> None:
    """Rows that shift into the wrong columns, or line numbers that are off by the rows before."""
    area.drop("a.csv", lines(GOOD, "RE2;31.12.2025", GOOD + ";x", "", GOOD, "Summe;;;;;;;1"))
    (result,) = area.load("sales_lines")
    assert (result.rows_loaded, result.rows_quarantined, dict(result.skipped)) == (2, 2, {"blank": 1, "footer": 1})
    assert [(line, reason) for line, _, reason in area.reasons()] == [
        (3, "the row has 2 values, the headings 8"),
        (4, "the row has 9 values, the headings 8"),
    ]
    assert area.query("select _line from raw.sales_lines order by 1") == [(2,), (6,)]


@pytest.mark.parametrize("later", ["", 'RE9;31.12.2025;1;LA-9;"Lampe; rund";1,00;1,00;1,00'])
def test_an_unclosed_quote_costs_one_row(area: LandingArea, later: str) -> None:
    """A reader that takes all up to the next quotation mark for one value, and loses thousands of rows."""
    rows = [GOOD.replace("RE1", f"RE{number}") for number in range(3000)]
    rows[1000] = rows[1000].replace("Lampe", '"Lampe')
    area.drop("a.csv", lines(*rows, *([later] if later else [])))
    (result,) = area.load("sales_lines")
    assert (result.rows_loaded, result.rows_quarantined) == (2999 + bool(later), 1)
    assert [line for line, _, _ in area.reasons()] == [1002]


def test_line_breaks_inside_quotes(area: LandingArea) -> None:
    """A text of several lines that is taken for several rows; lines are counted as they stand in the file."""
    area.drop("a.csv", lines(GOOD.replace("Lampe", '"Lampe\r\nmit Schirm\r\n"'), GOOD.replace("2,00", "2.5")))
    (result,) = area.load("sales_lines")
    assert (result.rows_loaded, result.rows_quarantined) == (1, 1)
    assert area.query("select article_name from raw.sales_lines") == [("Lampe\r\nmit Schirm\r\n",)]
    assert area.reasons() == [(5, "Menge", "Menge: \"2.5\" is not a number with a decimal comma ('.' marks thousands)")]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp1252", "Größe – 5 €"), ("utf-8", "Größe – 5 €"), ("utf-8-sig", "Größe – 5 €"), ("utf-16", "Größe – 5 €")],
)
def test_encodings(area: LandingArea, encoding: str, text: str) -> None:
    """Umlauts and the euro sign that arrive as other characters."""
    area.drop("a.csv", lines(GOOD.replace("Lampe", text)).encode(encoding))
    (result,) = area.load("sales_lines")
    assert result.rows_loaded == 1, result
    assert area.query("select article_name from raw.sales_lines") == [(text,)]


def test_bytes_of_no_encoding_are_refused_with_their_place(area: LandingArea) -> None:
    """A damaged file that loads with wrong characters."""
    area.drop("a.csv", lines(GOOD).encode() + b"RE\x81\xff;x")
    (result,) = area.load("sales_lines")
    assert result.status == "refused"
    assert f"byte {len(lines(GOOD)) + 3} is 0x81" in result.message


def test_a_date_that_does_not_exist(area: LandingArea) -> None:
    """31 February read as 3 March."""
    area.drop("a.csv", lines(GOOD, GOOD.replace("31.12.", "31.02.")))
    area.load("sales_lines")
    ((line, column, reason),) = area.reasons()
    assert (line, column) == (3, "Belegdatum")
    assert '"31.02.2025" is no time that exists' in reason


def test_ten_megabytes_in_one_line(area: LandingArea) -> None:
    """A line that breaks the reader, or takes the rows after it along."""
    area.drop(
        "a.csv", lines(GOOD.replace("Lampe", "x" * 10_000_000), GOOD, GOOD.replace("Lampe", "y" * 20_000_000), GOOD)
    )
    (result,) = area.load("sales_lines")
    assert (result.rows_loaded, result.rows_quarantined) == (3, 1)
    assert [line for line, _, _ in area.reasons()] == [4]


def test_a_spreadsheet_with_merged_title_rows(area: LandingArea) -> None:
    """Headings looked for in the first row only; numbers of customers with a .0; dates as numbers of days."""

    def workbook(path: Path) -> None:
        import datetime

        import xlsxwriter

        with xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy"}) as book:
            sheet = book.add_worksheet("Kunden")
            sheet.merge_range(0, 0, 0, 3, "Kundenstamm")
            sheet.write_row(2, 0, ["Kundennummer", "Firma", "PLZ", "Kunde seit"])
            sheet.write_row(3, 0, [10023, "Müller GmbH", "01067"])
            sheet.write_datetime(3, 3, datetime.datetime(2020, 2, 29))

    area.drop("Kunden.xlsx", workbook)
    (result,) = area.load("customers")
    assert result.rows_loaded == 1, result
    assert area.query(
        "select customer_number, company_name, postal_code, customer_since_date::varchar from raw.customers"
    ) == [("10023", "Müller GmbH", "01067", "2020-02-29")]


def test_an_old_workbook_and_a_text_that_calls_itself_one(area: LandingArea) -> None:
    """.xls files that are not read; HTML that a program exports as .xls read as nonsense."""

    def workbook(path: Path) -> None:
        import xlwt

        book = xlwt.Workbook()
        sheet = book.add_sheet("Kunden")
        for row, cells in enumerate([["Kundennummer", "Firma"], [10023, "Müller GmbH"]]):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
        book.save(str(path))

    area.drop("alt.xls", workbook, age_seconds=300)
    area.drop("web.xls", "<html><table><tr><td>Kundennummer</td></tr></table></html>", age_seconds=200)
    first, second = area.load("customers")
    assert (first.status, first.rows_loaded) == ("loaded", 1)
    assert second.status == "refused" and "no Excel workbook" in second.message
    assert area.query("select customer_number from raw.customers") == [("10023",)]


def test_a_file_that_is_still_growing_waits(area: LandingArea) -> None:
    """Half an export loaded because the program was still writing it."""
    path = area.drop("a.csv", lines(GOOD))
    stop = threading.Event()

    def write() -> None:
        with path.open("a") as file:
            while not stop.is_set():
                file.write(GOOD + "\r\n")
                file.flush()
                time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(0.1)
        (result,) = area.load("sales_lines")
    finally:
        stop.set()
        writer.join()
    assert (result.status, result.rows_loaded) == ("waiting", 0)
    assert path.exists()


def test_the_same_content_under_another_name_changes_nothing(area: LandingArea) -> None:
    """Sales doubled by a copy of a file, packed or not."""
    area.drop("a.csv", lines(GOOD), age_seconds=300)
    area.drop("Kopie von a.csv", lines(GOOD), age_seconds=200)
    area.drop("a.csv.gz", gzip.compress(lines(GOOD).encode()), age_seconds=100)
    assert [result.status for result in area.load("sales_lines")] == ["loaded", "duplicate", "duplicate"]
    assert area.query("select count(*) from raw.sales_lines") == [(1,)]
    assert not list(area.areas.inbox.iterdir())
    assert area.archived() == [lines(GOOD).encode()]


def test_a_zip_is_read_as_what_it_holds_and_refused_when_it_holds_nothing_of_the_kind(area: LandingArea) -> None:
    """Zips ignored in silence, or a zip of pictures that loads as an empty day."""

    def packed(members: dict[str, str]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in members.items():
                archive.writestr(name, text)
        return out.getvalue()

    area.drop("a.zip", packed({"1.csv": lines(GOOD), "2.csv": lines(GOOD.replace("RE1", "RE2"))}), age_seconds=300)
    area.drop("b.zip", packed({"bild.png": "x"}), age_seconds=200)
    assert [result.status for result in area.load("sales_lines")] == ["loaded", "loaded", "refused"]
    assert "holds no file of the kind" in area.refused()["b.zip"] and "bild.png" in area.refused()["b.zip"]
    assert area.query("select count(*) from raw.sales_lines") == [(2,)]


def test_a_zip_that_unpacks_to_far_more_than_it_should(area: LandingArea) -> None:
    """A bomb that fills the disk."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", HEADINGS + "\n" + "0" * 200_000_000)
    area.drop("bomb.zip", out.getvalue())
    (result,) = area.load("sales_lines")
    assert result.status == "refused" and "would unpack to" in result.message


def test_damaged_archives(area: LandingArea) -> None:
    """A cut-off download that ends the run with a traceback."""
    packed = gzip.compress(lines(GOOD).encode() * 50)
    area.drop("a.csv.gz", packed[: len(packed) // 2], age_seconds=300)
    area.drop("b.csv", lines(GOOD), age_seconds=200)
    first, second = area.load("sales_lines")
    assert first.status == "refused" and "damaged gzip" in first.message
    assert second.status == "loaded"


def test_a_link_that_leads_out_of_the_inbox_is_not_read(area: LandingArea, tmp_path: Path) -> None:
    """A file elsewhere on the machine read, or moved, by way of a link."""
    secret = tmp_path / "secret.csv"
    secret.write_text(lines(GOOD))
    (area.areas.inbox / "a.csv").symlink_to(secret)
    (result,) = area.load("sales_lines")
    assert result.status == "refused" and "leads out of the inbox" in result.message
    assert secret.exists()


def test_hostile_headings(area: LandingArea) -> None:
    """A heading that ends up as SQL."""
    heading = """x"); drop table raw.sales_lines; --'"""
    area.drop("a.csv", f'{HEADINGS};"{heading.replace(chr(34), chr(34) * 2)}"\n{GOOD};1\n')
    (result,) = area.load("sales_lines")
    assert result.rows_loaded == 1, result
    ((extra,),) = area.query("select json_keys(_extra) from raw.sales_lines")
    assert extra == [heading]


def test_the_other_delimiter_is_recognised_in_the_sentence(area: LandingArea) -> None:
    """A person left to guess why no heading is found."""
    area.drop("a.csv", "Belegnr,Belegdatum,Menge\nRE1,31.12.2025,2\n")
    (result,) = area.load("sales_lines")
    assert "separated by a comma" in result.message
