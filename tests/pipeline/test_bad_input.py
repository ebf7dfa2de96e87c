"""Files as companies really send them: each is loaded, or refused with a sentence, and costs nothing but itself."""

from __future__ import annotations

import gzip
import io
import os
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xlsxwriter
import xlwt

from ingestion.contract import Contract
from ingestion.landing import Run, load_source, unclaimed_files
from ingestion.ledger import LoadResult
from ingestion.source import Source
from tests.landing_zone import HEADINGS, NOW, ZONE, LandingZone, landing_zone, line, shipped, text, till_lines, varied

GOOD = text("G1;01.11.2026;Lampe;1,00;10,00")
UNCLOSED = "a quotation mark is not closed, or text follows it"


def beside_a_good_file(
    zone: LandingZone, name: str, content: bytes | str, contract: Contract | None = None, **options: str
) -> LoadResult:
    """What became of a file; one that comes after it must be loaded whatever it is like."""
    zone.drop(name, content, **options)
    zone.drop("zz_good.csv", GOOD)
    results = zone.load(contract)
    assert results[-1].file_name == "zz_good.csv" and results[-1].status == "loaded", results
    assert results[-1].rows_loaded == 1
    return results[0]


def refused(zone: LandingZone, result: LoadResult, content: bytes, *words: str) -> None:
    """It was moved aside untouched, with a note that says why, and nothing of it was loaded."""
    assert result.status == "refused", result
    assert result.file_id is None and (result.rows_read, result.rows_loaded) == (0, 0)
    name = result.file_name.rsplit("/", 1)[-1]
    kept, note = zone.refused()[name]
    assert kept == content
    assert result.message is not None and note.startswith(result.message)
    assert all(word in result.message for word in words), result.message
    assert zone.all("select count(*) from ops.load where status = 'refused' and message = ?", result.message) == [(1,)]


# --- shape ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", ["empty (0 bytes)", "run it again"], id="empty"),
        pytest.param(b"\xef\xbb\xbf", ["is empty"], id="byte-order-mark only"),
        pytest.param(b"\r\n\r\n;;;;\r\n", ["is empty"], id="blank lines only"),
        pytest.param(b"Kassenbericht November\n", ["headings lack receipt"], id="title only"),
        pytest.param(
            text("B1;01.11.2026;Lampe;10,00", headings="Bon;Datum;Artikel;Betrag").encode(),
            ["headings lack quantity (expected as 'Menge' or 'Quantity')", "till_lines.yaml"],
            id="missing required column",
        ),
        pytest.param(
            text("B1;01.11.2026;Lampe;1;10,00", headings="Bon;Datum;Artikel;Anzahl Stück;Betrag").encode(),
            ["headings lack quantity", "Row 1", "'Anzahl Stück'", "write it under  from:"],
            id="renamed required column",
        ),
        pytest.param(GOOD.replace(";", ",").encode(), ["separated by a comma", "expects ';'"], id="other delimiter"),
        pytest.param(GOOD.replace(";", "\t").encode(), ["separated by a tab"], id="tabs"),
        pytest.param(b"\x81\xff" + GOOD.encode(), ["byte 1 is 0x81", "byte 1 is no UTF-8"], id="bytes of no encoding"),
        pytest.param(
            GOOD.encode() + b"B2;02.11.2026;L\x00mpe;1,00;1,00\n", ["byte 78 is NUL", "not a text file"], id="NUL byte"
        ),
        pytest.param(("Bon;Dat" * 30).encode("utf-16")[:-1], ["damaged UTF-16 near byte"], id="half a character"),
        pytest.param(b"\xd0\xcf\x11\xe0" + bytes(600), ["not a text file"], id="spreadsheet called csv"),
        pytest.param(b"%PDF-1.7\n\x00\x81", ["not a text file"], id="PDF called csv"),
        pytest.param(b"<!DOCTYPE html><html><body>Login</body></html>\n", ["headings lack"], id="web page called csv"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(zone: LandingZone, content: bytes, words: list[str]) -> None:
    """A file without usable rows stopped the run, was loaded as nothing, or vanished without a word."""
    refused(zone, beside_a_good_file(zone, "bad.csv", content), content, *words)
    assert zone.in_inbox() == []


def test_a_file_with_headings_only_is_a_day_without_sales(zone: LandingZone) -> None:
    """The export of a day without sales counted as broken."""
    result = beside_a_good_file(zone, "a.csv", HEADINGS + "\n")
    assert (result.status, result.rows_read, result.message) == ("loaded", 0, None)


def test_an_optional_column_that_is_renamed_is_reported_and_kept(zone: LandingZone) -> None:
    """Amounts of a renamed column disappeared, and nobody was told."""
    zone.drop("a.csv", text(line(1)))
    zone.drop("b.csv", text(line(2), headings=HEADINGS.replace("Betrag", "Summe brutto")))
    results = zone.load()
    assert results[1].drift == ("new column: Summe brutto", "column gone: amount")
    assert zone.raw("receipt, amount, _extra->>'Summe brutto'")[1:] == [("B2", None, "2,50")]
    assert zone.all("select finding, column_name, file_name from ops.drift order by all") == [
        ("column gone", "amount", "b.csv"),
        ("new column", "Summe brutto", "b.csv"),
    ]


def test_an_extra_column_is_kept_beside_the_others(zone: LandingZone) -> None:
    """A new column shifted the values, or was thrown away."""
    result = beside_a_good_file(
        zone, "a.csv", text("B1;01.11.2026;Kasse 2;Lampe;1,00;9,50", headings="Bon;Datum;Kasse;Artikel;Menge;Betrag")
    )
    assert result.drift == ("new column: Kasse",)
    assert zone.all("select article, amount::varchar, _extra from raw.till_lines where receipt = 'B1'") == [
        ("Lampe", "9.5000", '{"Kasse":"Kasse 2"}')
    ]


def test_title_lines_blank_lines_and_the_sum_are_counted_not_loaded(zone: LandingZone) -> None:
    """The sum below a report doubled the revenue; the title above it was taken for the headings."""
    rows = ["Kassenbericht;;;;", 'vom "01.11.2026', "", HEADINGS, line(1), "", line(2), ";;;;", "Summe;;;;3,00"]
    result = beside_a_good_file(zone, "a.csv", "\r\n".join(rows) + "\r\n")
    assert (result.rows_read, result.rows_loaded) == (8, 2)
    assert dict(result.skipped) == {"title": 3, "blank": 2, "footer": 1}
    assert [row for row in zone.raw("receipt, _line") if row[0] != "G1"] == [("B1", 5), ("B2", 7)]


def test_a_sum_line_with_too_few_separators_is_a_sum_line_still(zone: LandingZone) -> None:
    """`Summe;3,00` was reported as a broken row every night."""
    result = beside_a_good_file(zone, "a.csv", text(line(1), line(2), "Summe;3,00"))
    assert (result.rows_loaded, dict(result.skipped)) == (2, {"footer": 1})


def test_a_broken_row_that_looks_like_a_sum_stays_in_sight(zone: LandingZone) -> None:
    """A short row of an article called Summe, in the middle of the file, went away as a footer."""
    rows = [line(n) for n in range(60)]
    result = beside_a_good_file(zone, "a.csv", text(*rows[:10], "Summe;3,00", *rows[10:], "Summer;01.11.2026;L;1,00;1"))
    assert (result.rows_loaded, result.rows_quarantined, result.rows_skipped) == (61, 1, 0)
    assert zone.quarantine() == [(12, None, "the row has 2 values, the headings 5")]


def test_short_and_long_rows_cost_only_themselves(zone: LandingZone) -> None:
    """A row with a value too many shifted into the next column, or stopped the file."""
    rows = [line(1), "B2;02.11.2026;Lampe", line(3), "B4;04.11.2026;Lampe; groß;1,00;4,50", line(5) + ";", line(6)]
    result = beside_a_good_file(zone, "a.csv", text(*rows))
    # Delimiters at the end with nothing behind them are no value too many.
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (6, 4, 2)
    assert zone.quarantine() == [
        (3, None, "the row has 3 values, the headings 5"),
        (5, None, "the row has 6 values, the headings 5"),
    ]
    assert zone.all("select original_row from ops.quarantine order by line") == [
        ('"B2;02.11.2026;Lampe"',),
        ('"B4;04.11.2026;Lampe; groß;1,00;4,50"',),
    ]
    assert sorted(zone.raw("receipt, _line")) == [("B1", 2), ("B3", 4), ("B5", 6), ("B6", 7), ("G1", 2)]


# --- quotes and line ends ------------------------------------------------------------------------------------------

QUOTED = 'Q{0};02.11.2026;"Lampe ""Eva""; groß";1,00;2,00'


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param('X;02.11.2026;"Lampe;1,00;2,00', id="opened in the middle"),
        pytest.param('"X;02.11.2026;Lampe;1,00;2,00', id="opened at the beginning"),
        pytest.param('X;02.11.2026;Lampe;1,00;"2,00', id="opened in the last value"),
        pytest.param('X;02.11.2026;"Lampe" Eva;1,00;2,00', id="text behind the closing one"),
        pytest.param('X;02.11.2026;"Lampe "Eva"";1,00;2,00', id="not doubled inside"),
        pytest.param('X;02.11.2026;"', id="nothing else"),
    ],
)
@pytest.mark.parametrize("at", [0, 2500, 4999])
@pytest.mark.parametrize("later", [None, QUOTED], ids=["no quotes later", "quotes later"])
def test_a_quotation_mark_that_is_not_closed_costs_one_row(
    zone: LandingZone, broken: str, at: int, later: str | None
) -> None:
    """DuckDB's reader takes everything up to the next quotation mark for one value: half a file in one cell."""
    rows = [line(n) for n in range(5000)]
    if later is not None:
        rows[3::700] = [later.format(n) for n in range(len(rows[3::700]))]
    rows[at] = broken
    result = beside_a_good_file(zone, "a.csv", text(*rows))
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (5000, 4999, 1)
    assert zone.quarantine() == [(at + 2, None, UNCLOSED)]
    assert zone.all("select original_row->>'$' from ops.quarantine") == [(broken,)]
    assert zone.all("select max(length(article)) < 30, max(_line) from raw.till_lines") == [(True, 5001 - (at == 4999))]


