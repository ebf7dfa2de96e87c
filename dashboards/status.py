"""What every page says of its data: as of when, how old, and at the top whatever is not as it should be."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards.parts import notice
from dashboards.view import View
from serving.failure import read_failure

# A daily run, and two hours for it to be late.
_OLD_HOURS = 26
# Over a long weekend nobody books anything.
_OLD_DAYS = 4


def warn_of_state(view: View, now: datetime) -> None:
    """At the top of a page: that the last run failed, that the copy is old, that its data are. `now` is UTC."""
    for text, urgent in state_of(view, now):
        notice(text, urgent=urgent)


def state_of(view: View, now: datetime) -> list[tuple[str, bool]]:
    """The sentences of `warn_of_state`, and whether each is urgent."""
    say, formats, copy = view.say, view.formats, view.copy
    zone = ZoneInfo(view.settings.company.time_zone)
    published = local(copy.published_at, zone)
    told = []
    failure = read_failure(view.settings.paths.serve)
    # What fails after its own publish (another target, say) left readers nothing old.
    if failure is not None and failure.failed_at > copy.published_at and failure.run_id != copy.run_id:
        told.append(
            (say("run_failed", time=formats.time(local(failure.failed_at, zone)), seen=formats.time(published)), True)
        )
    elif now - copy.published_at > timedelta(hours=_OLD_HOURS):
        told.append((say("copy_old", time=formats.time(published), age=age(view, now - copy.published_at)), True))
    if copy.has("mart_company_daily") and (local(now, zone).date() - view.day).days > _OLD_DAYS:
        told.append((say("data_old", day=formats.date(view.day)), False))
    return told


def as_of(view: View, now: datetime) -> str:
    """`Daten bis Samstag, 21.11.2026 · veröffentlicht 22.11.2026, 06:12 Uhr (vor 3 Stunden)`."""
    zone = ZoneInfo(view.settings.company.time_zone)
    published = view.formats.time(local(view.copy.published_at, zone))
    return view.say(
        "as_of",
        day=f"{view.formats.weekday(view.day)}, {view.formats.date(view.day)}",
        time=published,
        age=age(view, now - view.copy.published_at),
    )


def title(view: View, text: str, now: datetime) -> None:
    """The page's heading with the line as of when its data are."""
    st.html(f'<div class="k-title"><h1>{escape(text)}</h1><p class="k-as-of">{escape(as_of(view, now))}</p></div>')


def age(view: View, passed: timedelta) -> str:
    """`vor 3 Stunden`, in the unit that fits."""
    minutes = max(0, int(passed.total_seconds() // 60))
    if minutes < 120:
        return view.say("ago_minutes", n=minutes)
    return view.say("ago_hours", n=minutes // 60) if minutes < 72 * 60 else view.say("ago_days", n=minutes // 1440)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A time in UTC, given without zone, in the company's zone."""
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
