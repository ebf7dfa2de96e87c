"""The company's calendar: months, holidays, working days, seasons, and local time against UTC.

What belongs here: facts about days. What does not: what happens on them.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
import numpy as np

ZONE = ZoneInfo("Europe/Berlin")
ONE_DAY = timedelta(days=1)

# Numbers of orders and invoices are counted from here on, so that they do not depend on the first day written.
SHOP_OPENED = date(2019, 1, 1)

# Lamps are bought when it is dark: the share of a month against the year's average, January to December.
SEASON = (0.94, 0.88, 0.94, 0.84, 0.78, 0.73, 0.73, 0.84, 0.99, 1.30, 1.56, 1.47)
PEAK_MONTHS = (10, 11, 12)
# Web orders by weekday, Monday to Sunday: people look for lamps on their sofas.
WEB_WEEKDAY = (1.10, 0.95, 0.92, 0.95, 0.85, 0.93, 1.30)

_HOLIDAYS = holidays.country_holidays("DE", subdiv="BY")


@cache
def is_working_day(day: date) -> bool:
    """Whether the office works: no weekend, no public holiday of Bavaria."""
    return day.weekday() < 5 and day not in _HOLIDAYS


def is_production_day(day: date) -> bool:
    """Whether the workshop works: a working day outside the works holidays (24 December to 6 January)."""
    return is_working_day(day) and not ((day.month == 12 and day.day >= 24) or (day.month == 1 and day.day <= 6))


def season(day: date) -> float:
    return SEASON[day.month - 1]


def growth(day: date) -> float:
    """The shop grows by 6 % a year; the year 2026 is 1."""
    return 1.06 ** ((day - date(2026, 7, 1)).days / 365.25)


def days_between(first: date, last: date) -> Iterator[date]:
    """All days from `first` to `last`, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY


def listing_days(first: date, last: date) -> list[date]:
    """The last days of quarters, and of the October in which most changes, from `first` on and before `last`."""
    ends = [month_end(begin) for begin, _ in months_between(first, last)]
    return [end for end in ends if end.month in (3, 6, 9, 10, 12) and end < last]


def months_between(first: date, last: date) -> Iterator[tuple[date, date]]:
    """First and last day of every month from `first` to `last`, the last one cut at `last`."""
    start = first
    while start <= last:
        yield start, min(month_end(start), last)
        start = month_end(start) + ONE_DAY


def production_day_after(day: date, count: int) -> date:
    """The `count`-th production day after `day`."""
    while count:
        day += ONE_DAY
        count -= is_production_day(day)
    return day


def production_day_before(day: date, count: int) -> date:
    """The `count`-th production day before `day`."""
    while count:
        day -= ONE_DAY
        count -= is_production_day(day)
    return day


@cache
def _day_in_utc(day: date) -> tuple[int, int, int]:
    """Seconds since 1970 of midnight if local time were UTC; offset from UTC as the day begins and ends, in seconds."""
    begin = datetime.combine(day, time(), ZONE).utcoffset()
    end = datetime.combine(day + ONE_DAY, time(), ZONE).utcoffset()
    assert begin is not None and end is not None
    return int(datetime.combine(day, time(), UTC).timestamp()), int(begin.total_seconds()), int(end.total_seconds())


def to_epoch(day: date, wall_seconds: np.ndarray) -> np.ndarray:
    """Seconds since 1970 (UTC) of local clock times given as seconds since midnight.

    Clocks change at 3 o'clock local time (spring: 2 becomes 3; autumn: 3 becomes 2). A time that occurs twice is
    taken the first time; a time that does not occur comes out an hour later.
    """
    midnight, begin, end = _day_in_utc(day)
    return midnight + wall_seconds - np.where(wall_seconds < 3 * 3600, begin, end)


# "00:00" to "23:59": exports print hundreds of thousands of times of day, and looking one up is ten times as fast.
HOUR_MINUTE = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440))
TWO_DIGITS = tuple(f"{number:02d}" for number in range(60))


def local_time(day: date, epoch: int) -> tuple[str, str]:
    """Local clock time `11:11:26` of an instant on `day`, and the offset from UTC as exports print it, `+0200`."""
    midnight, begin, end = _day_in_utc(day)
    # The clocks change at 01:00 UTC.
    offset = begin if epoch < midnight + 3600 else end
    second = epoch + offset - midnight
    return f"{HOUR_MINUTE[second // 60]}:{TWO_DIGITS[second % 60]}", f"+{HOUR_MINUTE[offset // 60].replace(':', '')}"
