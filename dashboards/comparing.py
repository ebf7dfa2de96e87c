"""Metrics as figures: a value, and beside it the same metric of another time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from dashboards.filters import Period
from dashboards.measures import Where, label, totals, totals_before, write
from dashboards.parts import Figure
from dashboards.view import View


def beside(view: View, names: Sequence[str], period: Period, before: Period | None, called: str,
           where: Where | None = None) -> list[Figure]:  # fmt: skip
    """A figure for each metric that has data in the period, beside the one of the period `before` if there is one."""
    now = totals(view, names, period.first, period.last, where)
    earlier = totals_before(view, names, before.first, before.last, where) if before else dict.fromkeys(now)
    shown = []
    for name, value in now.items():
        if value is None:
            continue
        change = None if view.copy.metrics[name].unit == "share" else view.formats.change(value, earlier[name])
        shown.append(Figure(label(view, name), write(view, name, value),
                            ((called, write(view, name, earlier[name]), change),)))  # fmt: skip
    return shown


def beside_last_year(view: View, names: Sequence[str], period: Period, where: Where | None = None) -> list[Figure]:
    """Beside the same days of the week a year before."""
    return beside(view, names, period, period.year_before, view.say("previous_year"), where)


def last_week(view: View, names: Sequence[str]) -> list[Figure]:
    """The last seven days beside the seven before them."""
    week = Period(view.day - timedelta(days=6), view.day)
    return beside(view, names, week, Period(week.first - timedelta(days=7), week.first - timedelta(days=1)),
                  view.say("week_before"))  # fmt: skip


def year_before(day: date) -> date:
    """The same day of the year before; for a 29th of February the 28th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
