"""What counts as a number, a day, a time, a yes: each text with its value, or none, which means quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import casting
from ingestion.contract import Column, ReaderOptions, Text

NOTHING = None
GERMAN = ReaderOptions(decimal=",", thousands=".")
PLAIN_GERMAN = ReaderOptions(decimal=",")
SWISS = ReaderOptions(decimal=".", thousands="'")
US = ReaderOptions(decimal=".", thousands=",")
FRENCH = ReaderOptions(decimal=",", thousands=" ")
PLAIN = ReaderOptions()

CON = duckdb.connect()
CON.execute("set TimeZone = 'UTC'")


def column(type_: str, **entries: Any) -> Column:
    return Column(name="value", type=type_, description=Text(en="", de=""), **entries)


def cast(of: Column, texts: Sequence[str | None], options: ReaderOptions, zone: str = "Europe/Berlin") -> list[Any]:
    """The values of texts, as the loader's stages give them; every text without one must be refused in words."""
    first, *later = casting.stages(of, "given", options, zone)
    sql = f"select *, {first} as value from (select unnest($1) as given)"
    for stage in later:
        sql = f"select * replace ({stage} as value) from ({sql})"
    accepted = casting.accepted_sql(of, "given", "value")
    problem = casting.problem_sql(of, "given", "value", options)
    rows = CON.execute(f"select given, value, {accepted}, {problem} from ({sql})", [list(texts)]).fetchall()
    for text, value, is_accepted, says in rows:
        assert bool(is_accepted) == (says is None), (text, value, is_accepted, says)
        if casting.can_fail(of) and text is not None and text.strip() and not of.not_null:
            assert bool(is_accepted) == (value is not None), (text, value, says)
    return [value for _, value, _, _ in rows]


def expect(of: Column, options: ReaderOptions, table: dict[str, Any], zone: str = "Europe/Berlin") -> None:
    found = dict(zip(table, cast(of, list(table), options, zone), strict=True))
    assert found == table


# --- numbers -------------------------------------------------------------------------------------------------------

ALWAYS = {
    "0": Decimal(0),
    "-0": Decimal(0),
    "007": Decimal(7),
    "+5": Decimal(5),
    " 12 ": Decimal(12),
    "12-": Decimal(-12),
    "12 -": Decimal(-12),
    "\u00a012\u00a0": Decimal(12),
    "\u202f12": Decimal(12),
    "99999999999999": Decimal(99999999999999),
    "999999999999999": NOTHING,
    "9" * 60: NOTHING,
    "-": NOTHING,
    "--5": NOTHING,
    "5-5": NOTHING,
    "-5-": NOTHING,
    "12 34": NOTHING,
    "1_000": NOTHING,
    "0x1A": NOTHING,
    "nan": NOTHING,
    "NaN": NOTHING,
    "inf": NOTHING,
    "-Infinity": NOTHING,
    "zwölf": NOTHING,
    "12 EUR": NOTHING,
    "12€": NOTHING,
    "12%": NOTHING,
    "١٢": NOTHING,
    "\u221212": NOTHING,
    "1/2": NOTHING,
    "12:30": NOTHING,
    "": NOTHING,
    "   ": NOTHING,
    "true": NOTHING,
    "'12": NOTHING,
}