def test_rows_broken_one_after_the_other_cost_only_themselves(zone: LandingZone) -> None:
    """Two broken rows close each other's quotation mark and swallow what lies between them."""
    broken = 'X;02.11.2026;"Lampe;1,00;2,00'
    rows = [line(1), broken, broken, line(4), broken, line(6)]
    result = beside_a_good_file(zone, "a.csv", text(*rows))
    assert (result.rows_loaded, result.rows_quarantined) == (3, 3)
    assert [at for at, _, _ in zone.quarantine()] == [3, 4, 6]


def test_a_file_of_nothing_but_broken_quotes_ends_soon(zone: LandingZone) -> None:
    """Looking 500 lines ahead for every row made a file of 20,000 broken rows a matter of an hour."""
    rows = [f'X{n};02.11.2026;"Lampe;1,00;2,00' for n in range(20_000)]
    began = time.monotonic()
    result = beside_a_good_file(zone, "a.csv", text(*rows))
    assert (result.rows_loaded, result.rows_quarantined) == (0, 20_000)
    assert time.monotonic() - began < 30


def test_line_breaks_inside_a_value_belong_to_it(zone: LandingZone) -> None:
    """An address over three lines became three broken rows, and every line number after it was wrong."""
    rows = [
        line(1),
        'B2;02.11.2026;"Lampe\r\nEva\n\nweiß";2,00;5,00',
        line(3),
        "B4;31.02.2026;Lampe;1,00;1,00",
        line(5),
    ]
    result = beside_a_good_file(zone, "a.csv", text(*rows, end="\r\n"))
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (5, 4, 1)
    assert zone.all("select article from raw.till_lines where receipt = 'B2'") == [("Lampe\r\nEva\n\nweiß",)]
    assert [at for at, _, _ in zone.quarantine()] == [8]
    assert dict(zone.raw("receipt, _line")) == {"B1": 2, "B2": 3, "B3": 7, "B5": 9, "G1": 2}


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param(text(line(1), line(2), end="\r"), 2, id="old Macintosh"),
        pytest.param(text(line(1), line(2), end="\r")[:-1], 2, id="old Macintosh, none at the end"),
        pytest.param(text(line(1), end="\r\n") + line(2) + "\n" + line(3), 3, id="mixed"),
        pytest.param("Bericht\rNovember\n" + text(line(1), line(2)), 2, id="lone carriage return in the title"),
        pytest.param(
            text(line(1), "B2;02.11.2026;Lam\rpe;1,00;1,00", line(3)), 3, id="lone carriage return in a value"
        ),
        pytest.param(text(line(1), line(2)) + "\r", 2, id="lone carriage return at the end"),
    ],
)
def test_every_kind_of_line_end_is_one(zone: LandingZone, content: str, rows: int) -> None:
    """A carriage return on its own made DuckDB's reader give up, and the file was tried again night after night."""
    result = beside_a_good_file(zone, "a.csv", content)
    assert (result.status, result.rows_loaded, result.rows_quarantined) == ("loaded", rows, 0)
    assert "B1" in dict(zone.raw("receipt, _line"))


