"""The weekly report: what the overview tells of a whole ISO week, as a value that report_html and report_pdf write.

The same metrics and the same rule as on the pages. No figure is made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from dashboards.comparing import beside_last_year as figures_beside_last_year
from dashboards.comparing import last_week
from dashboards.data import open_copy
from dashboards.filters import Period
from dashboards.formats import Formats
from dashboards.measures import available, beside_last_year, write
from dashboards.parts import Figure
from dashboards.standouts import standouts_of_week
from dashboards.status import as_of, local, state_of
from dashboards.texts import TEXTS
from dashboards.topics.overview import REVENUE, WEEK, revenue_figures
from dashboards.view import View, last_full_day
from kontor.settings import Settings
from kontor.texts import Say

_WEEKS = 13


@dataclass(frozen=True)
class Bar:
    """A line of a chart: what, how much of the widest (0 to 1), the value as it is read, and that of a year before."""

    label: str
    share: float
    value: str
    before: str


@dataclass(frozen=True)
class Report:
    """All that stands in a weekly report, in one language."""

    company: str
    logo: Path | None
    language: str
    title: str
    subtitle: str
    file_name: str
    warnings: tuple[str, ...]
    headlines: tuple[Figure, ...]
    standouts: tuple[str, ...]
    figures: tuple[Figure, ...]
    charts: tuple[tuple[str, Sequence[Bar]], ...]
    texts: dict[str, str]
    as_of: str


def weekly_report(settings: Settings, now: datetime, until: date | None = None) -> Report | None:
    """The report on the last whole week, or the last one that ended by `until`; None without a whole week of data.

    `now` is UTC without zone. Raises NotPublished.
    """
    copy = open_copy(settings.paths.serve)
    say = Say(settings.company.language, TEXTS)
    published_on = local(copy.published_at, ZoneInfo(settings.company.time_zone)).date()
    newest = last_full_day(copy, published_on)
    last = min(newest, until or newest)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    if not copy.first_days or min(copy.first_days.values()) > sunday - timedelta(days=6):
        return None
    view = View(copy, settings, say, Formats(say.language, settings.company.currency), sunday)
    told = View(copy, settings, say, view.formats, newest)
    year, week, _ = sunday.isocalendar()
    first = sunday - timedelta(days=6)
    return Report(
        company=settings.company.name,
        logo=settings.logo,
        language=say.language,
        title=f"{say('weekly_report')} {view.formats.week(sunday)}",
        subtitle=say("from_until", first=view.formats.date(first), last=view.formats.date(sunday)),
        file_name=say("report_file", year=year, week=week),
        warnings=tuple(text for text, _ in state_of(told, now)),
        headlines=tuple(_headlines(view)),
        standouts=tuple(standouts_of_week(view)),
        figures=tuple(last_week(view, WEEK)),
        charts=tuple(_charts(view)),
        texts={
            key: say(key)
            for key in ("stands_out", "nothing_stands_out", "week_stands_out_rule", "week_figures", "week_figures_note")
        },
        as_of=as_of(told, now),
    )


def utc_now() -> datetime:
    """The current time in UTC, without zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _headlines(view: View) -> list[Figure]:
    if not available(view, REVENUE):
        return []
    week = Period(view.day - timedelta(days=6), view.day)
    (figure,) = figures_beside_last_year(view, [REVENUE], week) or [None]
    if figure is None:
        return []
    compared = tuple((view.say("same_week"), value, change) for _, value, change in figure.compared)
    named = f"{figure.label}, {view.formats.week(view.day)}"
    return [Figure(named, figure.value, compared), *revenue_figures(view)[1:]]


def _charts(view: View) -> list[tuple[str, list[Bar]]]:
    if not available(view, REVENUE):
        return []
    days = beside_last_year(view, REVENUE, "day", view.day - timedelta(days=6), view.day)
    weeks = beside_last_year(view, REVENUE, "week", view.day - timedelta(weeks=_WEEKS, days=-1), view.day)
    charts = [
        ("report_days", _bars(view, days, [view.formats.period(day, "day") for day in days["period"]])),
        ("report_weeks", _bars(view, weeks, [view.formats.week(day) for day in weeks["period"]])),
    ]
    return [(view.say(title), bars) for title, bars in charts if bars]


def _bars(view: View, frame: pd.DataFrame, labels: list[str]) -> list[Bar]:
    widest = frame[REVENUE].max()
    return [
        Bar(label, max(0.0, value / widest) if widest > 0 else 0.0, write(view, REVENUE, value),
            write(view, REVENUE, earlier))
        for label, value, earlier in zip(labels, frame[REVENUE].fillna(0), frame["earlier"], strict=True)
    ]  # fmt: skip