@pytest.mark.parametrize(
    ("options", "table"),
    [
        pytest.param(
            GERMAN,
            {
                "1.234,56": Decimal("1234.56"),
                "1234,56": Decimal("1234.56"),
                "-1.234,56": Decimal("-1234.56"),
                "1.234,56-": Decimal("-1234.56"),
                "+1.234,56": Decimal("1234.56"),
                "1.234.567,8": Decimal("1234567.8"),
                "1.250": Decimal(1250),
                ",5": Decimal("0.5"),
                "5,": Decimal(5),
                "12.50": NOTHING,
                "12.5": NOTHING,
                "1.2.3": NOTHING,
                "1.23,4": NOTHING,
                "1,234.56": NOTHING,
                "1,234,567": NOTHING,
                "1.2345": NOTHING,
                ".250": NOTHING,
                "1..250": NOTHING,
                "1.250.": NOTHING,
                "1'234,50": NOTHING,
                "1 234,50": NOTHING,
                "1.234,56 €": NOTHING,
                "1,2E+3": Decimal(1200),
            },
            id="German",
        ),
        pytest.param(
            PLAIN_GERMAN,
            {
                "1234,5": Decimal("1234.5"),
                "1.234,5": NOTHING,
                "1.234": NOTHING,
                "12.50": NOTHING,
                "12,50-": Decimal("-12.5"),
            },
            id="German without thousands marks",
        ),
        pytest.param(
            SWISS,
            {
                "1'234.50": Decimal("1234.5"),
                "1’234.50": Decimal("1234.5"),
                "1'234'567": Decimal(1234567),
                "-1'234.50": Decimal("-1234.5"),
                "1'234.50-": Decimal("-1234.5"),
                "1234.50": Decimal("1234.5"),
                "1'23.50": NOTHING,
                "1.234,50": NOTHING,
                "1,5": NOTHING,
            },
            id="Swiss",
        ),
        pytest.param(
            US,
            {
                "1,234.56": Decimal("1234.56"),
                "1,234,567": Decimal(1234567),
                "-1,234.56": Decimal("-1234.56"),
                "1234.56": Decimal("1234.56"),
                "12,50": NOTHING,
                "1.234,56": NOTHING,
                "1.2.3": NOTHING,
                "1.5e3": Decimal(1500),
            },
            id="US",
        ),
        pytest.param(
            FRENCH,
            {
                "1 234,56": Decimal("1234.56"),
                "1\u00a0234,56": Decimal("1234.56"),
                "1\u202f234\u202f567,8": Decimal("1234567.8"),
                "1 23,4": NOTHING,
                "1.234,56": NOTHING,
            },
            id="French",
        ),
        pytest.param(
            PLAIN, {"12.50": Decimal("12.5"), "12,50": NOTHING, "1,234.50": NOTHING, ".5": Decimal("0.5")}, id="plain"
        ),
    ],
)
@pytest.mark.parametrize("type_", ["decimal", "number"])
def test_numbers(options: ReaderOptions, table: dict[str, Decimal | None], type_: str) -> None:
    """12.50 with a decimal comma declared became 1250; nan and 1_000 became numbers; 12,50- lost its sign."""
    always = {text: value for text, value in ALWAYS.items() if " " not in text.strip() or options.thousands != " "}
    expected: dict[str, Any] = {**always, **table}
    if type_ == "number":
        expected = {text: None if value is None else float(value) for text, value in expected.items()}
        # A double holds more than eighteen digits, though not all of them.
        expected |= {"999999999999999": 999999999999999.0, "9" * 60: 1e60, "1" + "0" * 400: NOTHING}
    expect(column(type_), options, expected)


def test_more_decimals_than_four_are_rounded() -> None:
    """Machines write forty digits; the fifth decides, upwards from five."""
    expect(
        column("decimal"),
        ReaderOptions(),
        {
            ".4999999999999999999999999999999999999997": Decimal("0.5"),
            "0.00005": Decimal("0.0001"),
            "0.00004": Decimal(0),
            "-0.00005": Decimal("-0.0001"),
        },
    )


def test_units_that_are_declared_are_no_part_of_the_number() -> None:
    """Amounts with a currency behind or before them were all put into quarantine, or those without were."""
    expect(
        column("decimal", strip=("€", "EUR", "%")),
        GERMAN,
        {
            "1.234,50 €": Decimal("1234.5"),
            "€ 12,50": Decimal("12.5"),
            "12,50 EUR": Decimal("12.5"),
            "12,50-\u00a0€": Decimal("-12.5"),
            "19 %": Decimal(19),
            "12,50": Decimal("12.5"),
            "12,50 USD": NOTHING,
            "€": NOTHING,
        },
    )


