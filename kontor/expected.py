"""How new each source must be at a moment, and the sentence that says it is not.

A source without an hour is late by the age of its newest row alone. One with an hour (`expected_by`) must have
delivered the last expected day once that hour has passed: on Tuesday at 07:00 Monday, on Monday Friday.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from ingestion.health import Expected, knows_no_hours, late_after_hours, misses_its_day, newest_day
from ingestion.source import Source
from kontor.holidays import holidays_of
from kontor.settings import Settings
from kontor.texts import Say

# No business is closed for longer; a source whose days never come is late by its age alone.
_LONGEST_PAUSE_DAYS = 60


def expected_of(settings: Settings, source: Source, now: datetime) -> Expected:
    """How new a source must be at `now` (UTC without zone)."""
    hours = late_after_hours(settings.contract_of(source), source)
    if source.expected_by is None:
        return Expected(hours)
    zone = ZoneInfo(settings.company.time_zone)
    hour = time.fromisoformat(source.expected_by)
    today = now.replace(tzinfo=UTC).astimezone(zone).date()
    past = (today - timedelta(days=back) for back in range(_LONGEST_PAUSE_DAYS))
    days = [day for day in past if _is_expected(settings, source, day)]
    due = [day for day in days if _utc(day, hour, zone) <= now]
    return Expected(hours, due[1] if len(due) > 1 else None)


def _utc(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC).replace(tzinfo=None)


def _is_expected(settings: Settings, source: Source, day: date) -> bool:
    if day.isoweekday() not in source.expected_weekdays:
        return False
    if source.expected_on_holidays:
        return True
    closed = any(
        first <= day <= last for closure in settings.closures for first, last in closure.periods(day.year - 1, day.year)
    )
    return not closed and day not in _holidays(settings.company.country, settings.company.state)


@cache
def _holidays(country: str, state: str | None) -> frozenset[date]:
    return frozenset(day for day, *_ in holidays_of(country, state))


def missed_its_hour(settings: Settings, source: Source, newest: datetime | None, now: datetime) -> bool:
    """Whether a source that delivers by an hour has not."""
    expected = expected_of(settings, source, now)
    return misses_its_day(settings.contract_of(source), newest, expected, settings.company.time_zone)


def say_late(settings: Settings, source: Source, newest: datetime | None, now: datetime, say: Say) -> str:
    """In what a source is late; `newest` is its newest row as `newest_of` tells it."""
    told = say("nothing_yet") if newest is None else say("newest_row", newest=say_newest(settings, source, newest, say))
    expected = expected_of(settings, source, now)
    if missed_its_hour(settings, source, newest, now) and expected.day is not None:
        return say("late_by_hour", source=source.name, told=told, hour=source.expected_by, day=say.day(expected.day))
    return say("late_by_age", source=source.name, told=told, hours=expected.hours)


def say_newest(settings: Settings, source: Source, newest: datetime, say: Say) -> str:
    """The local time of a newest row; only the day where the source knows no hours."""
    contract, zone = settings.contract_of(source), settings.company.time_zone
    local = newest.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    if knows_no_hours(contract) or (local.hour, local.minute) == (0, 0):
        return say.day(newest_day(contract, newest, zone))
    return say.day(local)
