"""Shifts and closures as they may be written in the settings."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from kontor.settings import SettingsError, load_settings
from kontor.shifts import Closure, Shift, check_shifts, working_time_of

EARLY = Shift(name="Früh", start="06:00", end="14:00", breaks=("10:00-10:30",))
NIGHT = Shift(name="Nacht", start="22:00", end="06:00", weekdays=(7, 1), breaks=("01:00-01:30",))


def test_shifts_that_touch_are_fine_also_over_midnight_and_the_end_of_the_week() -> None:
    """A night shift that ends when the early one begins was taken for an overlap."""
    check_shifts([EARLY, NIGHT, Shift(name="Spät", start="14:00", end="22:00", weekdays=range(1, 8))])
    check_shifts([Shift(name="Rund um die Uhr", start="00:00", end="00:00", weekdays=range(1, 8))])


@pytest.mark.parametrize(
    "other",
    [
        Shift(name="Mitte", start="13:59", end="18:00"),
        Shift(name="Sonntag", start="22:00", end="06:01", weekdays=[7]),
        Shift(name="Nacht", start="22:00", end="21:00", weekdays=[7]),
    ],
)
def test_shifts_that_lie_over_each_other_are_refused(other: Shift) -> None:
    """A minute in two shifts counts twice as planned time."""
    with pytest.raises(ValueError, match="lie over each other"):
        check_shifts([EARLY, other])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"start": "6:00"}, "string_pattern|pattern"),
        ({"weekdays": [0]}, "1 .Monday. to 7"),
        ({"breaks": ["10-11"]}, "10:00-10:30"),
        ({"breaks": ["13:45-14:15"]}, "does not lie in the shift"),
        ({"breaks": ["10:00-10:30", "10:15-10:45"]}, "not after the one before"),
    ],
)
def test_what_cannot_be_a_shift_is_refused_with_a_sentence(wrong: dict[str, object], says: str) -> None:
    """A break outside its shift takes planned time from another one, or from none."""
    with pytest.raises(ValidationError, match=says):
        Shift.model_validate({"name": "Früh", "start": "06:00", "end": "14:00", **wrong})


def test_closures_of_every_year_go_over_new_year_and_know_leap_years() -> None:
    """Works holidays that end in January were taken to end before they begin."""
    works = Closure(name="Betriebsferien", first_day="12-24", last_day="01-06")
    assert works.periods(2025, 2026) == [(date(2025, 12, 24), date(2026, 1, 6)), (date(2026, 12, 24), date(2027, 1, 6))]
    leap = Closure(name="Inventur", first_day="02-29", last_day="02-29")
    assert leap.periods(2027, 2028) == [(date(2027, 2, 28),) * 2, (date(2028, 2, 29),) * 2]
    once = Closure.model_validate({"name": "Umzug", "first_day": date(2026, 5, 4), "last_day": "2026-05-08"})
    assert once.periods(2000, 2040) == [(date(2026, 5, 4), date(2026, 5, 8))]


@pytest.mark.parametrize(
    ("first", "last"), [("24.12.", "06.01."), ("2026-12-24", "01-06"), ("2026-12-24", "2026-01-06")]
)
def test_what_cannot_be_a_closure_is_refused(first: str, last: str) -> None:
    """A closure of no day plans everybody to work on it."""
    with pytest.raises(ValidationError):
        Closure(name="Betriebsferien", first_day=first, last_day=last)


def test_rows_for_the_models() -> None:
    """A shift without its days or its break is planned for nobody, or for too long."""
    rows = working_time_of([NIGHT], [Closure(name="Umzug", first_day="2026-05-04", last_day="2026-05-08")], 2025, 2026)
    assert rows.shifts == [("Nacht", 1, "22:00", "06:00", False), ("Nacht", 7, "22:00", "06:00", False)]
    assert rows.breaks == [("Nacht", "01:00", "01:30")]
    assert rows.closures == [("Umzug", date(2026, 5, 4), date(2026, 5, 8))]


def test_a_mistake_in_a_shift_is_named_with_the_shift(tmp_path: Path) -> None:
    """The owner of five shifts has to look for the one with the mistake."""
    config = tmp_path / "kontor.toml"
    config.write_text(
        '[company]\nname = "A"\n[[shift]]\nname = "Früh"\nstart = "06:00"\nend = "25:00"\n', encoding="utf-8"
    )
    with pytest.raises(SettingsError, match="shift Früh, end"):
        load_settings(config)
    config.write_text('[company]\nname = "A"\n[shift]\nname = "Früh"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"write it as \[\[shift\]\]"):
        load_settings(config)