def test_whole_numbers() -> None:
    """12,5 pieces became 12 or 13, and 3,00 none at all."""
    expect(
        column("integer"),
        GERMAN,
        {
            "12": 12,
            "3,00": 3,
            "1.200": 1200,
            "1.200-": -1200,
            "9223372036854775807": 9223372036854775807,
            "9223372036854775808": NOTHING,
            "12,5": NOTHING,
            "12.5": NOTHING,
            "1_0": NOTHING,
            "1e2": 100,
            "": NOTHING,
        },
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.decimals(min_value=-(10**13), max_value=10**13, allow_nan=False, allow_infinity=False, places=4),
        min_size=1,
        max_size=40,
    ),
    st.integers(min_value=0, max_value=3),
    st.booleans(),
)
def test_every_amount_in_german_notation_comes_back_exactly(amounts: list[Decimal], style: int, trailing: bool) -> None:
    """An amount somewhere between zero and ten billion that is read as another one."""
    expect_exactly = [+amount for amount in amounts]
    texts = [_german(amount, marks=bool(style & 1), short=bool(style & 2), trailing=trailing) for amount in amounts]
    assert cast(column("decimal"), texts, GERMAN) == expect_exactly


def _german(amount: Decimal, *, marks: bool, short: bool, trailing: bool) -> str:
    shown = f"{abs(amount):,.4f}" if marks else f"{abs(amount):.4f}"
    if short:
        shown = shown.rstrip("0").rstrip(".")
    shown = shown.translate(str.maketrans(",.", ".,"))
    if amount >= 0:
        return shown
    return f"{shown}-" if trailing else f"-{shown}"


# --- days and times ------------------------------------------------------------------------------------------------


def test_days() -> None:
    """31.02. became the 3rd of March; 01.02.25 a day of the year 25; 02/01 a day that nobody declared."""
    both_years = ReaderOptions(date_formats=("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"))
    expect(
        column("date"),
        both_years,
        {
            "31.12.2025": date(2025, 12, 31),
            "1.2.2025": date(2025, 2, 1),
            " 01.02.2025 ": date(2025, 2, 1),
            "01.02.25": date(2025, 2, 1),
            "31.12.99": date(1999, 12, 31),
            "29.02.2024": date(2024, 2, 29),
            "29.02.24": date(2024, 2, 29),
            "2025-12-31": date(2025, 12, 31),
            "29.02.2025": NOTHING,
            "29.02.25": NOTHING,
            "31.02.2025": NOTHING,
            "00.01.2025": NOTHING,
            "32.01.2025": NOTHING,
            "01.13.2025": NOTHING,
            "12/31/2025": NOTHING,
            "31.12.": NOTHING,
            "31.12.225": NOTHING,
            "31.12.20255": NOTHING,
            "31.12.1899": NOTHING,
            "01.01.1900": date(1900, 1, 1),
            "31.12.2025 14:05": NOTHING,
            "45992": NOTHING,
            "heute": NOTHING,
            "": NOTHING,
        },
    )
    expect(
        column("date"), ReaderOptions(date_formats=("%d.%m.%Y",)), {"01.02.25": NOTHING, "01.02.2025": date(2025, 2, 1)}
    )
    expect(
        column("date"),
        ReaderOptions(date_formats=("%m/%d/%Y",)),
        {"02/01/2018": date(2018, 2, 1), "13/01/2018": NOTHING},
    )
    expect(column("date"), ReaderOptions(date_formats=("%-d.%-m.%Y",)), {"1.2.2025": date(2025, 2, 1)})
    expect(
        column("date"), ReaderOptions(date_formats=("%Y%m%d",)), {"20251231": date(2025, 12, 31), "20250229": NOTHING}
    )


FORMATS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y")


