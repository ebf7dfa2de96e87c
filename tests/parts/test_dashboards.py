"""What pages and report share: how figures are written, texts, files for spreadsheets, filters, what stands out."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest

from dashboards.comparing import year_before
from dashboards.downloads import csv_file, excel_file
from dashboards.filters import Period, named_period
from dashboards.formats import Formats
from dashboards.standouts import is_unusual
from dashboards.texts import TEXTS

GERMAN, ENGLISH = Formats("de", "EUR"), Formats("en", "EUR")
PAGES = Path(__file__).parents[2] / "dashboards"


def plain(text: str) -> str:
    """Without the spaces that keep a figure and its unit together."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_money_is_written_as_people_there_write_it() -> None:
    """`1,234.56` in a German report is one and a quarter."""
    amount = Decimal("1234.56")
    assert plain(GERMAN.money(amount, 2)) == "1.234,56 €" and ENGLISH.money(amount, 2) == "€1,234.56"


def test_other_figures_and_days_follow_the_language() -> None:
    """A point for a comma, a month before its day, a week of the wrong year."""
    day = date(2027, 1, 1)
    assert plain(GERMAN.percent(12.34)) == "12,3 %" and ENGLISH.percent(12.34) == "12.3%"
    assert GERMAN.date(day) == "01.01.2027" and ENGLISH.date(day) == "1 Jan 2027"
    assert plain(GERMAN.week(day)) == "KW 53/2026" and GERMAN.month(day) == "Januar 2027"
    assert GERMAN.number(-1234) == "\N{MINUS SIGN}1.234" and GERMAN.number(-0.4) == "0"
    assert plain(ENGLISH.money(-5)) == "\N{MINUS SIGN}€5"
    assert GERMAN.money(None) == GERMAN.number(float("nan")) == GERMAN.date(pd.NaT) == "–"


def test_a_change_against_nothing_is_not_told() -> None:
    """`+∞ %`, or a growth beside a year that had none."""
    assert plain(GERMAN.change(112, 100) or "") == "+12 %"
    assert plain(GERMAN.change(99.9, 100) or "") == "0 %"
    assert GERMAN.change(5, 0) is None and GERMAN.change(None, 5) is None and GERMAN.change(5, None) is None


def test_every_text_exists_in_both_languages() -> None:
    """A page that ends with KeyError in the language that its author does not read."""
    for key, texts in TEXTS.items():
        assert set(texts) == {"de", "en"} and all(texts.values()), key
        assert set(re.findall(r"{\w+", texts["de"])) == set(re.findall(r"{\w+", texts["en"])), key


def test_every_text_that_pages_ask_for_exists() -> None:
    """A key that was renamed in the texts and not in a page that is seldom opened."""
    code = "".join(file.read_text(encoding="utf-8") for file in PAGES.rglob("*.py"))
    asked = set(re.findall(r'say\(\s*"(\w+)"', code)) | set(re.findall(r'Column\("\w+", "(\w+)"', code))
    metrics = {"oee", "availability", "performance", "quality_rate", "good_pieces", "scrap_rate"}
    assert len(asked) > 100 and asked - TEXTS.keys() <= metrics


FORMULAS = ["=1+1", "+49 89 1", "-2", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text: str) -> None:
    """An article called `=HYPERLINK(...)` that runs on the machine of whoever opens the file."""
    line = csv_file(["Name"], [(text,)], "de").decode("utf-8-sig").partition("\r\n")[2]
    assert line.strip('"').startswith("'")
    workbook = excel_file(["Name"], ["name"], ["VARCHAR"], [(text,)], "x", "de")
    with ZipFile(BytesIO(workbook)) as parts:
        cells = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in cells and '<c r="A2" s="2" t="inlineStr">' in cells, "a text, as it was"


def test_a_csv_holds_numbers_as_a_german_spreadsheet_reads_them() -> None:
    """Amounts as texts, or negative amounts taken for formulas."""
    rows = [(date(2025, 12, 31), Decimal("-1234.5600"), 0.1 + 0.2, None, True, 7)]
    german = csv_file(["a", "b", "c", "d", "e", "f"], rows, "de").decode("utf-8-sig").splitlines()[1]
    english = csv_file(["a", "b", "c", "d", "e", "f"], rows, "en").decode("utf-8-sig").splitlines()[1]
    assert german == "31.12.2025;-1234,56;0,3;;ja;7"
    assert english == "2025-12-31,-1234.56,0.3,,yes,7"


def test_a_period_ends_with_the_last_full_day_and_begins_with_the_data() -> None:
    """A first day before there were any data, which a year-on-year comparison takes for a bad start."""
    day = date(2026, 11, 21)
    assert named_period("d30", day, date(2020, 1, 1), 1) == Period(date(2026, 10, 23), day)
    assert named_period("ytd", day, date(2020, 1, 1), 7) == Period(date(2026, 7, 1), day)
    assert named_period("ytd", day, date(2020, 1, 1), 12) == Period(date(2025, 12, 1), day)
    assert named_period("m12", day, date(2020, 1, 1), 1).first.weekday() == 0
    assert named_period("d90", day, date(2026, 11, 1), 1).first == date(2026, 11, 1)
    assert named_period("all", day, date(2026, 12, 1), 1) == Period(day, day)


def test_charts_leave_out_the_rest_of_a_week_or_month() -> None:
    """One Monday that looks like the collapse of a week."""
    weeks = Period(date(2026, 8, 27), date(2026, 11, 23))
    assert weeks.whole == Period(date(2026, 8, 31), date(2026, 11, 22))
    months = Period(date(2024, 1, 15), date(2026, 12, 30))
    assert months.whole == Period(date(2024, 2, 1), date(2026, 11, 30))
    whole = Period(date(2025, 1, 1), date(2026, 12, 31))
    assert whole.whole == whole
    days = Period(date(2026, 11, 18), date(2026, 11, 21))
    assert days.whole == days


def test_the_year_before_of_a_leap_day_exists() -> None:
    """The overview fails on one day in four years."""
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)
    assert year_before(date(2026, 2, 28)) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("value", "before", "unusual"),
    [
        (130, [100, 90, 105, 110], True),
        (115, [100, 90, 105, 110], False),  # the most, but by little
        (60, [100, 90, 105, 110], True),
        (130, [100, 90, 105, 140], False),  # far from the middle, but seen before
        (130, [100, 90, 105], False),  # too few to say anything
        (-10, [0, 0, 0, 0], True),
    ],
)
def test_what_stands_out_follows_the_rule_that_the_page_states(value: float, before: list[float], unusual: bool):
    """A list of ordinary figures every morning, which nobody reads after a week."""
    assert is_unusual(value, before) is unusual
