"""The filters: each stands in the URL under its own name, so that a view can be sent as a link.

A filter at its default is left out of the URL. What a page offers, it says itself; no filter is shown for one choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.formats import Grain
from dashboards.view import View

# Two beside each other on a telephone.
_WIDTH = 168

_PERIODS = ("d7", "d30", "d90", "m12", "ytd", "all", "own")


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included, and how finely charts divide them."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def grain(self) -> Grain:
        """As fine as can still be read."""
        return "day" if self.days <= 45 else "week" if self.days <= 400 else "month"

    @property
    def whole(self) -> Period:
        """Its whole weeks or months, for charts: the rest of one would look like a collapse. Itself if it has none."""
        first, last = self.first, self.last
        if self.grain == "week":
            first += timedelta(days=-first.weekday() % 7)
            last -= timedelta(days=(last.weekday() + 1) % 7)
        elif self.grain == "month":
            first = first if first.day == 1 else (first.replace(day=1) + timedelta(days=31)).replace(day=1)
            following = last + timedelta(days=1)
            last = following.replace(day=1) - timedelta(days=1)
        return Period(first, last) if first <= last else self

    @property
    def bounds(self) -> list[date]:
        """For `between ? and ?`."""
        return [self.first, self.last]

    @property
    def year_before(self) -> Period:
        """The same days of the week, 52 weeks earlier."""
        return Period(self.first - timedelta(weeks=52), self.last - timedelta(weeks=52))


def filter_row() -> DeltaGenerator:
    """A row for a page's filters; use it with `with`."""
    return st.container(horizontal=True, key="filters")


def remembered(name: str, default: str | None) -> str | None:
    """What the URL says of a filter, else what was chosen before on another page, else the default."""
    return st.query_params.get(name, st.session_state.get(f"chosen-{name}", default))


def remember(name: str, value: str | None, default: str | None) -> None:
    """Keep a choice for other pages and in the URL. It stands there as its name, which no language changes."""
    st.session_state[f"chosen-{name}"] = value
    if value is None or value == default:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def choose_period(view: View, oldest: date, default: str = "d90") -> Period:
    """Ask for a period among the days from `oldest` on."""
    oldest = min(oldest, view.day)
    given = remembered("period", default)
    chosen = st.selectbox(
        view.say("period"),
        _PERIODS,
        index=_PERIODS.index(given if given in _PERIODS else default),
        format_func=lambda name: view.say(f"period_{name}"),
        key="filter-period",
        width=_WIDTH,
    )
    remember("period", chosen, default)
    if chosen == "own":
        return _own_period(view, oldest)
    return named_period(chosen, view.day, oldest, view.settings.company.fiscal_year_start_month)


def choose(view: View, name: str, options: list[str]) -> str | None:
    """Ask for one of the options; None stands for all of them."""
    if len(options) < 2:
        return None
    given = remembered(name, None)
    chosen = st.selectbox(
        view.say(name),
        options,
        index=options.index(given) if given in options else None,
        placeholder=view.say("all"),
        key=f"filter-{name}",
        width=_WIDTH,
    )
    remember(name, chosen, None)
    return chosen


def named_period(name: str, day: date, oldest: date, fiscal_start: int) -> Period:
    """The days up to `day` that a period's name stands for; never before the oldest day there is."""
    if name.startswith("d"):
        first = day - timedelta(days=int(name[1:]) - 1)
    elif name == "m12":
        # Whole weeks, so that a chart by weeks does not begin with a part of one.
        first = day - timedelta(weeks=52)
        first += timedelta(days=-first.weekday() % 7)
    elif name == "ytd":
        first = fiscal_year_start(day, fiscal_start)
    else:
        first = oldest
    return Period(min(max(first, oldest), day), day)


def whole_note(view: View, period: Period) -> str:
    """That a chart of the period leaves the rest of a week or month out; nothing where it draws days."""
    return "" if period.whole == period else view.say(f"whole_{period.grain}s")


def fiscal_year_start(day: date, month: int) -> date:
    """The first day of the fiscal year in which a day lies; `month` is the one that it begins with."""
    return date(day.year if day.month >= month else day.year - 1, month, 1)


def _own_period(view: View, oldest: date) -> Period:
    chosen = st.date_input(
        view.say("from_to"),
        _days_in_url(oldest, view.day) or (max(oldest, view.day - timedelta(days=27)), view.day),
        min_value=oldest,
        max_value=view.day,
        format="DD.MM.YYYY" if view.formats.language == "de" else "DD/MM/YYYY",
        key="filter-days",
        width=_WIDTH + 75,
    )
    # While the second day is not chosen yet, there is one.
    days = chosen if isinstance(chosen, tuple) else (chosen,)
    period = Period(days[0], days[-1]) if days else Period(oldest, view.day)
    remember("days", f"{period.first}_{period.last}", None)
    return period


def _days_in_url(oldest: date, newest: date) -> tuple[date, date] | None:
    """The two days as `2026-01-01_2026-01-31`, within what there is; None where the URL does not say two days."""
    try:
        first, last = map(date.fromisoformat, (remembered("days", None) or "").split("_"))
    except ValueError:
        return None
    return (max(first, oldest), min(last, newest)) if oldest <= last and first <= min(last, newest) else None