def test_local_times_become_utc_by_the_zone() -> None:
    """Times of a summer and a winter day were an hour apart from what the clock on the wall said."""
    expect(
        column("timestamp"),
        ReaderOptions(timestamp_formats=FORMATS),
        {
            "15.07.2025 14:05": datetime(2025, 7, 15, 12, 5),
            "15.01.2025 14:05:30": datetime(2025, 1, 15, 13, 5, 30),
            "2025-01-15 00:30:00": datetime(2025, 1, 14, 23, 30),
            "15.07.2025": datetime(2025, 7, 14, 22, 0),
            "15.07.1985 12:00": datetime(1985, 7, 15, 10, 0),
            "15.07.2045 12:00": datetime(2045, 7, 15, 10, 0),
            "31.06.2025 12:00": NOTHING,
            "15.07.2025 24:00": NOTHING,
            "15.07.2025 14:60": NOTHING,
            "15.07.2025 14:05 Uhr": NOTHING,
        },
    )


@pytest.mark.parametrize(
    ("zone", "skipped", "before", "after", "twice"),
    [
        ("Europe/Berlin", "30.03.2025 02:30", "30.03.2025 01:59", "30.03.2025 03:00", "26.10.2025 02:30"),
        ("Europe/London", "30.03.2025 01:30", "30.03.2025 00:59", "30.03.2025 02:00", "26.10.2025 01:30"),
        ("America/New_York", "09.03.2025 02:30", "09.03.2025 01:59", "09.03.2025 03:00", "02.11.2025 01:30"),
        ("Australia/Lord_Howe", "05.10.2025 02:15", "05.10.2025 01:59", "05.10.2025 02:30", "06.04.2025 01:45"),
    ],
)
def test_the_nights_when_the_clock_changes(zone: str, skipped: str, before: str, after: str, twice: str) -> None:
    """A time that the clock never showed got a value; one it showed twice got another value each time it was asked."""
    options = ReaderOptions(timestamp_formats=FORMATS)

    def utc(text: str, fold: int) -> datetime:
        local = datetime.strptime(text, "%d.%m.%Y %H:%M").replace(tzinfo=ZoneInfo(zone), fold=fold)
        return local.astimezone(UTC).replace(tzinfo=None)

    expect(
        column("timestamp"),
        options,
        {skipped: NOTHING, before: utc(before, 0), after: utc(after, 0), twice: utc(twice, 1)},
        zone,
    )


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/London", "Atlantic/Azores", "Australia/Lord_Howe"])
def test_every_clock_change_of_a_zone(zone: str) -> None:
    """An hour is lost or doubled at one of the changes of clocks between 1996 and 2036, or far from any."""
    info = ZoneInfo(zone)
    local: set[datetime] = {datetime(1996, 1, 1) + timedelta(hours=797 * n) for n in range(440)}
    moment = datetime(1996, 1, 1, tzinfo=UTC)
    while moment.year < 2037:
        following = moment + timedelta(days=1)
        if moment.astimezone(info).utcoffset() != following.astimezone(info).utcoffset():
            start = moment.astimezone(info).replace(tzinfo=None) - timedelta(hours=2)
            local |= {start + timedelta(minutes=15 * n) for n in range(112)}
        moment = following
    times = sorted(local)
    texts = [f"{time:%d.%m.%Y %H:%M:%S}" for time in times]
    found = cast(column("timestamp"), texts, ReaderOptions(timestamp_formats=FORMATS), zone)
    for time, value in zip(times, found, strict=True):
        # What exists twice counts as standard time, the second of the two.
        instant = time.replace(tzinfo=info, fold=1).astimezone(UTC)
        exists = instant.astimezone(info).replace(tzinfo=None) == time
        assert value == (instant.replace(tzinfo=None) if exists else None), (zone, time)