# --- encodings -----------------------------------------------------------------------------------------------------

EURO = text("B1;01.11.2026;Müller’s Lampe – 5 € · größer;1,00;10,00")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(EURO.encode(), id="UTF-8"),
        pytest.param(EURO.encode("utf-8-sig"), id="UTF-8 with mark"),
        pytest.param(EURO.replace("·", "-").encode("cp1252").replace(b"-", b"\xb7"), id="cp1252"),
        pytest.param(EURO.encode("utf-16"), id="UTF-16 with mark"),
        pytest.param(b"\xfe\xff" + EURO.encode("utf-16-be"), id="UTF-16 big endian with mark"),
        pytest.param(EURO.encode("utf-16-le"), id="UTF-16 without mark"),
        pytest.param(EURO.encode("utf-16-be"), id="UTF-16 big endian without mark"),
    ],
)
def test_every_encoding_gives_the_same_text(zone: LandingZone, content: bytes) -> None:
    """€ (0x80 in Windows) came out as a control character, umlauts as two characters, UTF-16 not at all."""
    result = beside_a_good_file(zone, "a.csv", content)
    assert (result.rows_loaded, result.rows_quarantined) == (1, 0)
    assert ("B1", "Müller’s Lampe – 5 € · größer") in zone.raw("receipt, article")


def test_an_encoding_that_is_declared_is_not_guessed(zone: LandingZone) -> None:
    """A file declared as UTF-8 with Windows umlauts in it was loaded with other letters."""
    content = EURO.encode("cp1252")
    result = beside_a_good_file(zone, "a.csv", content, varied(till_lines(), reader={"encoding": "utf-8"}))
    refused(zone, result, content, "not UTF-8 although that is declared", f"byte {content.index(0xFC) + 1} is 0xFC")


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("B1;01.11.2026;L;12.50;1,00", "Menge", '"12.50" is not a number with a decimal comma'),
        ("B1;01.11.2026;L;1.2.3;1,00", "Menge", '"1.2.3" is not a number'),
        ("B1;01.11.2026;L;;1,00", "Menge", "Menge: the value is missing"),
        ("B1;01.11.2026;L;-;1,00", "Menge", "Menge: the value is missing"),
        ("B1;01.11.2026;L;0;1,00", "Menge", "Menge: is zero"),
        ("B1;31.02.2026;L;1,00;1,00", "Datum", '"31.02.2026" is no date that exists, written as 31.12.2025'),
        ("B1;2026-11-01;L;1,00;1,00", "Datum", '"2026-11-01" is no date'),
        ("B1;11/01/2026;L;1,00;1,00", "Datum", '"11/01/2026" is no date'),
        ("B1;heute;L;1,00;zehn", "Datum", 'Betrag: "zehn" is not a number'),
        (" ;01.11.2026;L;1,00;1,00", "Bon", "Bon: the value is missing"),
    ],
)
def test_a_value_that_is_none_costs_its_row(zone: LandingZone, row: str, column: str, reason: str) -> None:
    """A value of another notation was read as a thousandfold, as another day, or as nothing."""
    result = beside_a_good_file(zone, "a.csv", text(line(7), row, line(8)))
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (3, 2, 1)
    assert [found[:2] for found in zone.quarantine()] == [(3, column)]
    assert reason in zone.quarantine()[0][2]
    original = zone.all("select original_row->>'Bon', original_row->>'Menge' from ops.quarantine")
    assert original == [(row.split(";")[0], row.split(";")[3] or None)]


# --- size ----------------------------------------------------------------------------------------------------------


def test_a_line_of_10_mb_is_a_line(zone: LandingZone) -> None:
    """A value longer than Python's limit of 128 kB stopped the whole run."""
    rows = [
        line(1),
        f"B2;02.11.2026;{'ä' * 5_000_000};1,00;1,00",
        f'B3;03.11.2026;"{"x" * 200_000}\n";1,00;1,00',
        line(4),
    ]
    result = beside_a_good_file(zone, "a.csv", text(*rows))
    assert (result.rows_loaded, result.rows_quarantined) == (4, 0)
    assert zone.all("select length(article) from raw.till_lines where receipt = 'B2'") == [(5_000_000,)]


@pytest.mark.parametrize("megabytes", [17, 40])
def test_a_line_beyond_the_limit_is_set_aside(zone: LandingZone, megabytes: int) -> None:
    """A line of 40 MB could not even be put into quarantine, so the file was tried again every night."""
    rows = [line(1), f"B2;02.11.2026;{'x' * (megabytes << 20)};1,00;1,00", line(3)]
    result = beside_a_good_file(zone, "a.csv", text(*rows))
    assert (result.rows_loaded, result.rows_quarantined) == (2, 1)
    assert zone.quarantine() == [(3, None, "the line is longer than 16 MB")]
    assert dict(zone.raw("receipt, _line")) == {"B1": 2, "B3": 4, "G1": 2}


@pytest.mark.parametrize("content", [b"x" * (10 << 20), b";" * (10 << 20), b'"' * (10 << 20), b"x;" * (20 << 20)])
def test_a_file_that_is_one_long_line_is_refused(zone: LandingZone, content: bytes) -> None:
    """A binary dump called .csv took gigabytes of memory while its headings were looked for."""
    result = beside_a_good_file(zone, "a.csv", content)
    assert result.status == "refused" and result.message is not None and len(result.message) < 2000


@pytest.mark.parametrize(
    ("kind", "good", "long"),
    [
        (
            "access_log",
            '1.1.1.1 - - [20/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 200 5',
            "2.2.2.2 " + "x" * (17 << 20),
        ),
        (
            "ga4_events",
            '{"event_date":"20261120","event_timestamp":"1763600000000000","event_name":"a","user_pseudo_id":"u",'
            '"event_params":[]}',
            '{"event_name":"' + "x" * (17 << 20) + '"}',
        ),
    ],
)
def test_long_lines_in_logs_and_json_keep_the_numbers_of_the_others(
    zone: LandingZone, kind: str, good: str, long: str
) -> None:
    """After a line that was left out, every quarantined row pointed one line too high."""
    zone.drop("a.log", "\n".join([good, long, good, "broken", good, ""]))
    result = zone.load_one(shipped()[kind], name="web")
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (5, 3, 2)
    assert [at for at, _, _ in zone.quarantine()] == [2, 4]
    assert zone.quarantine()[0][2] == "the line is longer than 16 MB"
    assert zone.raw("_line", kind) == [(1,), (3,), (5,)]


