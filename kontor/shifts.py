"""When the company works: shifts with their breaks, and days on which it is closed, as the settings name them.

What belongs here: what may be written in `[[shift]]` and `[[closure]]`, and its rows in `ops`. What does not: which
days are holidays (`kontor/holidays.py`), which minutes are planned (`int_production__shift_window`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ingestion.ledger import WorkingTime
from ingestion.source import check_weekdays

CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
DAY = 24 * 60
WEEK = 7 * DAY


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


class Shift(_Section):
    """A shift in local time; one that ends before it begins, or when it begins, ends the next day."""

    name: str = Field(min_length=1)
    start: str = Field(pattern=rf"^{CLOCK}$")
    end: str = Field(pattern=rf"^{CLOCK}$")
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    """The days on which it begins: 1 is Monday, 7 is Sunday."""
    breaks: tuple[str, ...] = ()
    """Such as 10:00-10:30."""
    on_holidays: bool = False

    @field_validator("weekdays")
    @classmethod
    def _are_weekdays(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        return check_weekdays(days)

    @field_validator("breaks")
    @classmethod
    def _are_breaks(cls, breaks: tuple[str, ...]) -> tuple[str, ...]:
        for entry in breaks:
            if not re.fullmatch(rf"{CLOCK}-{CLOCK}", entry):
                raise ValueError(f"write a break as 10:00-10:30, not as {entry!r}")
        return breaks

    @model_validator(mode="after")
    def _breaks_lie_in_it(self) -> Shift:
        length = (_minutes(self.end) - _minutes(self.start)) % DAY or DAY
        last = 0
        for begin, end in self.break_times:
            first = (_minutes(begin) - _minutes(self.start)) % DAY
            until = first + (_minutes(end) - _minutes(begin)) % DAY
            if not last <= first < until <= length:
                raise ValueError(f"the break {begin}-{end} does not lie in the shift, or not after the one before it")
            last = until
        return self

    @property
    def break_times(self) -> list[tuple[str, str]]:
        """Begin and end of each break."""
        return [(entry[:5], entry[6:]) for entry in self.breaks]

    def spans(self) -> Iterator[tuple[int, int]]:
        """Its begin and end on each of its days, in minutes since Monday midnight."""
        for weekday in self.weekdays:
            begin = (weekday - 1) * DAY + _minutes(self.start)
            yield begin, begin + ((_minutes(self.end) - _minutes(self.start)) % DAY or DAY)


class Closure(_Section):
    """Days on which nobody works; both ends belong to it. `12-24` is that day of every year, else `2026-12-24`."""

    name: str = Field(min_length=1)
    first_day: str
    last_day: str

    @field_validator("first_day", "last_day", mode="before")
    @classmethod
    def _is_day(cls, day: object) -> str:
        # Without quotation marks a day is a date to TOML.
        text = day.isoformat() if isinstance(day, date) else day
        try:
            date.fromisoformat(text if len(str(text)) == 10 else f"2000-{text}")
        except (TypeError, ValueError):
            raise ValueError(
                f"{day!r} is no day; write 2026-12-24, or 12-24 for that day of every year, in quotation marks"
            ) from None
        return str(text)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Closure:
        if len(self.first_day) != len(self.last_day):
            raise ValueError("write both days with the year or both without it")
        if len(self.first_day) == 10 and self.last_day < self.first_day:
            raise ValueError(f"it ends on {self.last_day}, before it begins on {self.first_day}")
        return self

    def periods(self, first_year: int, last_year: int) -> list[tuple[date, date]]:
        """First and last day; those of every year once for each year from the first to the last."""
        if len(self.first_day) == 10:
            return [(date.fromisoformat(self.first_day), date.fromisoformat(self.last_day))]
        over_new_year = self.last_day < self.first_day
        return [
            (_day(f"{year}-{self.first_day}"), _day(f"{year + over_new_year}-{self.last_day}"))
            for year in range(first_year, last_year + 1)
        ]


def _day(text: str) -> date:
    """The day; 29 February is the 28th in a year without it."""
    year, month, day = map(int, text.split("-"))
    return date(year, month, min(day, monthrange(year, month)[1]))


def check_shifts(shifts: Iterable[Shift]) -> None:
    """Raises ValueError, a sentence, when two shifts have one name or lie over each other."""
    shifts = list(shifts)
    for number, shift in enumerate(shifts):
        for other in shifts[:number]:
            if other.name == shift.name:
                raise ValueError(f"two shifts are called {shift.name!r}; each needs a name of its own")
    taken = sorted((begin, end, shift.name) for shift in shifts for begin, end in shift.spans())
    # The first of the week once more, since the last may reach into it.
    taken += [(begin + WEEK, end + WEEK, name) for begin, end, name in taken[:1]]
    for (_, end, name), (begin, _, other) in pairwise(taken):
        if begin < end:
            raise ValueError(
                f"the shifts {name!r} and {other!r} lie over each other; let one end when the other begins"
            )


def working_time_of(
    shifts: Iterable[Shift], closures: Iterable[Closure], first_year: int, last_year: int
) -> WorkingTime:
    """What the models read of them; closures of every year stand there for each year from the first to the last."""
    shifts = list(shifts)
    return WorkingTime(
        [
            (shift.name, weekday, shift.start, shift.end, shift.on_holidays)
            for shift in shifts
            for weekday in shift.weekdays
        ],
        [(shift.name, *times) for shift in shifts for times in shift.break_times],
        [(closure.name, *period) for closure in closures for period in closure.periods(first_year, last_year)],
    )