@pytest.mark.parametrize(
    ("form", "table"),
    [
        (
            "%Y-%m-%d %H:%M:%S %z",
            {
                "2026-04-10 11:11:26 +0530": datetime(2026, 4, 10, 5, 41, 26),
                "2026-10-25 02:30:00 +0200": datetime(2026, 10, 25, 0, 30),
                "2026-10-25 02:30:00 +0100": datetime(2026, 10, 25, 1, 30),
                "2026-03-29 02:30:00 +0100": datetime(2026, 3, 29, 1, 30),
                "2026-04-10 11:11:26": NOTHING,
            },
        ),
        (
            "%Y-%m-%dT%H:%M:%S%z",
            {"2026-04-10T11:11:26+02:00": datetime(2026, 4, 10, 9, 11, 26), "2026-04-10T11:11:26": NOTHING},
        ),
        (
            "%Y-%m-%dT%H:%M:%SZ",
            {"2026-04-10T11:11:26Z": datetime(2026, 4, 10, 11, 11, 26), "2026-04-10T11:11:26": NOTHING},
        ),
        (
            "%Y-%m-%dT%H:%M:%S.%fZ",
            {
                "2022-08-08T13:51:34.7167146Z": datetime(2022, 8, 8, 13, 51, 34, 716714),
                "2022-08-08T13:51:34.7Z": datetime(2022, 8, 8, 13, 51, 34, 700000),
            },
        ),
        (
            "%d/%b/%Y:%H:%M:%S %z",
            {"20/Nov/2026:10:00:00 +0100": datetime(2026, 11, 20, 9), "20/Mai/2026:10:00:00 +0100": NOTHING},
        ),
        (
            "epoch_us",
            {
                "1763600000123456": datetime(2025, 11, 20, 0, 53, 20, 123456),
                "0": datetime(1970, 1, 1),
                "1763600000": datetime(1970, 1, 1, 0, 29, 23, 600000),
                "9223372036854775807": NOTHING,
                "-9223372036854775808": NOTHING,
                "999999999999999999": NOTHING,
                "2026-01-01": NOTHING,
            },
        ),
    ],
)
def test_times_that_say_where_they_are(form: str, table: dict[str, datetime | None]) -> None:
    """An offset in the text, or a Z for UTC, and yet the zone of the company was taken off once more."""
    expect(column("timestamp"), ReaderOptions(timestamp_formats=(form,)), table)


def test_days_as_spreadsheets_count_them() -> None:
    """A log's moment off by hours, because days since 1899-12-30 were taken for UTC, or by its last digit."""
    days = ReaderOptions(timestamp_formats=("excel_days",), decimal=",")
    expect(
        column("timestamp"),
        days,
        {
            "46204,375": datetime(2026, 7, 1, 7),
            "46204.375": datetime(2026, 7, 1, 7),
            # The hour that is skipped in spring.
            "46110,104166666664": NOTHING,
            "0": NOTHING,
            "1,2,3": NOTHING,
            "x": NOTHING,
        },
    )
    millionths = ReaderOptions(timestamp_formats=("excel_days_e6",))
    expect(column("timestamp"), millionths, {"35886460322,81": datetime(1998, 4, 1, 9, 2, 51, 891000)})


def test_months_have_german_names() -> None:
    """A plan by month that goes into quarantine in March, May, October and December."""
    expect(
        column("date"),
        ReaderOptions(date_formats=("%m.%Y", "%B %Y", "%b %y", "%d. %B %Y")),
        {
            "03.2026": date(2026, 3, 1),
            "März 2026": date(2026, 3, 1),
            "mai 2026": date(2026, 5, 1),
            "May 2026": date(2026, 5, 1),
            "Jänner 2026": date(2026, 1, 1),
            "Mrz 26": date(2026, 3, 1),
            "Okt 26": date(2026, 10, 1),
            "Dec 26": date(2026, 12, 1),
            "3. Oktober 2026": date(2026, 10, 3),
            "Maimonat 2026": NOTHING,
            "13.2026": NOTHING,
        },
    )


# --- everything else -----------------------------------------------------------------------------------------------


