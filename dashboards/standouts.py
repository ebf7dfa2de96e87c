"""What stands out, in words, by one rule that the page states.

A measure of the last day stands out when it lies above the highest or below the lowest value of the same weekday in the
eight weeks before, and at least a fifth away from their median. The same for machines, over seven days. An inspected
characteristic stands out when its mart says that the day is out of control.
"""

from __future__ import annotations

from datetime import timedelta
from statistics import median

from dashboards.measures import MEASURES, available
from dashboards.view import View

_WEEKS = 8
_AT_LEAST = 0.2
_DAILY = ("revenue", "orders", "refunds", "scrap_rate", "sessions", "conversion", "ad_cost")


def standouts(view: View) -> list[str]:
    """The sentences, the company's figures first."""
    sentences = [found for name in _DAILY if (found := _of_the_day(view, name))]
    return sentences + _of_machines(view) + _of_inspections(view)


def is_unusual(value: float, before: list[float]) -> bool:
    """The rule: outside what was before, and not by a little. Fewer than four earlier values say nothing."""
    if len(before) < 4:
        return False
    outside = value > max(before) or value < min(before)
    return outside and abs(value - median(before)) >= _AT_LEAST * abs(median(before))


def _of_the_day(view: View, name: str) -> str | None:
    if not available(view, name):
        return None
    measure = MEASURES[name]
    days = [view.day - timedelta(weeks=week) for week in range(_WEEKS + 1)]
    frame = view.copy.ask(
        f"select {measure.day} as day, {measure.sql} as value from marts.{measure.mart} "
        f"where {measure.day} in ({', '.join('?' * len(days))}) "
        "group by all having value is not null order by day desc",
        days,
    )
    values = {day.date(): value for day, value in zip(frame["day"], frame["value"], strict=True)}
    value, before = values.pop(view.day, None), list(values.values())
    if value is None or not is_unusual(value, before):
        return None
    return view.say(
        "stands_out_high" if value > max(before) else "stands_out_low",
        what=view.say(name),
        value=measure.write(view.formats, value),
        weekday=view.formats.weekday(view.day),
        low=measure.write(view.formats, min(before)),
        high=measure.write(view.formats, max(before)),
    )


def _of_machines(view: View) -> list[str]:
    if not available(view, "availability"):
        return []
    measure = MEASURES["availability"]
    frame = view.copy.ask(
        f"select machine_key, date_diff('day', {measure.day}, ?) // 7 as weeks_ago, {measure.sql} as value "
        f"from marts.{measure.mart} where {measure.day} > ? and {measure.day} <= ? "
        "group by all having value is not null order by all",
        [view.day, view.day - timedelta(weeks=_WEEKS + 1), view.day],
    )
    sentences = []
    for machine, weeks in frame.groupby("machine_key"):
        values = dict(zip(weeks["weeks_ago"], weeks["value"], strict=True))
        value, before = values.pop(0, None), list(values.values())
        if value is not None and is_unusual(value, before) and value < median(before):
            low, high = (view.formats.percent(limit, 0) for limit in (min(before), max(before)))
            now = view.formats.percent(value, 0)
            sentences.append(view.say("machine_stands_out", machine=machine, value=now, low=low, high=high))
    return sentences


def _of_inspections(view: View) -> list[str]:
    if not view.copy.has("mart_quality_daily"):
        return []
    frame = view.copy.ask(
        "select characteristic, failed, inspected, upper_limit_pct from marts.mart_quality_daily "
        "where quality_date = ? and is_out_of_control and failure_rate_pct > upper_limit_pct order by failed desc",
        [view.day],
    )
    return [
        view.say(
            "inspection_stands_out",
            what=row.characteristic,
            failed=view.formats.number(row.failed),
            inspected=view.formats.number(row.inspected),
            limit=view.formats.percent(row.upper_limit_pct),
        )
        for row in frame.itertuples()
    ]