# --- headings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param("'); drop table raw.till_lines; --", id="SQL"),
        pytest.param('"""quoted""; and \'more\'"', id="quotes"),
        pytest.param("_line;_source;_file_id;rowid;select", id="our own names"),
        pytest.param("Betrag;BETRAG; betrag ", id="the same heading again"),
        pytest.param(";;;", id="empty headings"),
        pytest.param("{x};$1;?;%s;\\;🙂", id="placeholders"),
        pytest.param(";".join(f"Feld {n}" for n in range(995)), id="1,000 columns"),
    ],
)
def test_no_heading_reaches_the_database_as_sql(zone: LandingZone, extra: str) -> None:
    """A heading with a quotation mark in it broke the statement; one with SQL in it could have changed it."""
    headings = f"{HEADINGS};{extra}"
    count = next(iter(__import__("csv").reader([extra], delimiter=";")))
    rows = [f"{line(n)};{';'.join(f'v{i}' for i, _ in enumerate(count))}" for n in (1, 2)]
    rows.append(f"B3;31.02.2026;L;1;1;{';'.join('w' for _ in count)}")
    result = beside_a_good_file(zone, "a.csv", text(*rows, headings=headings))
    assert (result.status, result.rows_loaded, result.rows_quarantined) == ("loaded", 2, 1)
    assert zone.all("select amount::varchar from raw.till_lines where receipt = 'B1'") == [("1.5000",)]
    assert zone.all("select count(*) from ops.quarantine where json_valid(original_row)") == [(1,)]
    if extra.strip(";"):
        assert zone.all("select count(*) from raw.till_lines where _extra::varchar like '%v0%'") == [(2,)]


@pytest.mark.parametrize(
    "name",
    [
        "Export [1].csv",
        "Export*.csv",
        "Was?.csv",
        "O'Brien.csv",
        'a"b;c.csv',
        "Umsätze €.csv",
        "zeilen\num\rbruch.csv",
        "monat=11/tag=3.csv",
        "-rf.csv",
        "ü" * 120 + ".csv",
    ],
)
def test_no_file_name_is_taken_for_a_pattern_or_a_command(zone: LandingZone, name: str) -> None:
    """DuckDB reads `Export*.csv` as a pattern, and a folder `monat=11` as a column of that name."""
    zone.drop("Export 1.csv", text("E1;01.11.2026;Lampe;1,00;10,00"))
    zone.drop("Exportx.csv", text("E2;01.11.2026;Lampe;1,00;10,00"))
    zone.drop(name, text(line(1), line(2)))
    results = zone.load(files="**/*.csv")
    assert [(result.status, result.rows_loaded) for result in results] == [("loaded", 1), ("loaded", 1), ("loaded", 2)]
    assert zone.in_inbox() == [] and len(zone.archived()) == 3
    assert results[2].drift == ()


@pytest.mark.parametrize("content", [GOOD.encode(), b"x;y\n"], ids=["loaded", "refused"])
def test_a_name_in_another_encoding_is_spelt_out(zone: LandingZone, content: bytes) -> None:
    """A name written by an old FTP program (Umsätze in Latin-1) stopped the whole source."""
    raw_name = os.fsencode(zone.areas.inbox) + b"/Ums\xe4tze.csv"
    try:
        Path(os.fsdecode(raw_name)).write_bytes(content)
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    os.utime(raw_name, (1, 1))
    result = zone.load_one()
    assert result.file_name == r"Ums\udce4tze.csv"
    assert result.status == ("loaded" if content == GOOD.encode() else "refused")
    assert zone.in_inbox() == []
    assert (zone.archived() or [kept for kept, _ in zone.refused().values()]) == [content]


def test_a_long_name_can_be_refused(zone: LandingZone) -> None:
    """The note beside a file with a long name has a longer one, which no file system takes: the run stopped."""
    zone.drop("a" * 246 + ".csv", b"")
    zone.drop("zz_good.csv", GOOD)
    assert [result.status for result in zone.load()] == ["refused", "loaded"]
    assert zone.in_inbox() == []


# --- the same again ------------------------------------------------------------------------------------------------