def test_yes_and_no() -> None:
    """Everything that was not yes became no."""
    yes = dict.fromkeys(["true", "TRUE", "1", "Ja", "j", "wahr", "x", " yes ", "oui", "sì"], True)
    no = dict.fromkeys(["false", "0", "Nein", "n", "FALSCH", "non"], False)
    expect(column("boolean"), PLAIN, {**yes, **no, "vielleicht": NOTHING, "2": NOTHING, "": NOTHING, "-": NOTHING})


def test_texts_lose_blanks_around_them_and_nothing_else() -> None:
    """Names with blanks behind them were other customers; a text of blanks was not missing."""
    expect(
        column("text"),
        PLAIN,
        {
            " Müller  ": "Müller",
            "a b": "a b",
            "": None,
            "   ": None,
            "\u00e4": "\u00e4",
            "-": "-",
            "0": "0",
            "🙂 ": "🙂",
        },
    )


def test_values_are_mapped_whatever_their_case() -> None:
    """`Großhandel` was not found in its own list, because ß and SS are alike to one program and not to the other."""
    mapped = column("text", values={"Großhandel": "wholesale", "i.O.": "pass", "STÖRUNG": "down", "off": "off"})
    expect(
        mapped,
        PLAIN,
        {
            "Großhandel": "wholesale",
            "GROßHANDEL": "wholesale",
            " großhandel ": "wholesale",
            "I.o.": "pass",
            "Störung": "down",
            "OFF": "off",
            "Handel": NOTHING,
            "": NOTHING,
        },
    )
    assert (
        "is not one of: Großhandel"
        in CON.execute(
            f"select {casting.problem_sql(mapped, 'given', 'value', PLAIN)} from (select 'x' as given, null as value)"
        ).fetchall()[0][0]
    )


def test_numbers_that_lost_their_zeros_get_them_back() -> None:
    """Postal code 1067 of a spreadsheet is Dresden's 01067."""
    expect(
        column("text", pad=5), PLAIN, {"1067": "01067", "80331": "80331", "801234": "801234", " 7 ": "00007", "": None}
    )


def test_endings_of_texts() -> None:
    """Customer 12346.0 of an export that went through a spreadsheet program is customer 12346."""
    expect(column("text", strip=(".0",)), PLAIN, {"12346.0": "12346", "12346": "12346", "A.01": "A.01", "1.05": "1.05"})


def test_numbers_inside_json() -> None:
    """A price such as "12,5o" inside a list became no price, and the order cheaper than it was."""
    lists = column("json", numbers=["$[*].price", "$[0].rate"])
    text = {"good": '[{"price": "1.50"}, {"price": -2, "rate": "x"}, {"price": ""}, {}]', "none": "[]", "absent": None}
    bad = {"price": '[{"price": "1"}, {"price": "12,5o"}]', "rate": '[{"rate": "low"}]'}
    con = duckdb.connect()

    def judged(value: str | None) -> tuple[bool, str | None]:
        accepted = casting.accepted_sql(lists, "t", "v")
        problem = casting.problem_sql(lists, "t", "v", PLAIN)
        return con.execute(
            f"select {accepted}, {problem} from (select ?::varchar as t, t::json as v)", [value]
        ).fetchall()[0]

    assert {judged(value) for value in text.values()} == {(True, None)}
    assert [judged(value) for value in bad.values()] == [
        (False, '"12,5o" is not a number with a decimal point'),
        (False, '"low" is not a number with a decimal point'),
    ]


def test_json_values() -> None:
    """A value that is no JSON stopped the file."""
    found = cast(column("json"), ['{"a": [1, null]}', "[]", "7", '"x"', "{broken", "", None], PLAIN)
    assert found == ['{"a": [1, null]}', "[]", "7", '"x"', None, None, None]


def test_a_missing_value_is_wrong_only_where_one_is_needed() -> None:
    """Empty amounts went into quarantine, empty document numbers were loaded."""
    assert cast(column("text", not_null=True, **{"from": "x"}), ["", None, "a"], PLAIN) == [None, None, "a"]
    assert cast(column("decimal"), ["", None, "1"], PLAIN) == [None, None, Decimal(1)]
