"""When a source is late: by the age of its newest row, and by its hour."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ingestion.health import freshness_of
from kontor.expected import expected_of, say_late
from kontor.settings import Settings, load_settings
from kontor.texts import Say

SETTINGS = """
[company]
name = "Muster GmbH"
state = "BY"
language = "en"
[[closure]]
name = "Betriebsferien"
first_day = "12-24"
last_day = "01-06"
[[source]]
name = "erp"
kind = "sales_lines"
files = "erp/*.csv"
role = "sales"
expected_by = "07:00"
[[source]]
name = "plan"
kind = "google_ads"
files = "ads/*.csv"
role = "web"
expected_by = "02:30"
expected_weekdays = [7, 1, 2, 3, 4, 5, 6, 6]
expected_on_holidays = true
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = tmp_path_factory.mktemp("expected") / "kontor.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return load_settings(path)


def utc(local: str) -> datetime:
    """Time in Berlin as UTC without zone."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-24 06:59", "2026-11-20"),  # Tuesday, a minute before the hour: what Monday's hour asked for
        ("2026-11-24 07:00", "2026-11-23"),
        ("2026-11-23 07:00", "2026-11-20"),  # Monday: Friday
        ("2026-11-22 12:00", "2026-11-19"),  # Sunday: what Friday's hour asked for
        ("2026-04-07 07:00", "2026-04-02"),  # the Tuesday after Easter: Thursday
        ("2026-01-07 07:00", "2025-12-23"),  # the first day after the closure
    ],
)
def test_the_day_that_must_be_there(settings: Settings, now: str, day: str) -> None:
    """An alert on every Monday and after every holiday; none on a Tuesday without Monday's file."""
    assert str(expected_of(settings, settings.sources[0], utc(now)).day) == day


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-03-29 01:59", "2026-03-27"),
        ("2026-03-29 03:31", "2026-03-28"),  # 02:30 does not exist in this night
        ("2026-10-25 01:59", "2026-10-23"),
        ("2026-10-25 03:00", "2026-10-24"),  # 02:30 exists twice
        ("2026-12-25 02:30", "2026-12-24"),
    ],
)
def test_every_day_in_the_nights_of_the_clock_change(settings: Settings, now: str, day: str) -> None:
    """A deadline that fails or is skipped where its hour does not exist."""
    assert str(expected_of(settings, settings.sources[1], utc(now)).day) == day


@pytest.mark.parametrize(
    ("newest", "freshness"),
    [
        ("2026-11-22 23:30", "late"),  # Sunday evening in Berlin, when in UTC it is too
        ("2026-11-23 00:10", "on_time"),  # Monday in Berlin, Sunday in UTC
        ("2026-11-24 06:00", "on_time"),
    ],
)
def test_rows_reach_the_day_by_the_companys_clock(settings: Settings, newest: str, freshness: str) -> None:
    """A delivery of yesterday evening taken for one of today, or the other way round."""
    source, now = settings.sources[0], utc("2026-11-24 07:00")
    contract, expected = settings.contract_of(source), expected_of(settings, source, now)
    assert freshness_of(contract, utc(newest), expected, "Europe/Berlin", now) == freshness


def test_rows_with_a_day_only_count_for_that_day(settings: Settings) -> None:
    """A day counts until its end, which is the next day: a file of the day before yesterday would be on time."""
    source, now = settings.sources[1], utc("2026-11-24 07:00")
    contract, expected = settings.contract_of(source), expected_of(settings, source, now)
    found = [
        freshness_of(contract, end_of_day, expected, "Europe/Berlin", now)
        for end_of_day in (datetime(2026, 11, 23), datetime(2026, 11, 24))
    ]
    assert found == ["late", "on_time"]


def test_lateness_is_told_by_the_newest_row(settings: Settings) -> None:
    """An owner who is told that something is late and not how old what he looks at is."""
    erp, ads = settings.sources
    now, say = utc("2026-11-24 07:00"), Say("en")
    assert say_late(settings, erp, utc("2026-11-20 16:05"), now, say) == (
        "erp is late: its newest row is of 2026-11-20 16:05; by 07:00 the data of 2026-11-23 were expected."
    )
    assert say_late(settings, ads, datetime(2026, 11, 22), now, Say("de")) == (
        "plan ist überfällig: neueste Zeile vom 21.11.2026; bis 02:30 Uhr waren die Daten vom 23.11.2026 erwartet."
    )
    assert say_late(settings, erp, None, now, say).startswith("erp is late: nothing has arrived yet; by 07:00")
    old = say_late(settings, erp, utc("2026-11-20 16:05"), utc("2026-11-28 06:00"), say)
    assert "2026-11-26" in old, "the hour is the nearer cause"