def test_the_same_content_under_another_name_is_loaded_once(zone: LandingZone) -> None:
    """An export mailed twice doubled the day."""
    content = text(line(1), line(2))
    zone.drop("a.csv", content)
    zone.drop("Kopie von a.csv", content)
    zone.drop("a.csv.gz", gzip.compress(content.encode()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tief/a.csv", content)
    zone.drop("a.zip", packed.getvalue())
    # Only what they hold is kept, once.
    zone._dropped[2:] = []
    results = zone.load()
    assert [result.status for result in results] == ["loaded", "duplicate", "duplicate", "duplicate"]
    assert results[1].message == "Kopie von a.csv has the same content as a.csv, loaded 2026-11-22."
    assert zone.raw() == [("B1",), ("B2",)]
    assert zone.archived() == [content.encode()] and zone.in_inbox() == []


def test_a_changed_file_under_the_same_name_is_another_file(zone: LandingZone) -> None:
    """The corrected export was skipped because its name was known, or overwrote the first one in the archive."""
    zone.drop("a.csv", text(line(1)))
    zone.load()
    zone.drop("a.csv", text(line(1), line(2)))
    assert zone.load_one().rows_loaded == 2
    assert len(zone.archived()) == 2


def test_two_refused_files_of_one_name_are_both_kept(zone: LandingZone) -> None:
    """The second refused file overwrote the first one and its note."""
    zone.drop("a.csv", b"x;y\n")
    zone.load()
    zone.drop("a.csv", b"x;z\n")
    zone.load()
    assert sorted(zone.refused()) == ["a (2).csv", "a.csv"]
    assert {content for content, _ in zone.refused().values()} == {b"x;y\n", b"x;z\n"}


def test_hidden_and_unfinished_files_are_left_alone(zone: LandingZone) -> None:
    """The lock file of an open spreadsheet, or half an upload, was taken for data."""
    for name in (".a.csv", "~$Artikel.csv", "a.csv.part", "a.csv.TMP", "a.csv.crdownload"):
        zone.drop(name, GOOD)
    assert zone.load() == []
    assert len(zone.in_inbox()) == 5


# --- growing and vanishing -----------------------------------------------------------------------------------------


def test_a_file_that_is_still_written_waits(zone: LandingZone) -> None:
    """Half a file was loaded because the copy over the network was not finished."""
    path = zone.areas.inbox / "slow.csv"
    stop = threading.Event()

    def write() -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write(HEADINGS + "\n")
            number = 0
            while not stop.is_set():
                number += 1
                file.write(line(number) + "\n")
                file.flush()
                time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(0.2)
        zone.drop("zz_good.csv", GOOD)
        waiting = {result.file_name: result for result in zone.load()}
    finally:
        stop.set()
        writer.join()
    assert waiting["zz_good.csv"].status == "loaded"
    assert waiting["slow.csv"].status == "waiting"
    assert waiting["slow.csv"].message == "slow.csv is still being written; the next run reads it."
    assert zone.in_inbox() == ["slow.csv"] and zone.raw() == [("G1",)]
    written = path.read_text("utf-8").count("\n") - 1
    os.utime(path, (time.time() - 60,) * 2)
    assert zone.load_one().rows_loaded == written


@pytest.mark.parametrize("content", [GOOD, "x;y\n"], ids=["that fits", "that would be refused"])
def test_a_file_that_changes_while_it_is_read_waits(
    zone: LandingZone, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    """The ledger had the hash of one content and the rows of another, or half a file was refused for good."""
    from ingestion import landing

    path = zone.drop("a.csv", content)
    examine = landing.examine

    def while_reading(*arguments: object) -> object:
        with path.open("a") as file:
            file.write(line(9) + "\n")
        return examine(*arguments)

    monkeypatch.setattr(landing, "examine", while_reading)
    zone._dropped.clear()
    result = zone.load_one()
    assert (result.status, result.message) == ("waiting", "a.csv changed while it was read; the next run reads it.")
    assert zone.raw() == [] and zone.all("select count(*) from ops.file") == [(0,)] and zone.in_inbox() == ["a.csv"]
    assert zone.refused() == {}


def test_a_file_that_vanishes_before_its_turn_stops_nothing(zone: LandingZone, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that renamed its file while the inbox was looked through stopped the whole source."""
    from ingestion import landing

    taken = zone.drop("a.csv", text(line(1)), age=0.5)
    zone.drop("b.csv", text(line(2)))
    zone._dropped[:1] = []
    monkeypatch.setattr(landing.time, "sleep", lambda seconds: taken.unlink())
    assert {result.file_name: result.status for result in zone.load()} == {"b.csv": "loaded", "a.csv": "waiting"}


# --- zip and gz ----------------------------------------------------------------------------------------------------


def zipped(*members: tuple[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def with_false_size(data: bytes, size: int) -> bytes:
    """A zip with one member whose headers claim another size."""
    changed = bytearray(data)
    changed[22:26] = struct.pack("<I", size)
    directory = data.rindex(b"PK\x01\x02")
    changed[directory + 24 : directory + 28] = struct.pack("<I", size)
    return bytes(changed)


def encrypted(data: bytes) -> bytes:
    """A zip whose headers say that its members are locked."""
    changed = bytearray(data)
    changed[6] |= 1
    directory = data.rindex(b"PK\x01\x02")
    changed[directory + 8] |= 1
    return bytes(changed)


def of_method(data: bytes, method: int) -> bytes:
    changed = bytearray(data)
    changed[8:10] = struct.pack("<H", method)
    directory = data.rindex(b"PK\x01\x02")
    changed[directory + 10 : directory + 12] = struct.pack("<H", method)
    return bytes(changed)


ROWS = text(*(line(n) for n in range(2000)))
ZIP = zipped(("a.csv", ROWS))
GZIP = gzip.compress(ROWS.encode())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param(
            "a.zip",
            zipped(("liesmich.pdf", "x"), ("__MACOSX/._a.csv", "x")),
            ["holds no file", "liesmich.pdf"],
            id="none",
        ),
        pytest.param("a.zip", zipped(), ["holds no file", "it holds nothing"], id="empty zip"),
        pytest.param("a.zip", ZIP[: len(ZIP) // 2], ["damaged zip file"], id="cut zip"),
        pytest.param("a.zip", ZIP[:60] + b"\x00\xff\x00\xff" + ZIP[64:], ["a.csv is damaged"], id="damaged zip"),
        pytest.param("a.zip", with_false_size(ZIP, 100), ["larger than the zip file says"], id="claims less"),
        pytest.param("a.zip", with_false_size(ZIP, 2**32 - 2), ["4.3 GB or more"], id="claims much more"),
        pytest.param("a.zip", encrypted(ZIP), ["locked with a password"], id="encrypted"),
        pytest.param("a.zip", of_method(ZIP, 97), ["cannot be read here", "plain zip"], id="other packing"),
        pytest.param("a.csv.gz", GZIP[: len(GZIP) // 2], ["damaged gzip file"], id="cut gzip"),
        pytest.param("a.csv.gz", GZIP[:40] + b"\xff\x00\xff" + GZIP[43:], ["damaged gzip file"], id="damaged gzip"),
        pytest.param("a.csv.gz", GZIP + b"rubbish", ["damaged gzip file"], id="gzip and rubbish"),
        pytest.param("a.csv.gz", gzip.compress(b""), ["empty (0 bytes)"], id="gzip of nothing"),
        pytest.param("a.csv.gz", gzip.compress(ZIP), ["not a text file"], id="zip in gzip"),
        pytest.param(
            "a.zip", zipped(("ok.csv", ROWS), ("zz.csv", "x;y\n")), ["zz.csv", "headings lack"], id="one bad member"
        ),
    ],
)
def test_packed_files_that_cannot_be_read_are_refused(
    zone: LandingZone, name: str, content: bytes, words: list[str]
) -> None:
    """A damaged archive stopped the run, or half of what it holds was loaded."""
    refused(zone, beside_a_good_file(zone, name, content), content, *words)
    assert zone.raw() == [("G1",)]
    assert list(zone.areas.work.glob("unpacked*")) == []


@pytest.mark.parametrize(
    ("name", "bomb"),
    [
        ("a.zip", lambda: zipped(("a.csv", bytes(40 << 20)))),
        ("a.zip", lambda: zipped(*((f"{n}.csv", text(line(n)) + "\n" * (2 << 20)) for n in range(5)))),
        ("a.csv.gz", lambda: gzip.compress(bytes(40 << 20), 6)),
    ],
    ids=["one large member", "many members", "gzip"],
)
def test_a_bomb_is_put_out_before_it_fills_the_disk(
    zone: LandingZone, monkeypatch: pytest.MonkeyPatch, name: str, bomb: Callable[[], bytes]
) -> None:
    """A few kilobytes unpacked to hundreds of gigabytes."""
    from ingestion import content

    written = 0
    copy = content._copy

    def counting(source: object, out: object, limit: int, shown: str) -> int:
        nonlocal written
        size = copy(source, out, limit, shown)  # type: ignore[arg-type]
        written += size
        return size

    monkeypatch.setattr(content, "_copy", counting)
    monkeypatch.setattr(content, "RATIO_FREE_BYTES", 4 << 20)
    data = bomb()
    assert len(data) < 100_000
    result = beside_a_good_file(zone, name, data)
    refused(zone, result, data, "would unpack to", "no export of this size does")
    assert written <= content._limit(len(data)) < 30 << 20
    assert zone.raw() == [("G1",)]


def test_a_zip_is_loaded_as_what_it_holds_or_not_at_all(zone: LandingZone) -> None:
    """Of a zip with three months, two were loaded and the archive was gone."""
    months = [("10.csv", text(line(1))), ("11.csv", text(line(2), line(3))), ("12.csv", text(line(4)))]
    zone.drop("q4.zip", zipped(*months, ("bild.png", b"\x89PNG")))
    results = zone.load()
    assert [result.file_name for result in results] == [f"q4.zip \u203a {name}" for name, _ in months]
    assert [result.rows_loaded for result in results] == [1, 2, 1]
    assert len(zone.archived()) == 1
    assert zone.all("select count(distinct archive_path), count(*) from ops.file") == [(1, 3)]


def test_a_plain_file_called_gz_is_read_as_what_it_is(zone: LandingZone) -> None:
    """DuckDB goes by the ending and fails on a text that is called .gz."""
    assert beside_a_good_file(zone, "a.csv.gz", text(line(1))).rows_loaded == 1


# --- places --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern", ["../*.csv", "a/../../x.csv", "/etc/passwd", "C:\\x\\*.csv", "\\\\server\\x", "..\\x"]
)
def test_a_pattern_that_leaves_the_inbox_is_no_setting(pattern: str) -> None:
    """A path in the settings let the pipeline move away files of the whole machine."""
    with pytest.raises(ValueError, match="leaves the inbox"):
        Source(name="x", kind="till_lines", files=pattern, role="sales")


@pytest.mark.parametrize("pattern", ["", ".", "**.csv"])
def test_a_pattern_that_is_none_is_no_setting(pattern: str) -> None:
    """An empty pattern stopped the run with Python's own words."""
    with pytest.raises(ValueError, match="no pattern for files"):
        Source(name="x", kind="till_lines", files=pattern, role="sales")


def test_a_link_out_of_the_inbox_is_not_followed(zone: LandingZone) -> None:
    """A link in the inbox had the run load, and move away, a file of somebody else."""
    outside = zone.root / "outside.csv"
    outside.write_text(text(line(1)), encoding="utf-8")
    os.utime(outside, (1, 1))
    (zone.areas.inbox / "link.csv").symlink_to(outside)
    zone.drop("zz_good.csv", GOOD)
    link, good = zone.load()
    assert (link.file_name, link.status, good.status) == ("link.csv", "refused", "loaded")
    assert "leads out of the inbox" in str(link.message)
    assert outside.read_text("utf-8") == text(line(1))
    assert ("B1",) not in zone.raw()
    assert not (zone.areas.inbox / "link.csv").is_symlink()


def test_a_linked_folder_is_not_emptied(zone: LandingZone) -> None:
    """Files behind a linked folder were moved away from where somebody else keeps them."""
    folder = zone.root / "elsewhere"
    folder.mkdir()
    (folder / "a.csv").write_text(text(line(1)), encoding="utf-8")
    (zone.areas.inbox / "erp").symlink_to(folder)
    result = zone.load_one(files="erp/*.csv")
    assert result.status == "refused" and "leads out of the inbox" in str(result.message)
    assert (folder / "a.csv").read_text("utf-8") == text(line(1))


def test_a_link_inside_the_inbox_does_not_cost_the_file(zone: LandingZone) -> None:
    """The link went into the archive, the file it led to counted as a copy of it and was deleted."""
    real = zone.drop("sub/real.csv", text(line(1)))
    (zone.areas.inbox / "link.csv").symlink_to(real)
    results = zone.load(files="**/*.csv")
    assert sorted(result.status for result in results) == ["duplicate", "loaded"]
    assert zone.archived() == [text(line(1)).encode()]
    assert not any(path.is_symlink() for path in zone.areas.archive.rglob("*")) and zone.in_inbox() == []


@contextmanager
def without_roots_rights(folder: Path) -> Iterator[None]:
    """As a user who may not read everything; the folder and what is in it belong to that user from then on."""
    if os.geteuid() != 0:
        yield
        return
    nobody = 65534
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody, nobody)
    os.seteuid(nobody)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_that_may_not_be_read_waits_for_its_permission() -> None:
    """A file without permission stopped the source, or was moved aside as broken."""
    # Not below tmp_path, whose parents are closed to everybody else.
    with TemporaryDirectory() as folder, landing_zone(Path(folder) / "data") as zone:
        path = zone.drop("a.csv", text(line(1)))
        zone.drop("zz_good.csv", GOOD)
        source = Source(name="till", kind="till_lines", files="*", role="sales")
        with without_roots_rights(Path(folder)):
            path.chmod(0)
            # Not by zone.load, which reads every file to see that none is lost; the second time it does.
            results = list(load_source(zone.con, Run(zone.areas, "run", NOW), till_lines(), source, ZONE))
            path.chmod(0o644)
            assert [result.status for result in results] == ["failed", "loaded"]
            assert "Permission denied" in str(results[0].message) and "stays in the inbox" in str(results[0].message)
            assert zone.load_one().status == "loaded"


def test_an_archive_that_takes_nothing_stops_no_other_file(zone: LandingZone) -> None:
    """A full or read-only archive stopped the source after its first file; the next run could not go on either."""
    (zone.areas.archive / "till").write_text("in the way", encoding="utf-8")
    zone.drop("a.csv", text(line(1)))
    zone.drop("b.csv", text(line(2)))
    results = zone.load()
    assert [result.status for result in results] == ["loaded", "failed", "loaded", "failed"]
    assert "cannot be moved to the archive" in str(results[1].message)
    assert zone.in_inbox() == ["a.csv", "b.csv"]
    (zone.areas.archive / "till").unlink()
    assert [result.status for result in zone.load()] == ["duplicate", "duplicate"]
    assert (len(zone.archived()) == 2 and zone.raw() == [("B1",), ("B2",)]) or zone.raw() == [("B2",), ("B1",)]


def test_files_that_no_source_takes_are_named(zone: LandingZone) -> None:
    """A file in the wrong folder lay there for weeks."""
    zone.drop("a.csv", GOOD)
    zone.drop("falsch/b.xlsx", b"x")
    source = Source(name="till", kind="till_lines", files="*.csv", role="sales")
    assert unclaimed_files(zone.areas, [source]) == [zone.areas.inbox / "falsch" / "b.xlsx"]


# --- spreadsheets --------------------------------------------------------------------------------------------------

CUSTOMERS = ("Kundennummer", "Firma", "PLZ", "Ort", "Kunde seit")


def workbook(write: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    write(book)
    book.close()
    return made.getvalue()


def with_merged_titles(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("Kunden")
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    sheet.merge_range("A1:E1", "Kundenstamm Lampenwerk Lindner GmbH")
    sheet.merge_range("A2:E2", "Stand 22.11.2026")
    sheet.write_row("A4", CUSTOMERS)
    sheet.write_row("A5", [10023, "Müller & Söhne", "01067", "Dresden"])
    sheet.write_datetime("E5", date(2019, 2, 28), day)
    sheet.write_row("A7", [10024, "Huber", "80331", "München", "29.02.2019"])
    sheet.write_row("A8", ["A-7", "Rossi", "=1/0", "Wien", ""])


def test_a_spreadsheet_with_merged_titles_is_read_below_them(zone: LandingZone) -> None:
    """The merged title was taken for the headings; 10023 became 10023.0, Dresden lost the zero of its 01067."""
    content = workbook(with_merged_titles)
    zone.drop("Kunden.xlsx", content)
    result = zone.load_one(shipped()["customers"], name="customers")
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (7, 2, 1)
    assert dict(result.skipped) == {"title": 3, "blank": 1}
    rows = zone.raw("customer_number, company_name, postal_code, customer_since_date, _line", "customers")
    assert rows[0] == ("10023", "Müller & Söhne", "01067", date(2019, 2, 28), 5)
    assert rows[1][0] == "A-7" and rows[1][4] == 8
    assert zone.quarantine() == [
        (7, "Kunde seit", 'Kunde seit: "29.02.2019" is no date that exists, written as 31.12.2025 or 2025-12-31')
    ] or zone.quarantine()[0][:2] == (7, "Kunde seit")
    assert zone.archived() == [content]


def old_workbook(rows: list[list[object]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Kunden")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_an_old_spreadsheet_is_read_like_a_new_one(zone: LandingZone) -> None:
    """.xls files, which some programs still write, were not read."""
    rows = [
        ["Stand November"],
        [],
        list(CUSTOMERS),
        [10023.0, "Huber\nSöhne", "01067", "Dresden", ""],
        [],
        [7, "Rossi"],
    ]
    zone.drop("Kunden.xls", old_workbook(rows))
    result = zone.load_one(shipped()["customers"], name="customers")
    assert (result.rows_read, result.rows_loaded, dict(result.skipped)) == (5, 2, {"title": 2, "blank": 1})
    found = zone.raw("customer_number, company_name, postal_code, _line", "customers")
    assert found == [("10023", "Huber\nSöhne", "01067", 4), ("7", "Rossi", None, 6)]


def test_a_packed_spreadsheet_is_read_too(zone: LandingZone) -> None:
    """A workbook in a zip was taken for the zip that every workbook is."""
    zone.drop("Kunden.zip", zipped(("Kunden.xlsx", workbook(with_merged_titles))))
    assert zone.load_one(shipped()["customers"], name="customers").rows_loaded == 2


XLS = old_workbook([list(CUSTOMERS), *([10000.0 + n, "Huber", "01067", "Dresden", ""] for n in range(50))])


def damaged_xls() -> bytes:
    """Its directory leads into nothing, on which calamine stops with an exception that no `except Exception` sees."""
    changed = bytearray(XLS)
    changed[44:48] = struct.pack("<I", 0x10)
    changed[48:52] = struct.pack("<I", 0x7FFFFF)
    return bytes(changed)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("k.xlsx", ";".join(CUSTOMERS).encode(), ["is no Excel workbook"], id="CSV called xlsx"),
        pytest.param(
            "k.xls",
            b"<html><table><tr><td>Firma</td></tr></table></html>",
            ["is no Excel workbook"],
            id="HTML called xls",
        ),
        pytest.param("k.xlsx", b"", ["empty (0 bytes)"], id="empty"),
        pytest.param("k.xlsx", zipped(("a.txt", "x")), ["is no Excel workbook"], id="any zip called xlsx"),
        pytest.param("k.xlsx", workbook(with_merged_titles)[:-400], ["damaged"], id="cut"),
        pytest.param("k.xls", damaged_xls(), ["is no Excel workbook"], id="damaged xls"),
        pytest.param("k.xls", XLS[:2000], ["is no Excel workbook"], id="cut xls"),
        pytest.param("k.xlsx", workbook(lambda book: book.add_worksheet("leer")), ["is empty"], id="empty sheet"),
        pytest.param(
            "k.xlsx", workbook(lambda book: book.add_worksheet().write("A1", "x")), ["headings lack"], id="no headings"
        ),
        pytest.param("k.xlsx", zipped(("xl/worksheets/sheet1.xml", bytes(400 << 20))), ["would unpack to"], id="bomb"),
    ],
)
def test_a_spreadsheet_that_is_none_is_refused(zone: LandingZone, name: str, content: bytes, words: list[str]) -> None:
    """A web page called .xls, as some programs export, stopped the run; so did a damaged workbook."""
    zone.drop(name, content)
    zone.drop("zz_good.xlsx", workbook(with_merged_titles))
    results = zone.load(shipped()["customers"], name="customers")
    assert [result.status for result in results] == ["refused", "loaded"], results[0]
    refused(zone, results[0], content, *words)


def test_a_spreadsheet_that_never_ends_is_given_up(zone: LandingZone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading one damaged .xls file went on for ever, and with it the nightly run."""
    from ingestion.readers import excel

    monkeypatch.setattr(excel, "_OLD_FORMAT_SECONDS", 0.01)
    zone.drop("k.xls", XLS)
    result = zone.load_one(shipped()["customers"], name="customers")
    refused(zone, result, XLS, "did not end in 0.01 s")


@pytest.mark.parametrize(
    ("name", "content"), [("k.xlsx", workbook(with_merged_titles)), ("Stückliste.xls", XLS)], ids=["xlsx", "xls"]
)
def test_a_sheet_that_is_not_there_is_named(zone: LandingZone, name: str, content: bytes) -> None:
    """A renamed sheet gave an error of the library, not the names of the sheets there are."""
    zone.drop(name, content)
    result = zone.load_one(varied(shipped()["customers"], reader={"sheet": "Stamm"}), name="customers")
    refused(zone, result, content, "has no sheet 'Stamm'", "Kunden")


def test_a_spreadsheet_where_text_is_expected_is_named(zone: LandingZone) -> None:
    """Somebody drops the .xlsx where the CSV is expected: the refusal listed the workbook's inner files."""
    content = workbook(with_merged_titles)
    refused(zone, beside_a_good_file(zone, "a.xlsx", content), content, "a workbook or document of an office program")


# --- JSON and logs -------------------------------------------------------------------------------------------------

EVENT = (
    '{"event_date":"20261120","event_timestamp":"1763600000000000","event_name":"view","user_pseudo_id":"u",'
    '"event_params":[]}'
)


@pytest.mark.parametrize(
    ("content", "loaded", "quarantined"),
    [
        pytest.param(f"{EVENT}\n{EVENT[:60]}\n{EVENT}\n", 2, 1, id="cut line"),
        pytest.param(f"{EVENT[:60]}\n{EVENT}\n\n{EVENT}", 2, 1, id="first line cut"),
        pytest.param(f"{EVENT}\r\n{EVENT}\n\r\n{EVENT}\r\n", 3, 0, id="mixed line ends"),
        pytest.param("\ufeff" + EVENT + "\n", 1, 0, id="byte-order mark"),
        pytest.param(f"[{EVENT},\n {EVENT}]", 2, 0, id="list"),
        pytest.param('{"rows": [' + EVENT + "]}", 1, 0, id="object around a list"),
        pytest.param(EVENT.replace(",", ",\n  "), 1, 0, id="over many lines"),
        pytest.param(f"{EVENT}\n" + EVENT.replace("view", "\\ud800") + "\n", 1, 1, id="half a character"),
        pytest.param("[" + EVENT.replace("view", "\\ud800") + f",{EVENT}]", 1, 1, id="half a character in a list"),
        pytest.param(f"{EVENT}\n" + EVENT.replace("1763600000000000", "9" * 18) + "\n", 1, 1, id="time beyond all"),
        pytest.param(
            f"{EVENT}\n" + EVENT.replace("1763600000000000", "9223372036854775807"), 1, 1, id="largest number"
        ),
        pytest.param(f"{EVENT}\n" + '{"a":' * 5000 + "1" + "}" * 5000 + f"\n{EVENT}\n", 2, 1, id="deep"),
        pytest.param('{"a":' * 5000 + "1" + "}" * 5000 + f"\n{EVENT}\n", 1, 1, id="deep first line"),
        pytest.param(f'{EVENT}\n"text"\n7\nnull\n[1]\n{EVENT}\n', 2, 4, id="lines that are no records"),
        pytest.param(EVENT.replace("event_name", "EVENT_NAME") + f"\n{EVENT}\n", 1, 1, id="key in capitals"),
        pytest.param(EVENT + "\n" + EVENT[:-1] + ',"x\\"y\'z":{"$.a[0]":1}}\n', 2, 0, id="hostile key"),
        pytest.param("{}\n", 0, 1, id="empty record"),
        pytest.param(
            '{\n "rows": [\n' + EVENT + ",\n" + EVENT + "\n]\n}", 2, 0, id="a line of a document that looks whole"
        ),
        pytest.param(EVENT + "\n" + EVENT + "\x01\x02\x03\n", 1, 1, id="control characters"),
    ],
)
def test_json_as_it_comes(zone: LandingZone, content: str, loaded: int, quarantined: int) -> None:
    """A cut-off line, a time beyond the calendar, half a character: each stopped the whole file, again every night."""
    zone.drop("a.ndjson", content)
    result = zone.load_one(shipped()["ga4_events"], name="ga4")
    assert (result.status, result.rows_loaded, result.rows_quarantined) == ("loaded", loaded, quarantined), (
        result,
        zone.quarantine(),
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("hello\nworld\n", ["no valid JSON"]),
        ('{"event_name": ', ["no valid JSON"]),
        ('["a", "b"]', ["number 1 of them is none"]),
        ("[" * 100_000, ["no valid JSON"]),
        ('{"other": 1}\n{"other": 2}\n', ["no record has the key", "other"]),
        ("\n\n\n", ["is empty"]),
    ],
)
def test_json_that_is_none_is_refused(zone: LandingZone, content: str, words: list[str]) -> None:
    """A web page of a failed login called .json stopped the run."""
    zone.drop("a.json", content)
    result = zone.load_one(shipped()["ga4_events"], name="ga4")
    refused(zone, result, content.encode(), *words)


def test_a_thousand_unknown_keys_are_kept(zone: LandingZone) -> None:
    """Records with keys of their own made a statement that was never done."""
    zone.drop("a.json", "\n".join(f'{EVENT[:-1]},"key {n}":{n}}}' for n in range(1000)))
    result = zone.load_one(shipped()["ga4_events"], name="ga4")
    assert result.rows_loaded == 1000
    assert zone.all("select sum((_extra->>'key 7')::int), count(_extra->>'key 999') from raw.ga4_events") == [(7, 1)]


LOG = '{ip} - - [20/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "{agent}"'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "mixed"])
def test_a_log_with_every_line_end_and_any_byte(zone: LandingZone, end: str) -> None:
    """Control characters sent by attackers took away the one that parted the lines, and stopped the log."""
    lines = [
        LOG.format(ip="10.0.0.1", agent="a\x01b"),
        LOG.format(ip="10.0.0.2", agent="a\x02b\x03"),
        "\x16\x01\x02\x03\x01 rubbish",
        "",
        LOG.format(ip="2001:db8::1", agent="ä€"),
        'shop.example 10.0.0.4 - frank [20/Nov/2026:10:00:00 +0100] "GET /?q=\\"x\\" HTTP/1.1" 404 -',
    ]
    ends = [end] * 6 if end != "mixed" else ["\n", "\r\n"] * 3
    zone.drop("access.log", "".join(a + b for a, b in zip(lines, ends, strict=True)))
    result = zone.load_one(shipped()["access_log"], name="weblog")
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (6, 4, 1)
    assert dict(result.skipped) == {"blank": 1}
    assert [at for at, _, _ in zone.quarantine()] == [3]
    rows = zone.raw("client_address, host, status, response_bytes, _line", "access_log")
    assert rows == [
        ("10.0.0.1", None, 200, 5, 1),
        ("10.0.0.2", None, 200, 5, 2),
        ("2001:db8::1", None, 200, 5, 5),
        ("10.0.0.4", "shop.example", 404, None, 6),
    ]
