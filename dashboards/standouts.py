"""What stands out, in words, by one rule that the page states.

A measure of the last day stands out when it lies above the highest or below the lowest value of the same weekday in the
eight weeks before, and at least a fifth away from their median. The same for machines, over seven days. An inspected
characteristic stands out when its mart says that the day is out of control.
"""

from __future__ import annotations

from datetime import timedelta
from statistics import median

from dashboards.measures import available, by_name, label, over_time, write
from dashboards.view import View

_WEEKS = 8
_AT_LEAST = 0.2
_DAILY = ("net_revenue", "orders", "returns", "scrap_rate", "web_sessions", "conversion_rate", "ad_cost")


def standouts(view: View) -> list[str]:
    """The sentences, the company's figures first."""
    sentences = [found for name in _DAILY if (found := _of_the_day(view, name))]
    return sentences + _of_machines(view) + _of_inspections(view)


def standouts_of_week(view: View) -> list[str]:
    """The same of the week that ends on the view's day, beside the eight weeks before it."""
    sentences = []
    for name in filter(lambda name: available(view, name), _DAILY):
        frame = over_time(view, [name], "week", view.day - timedelta(weeks=_WEEKS + 1, days=-1), view.day).dropna()
        values = dict(zip(frame["period"].dt.date, frame[name], strict=True))
        value, before = values.pop(view.day - timedelta(days=6), None), list(values.values())
        if value is not None and is_unusual(value, before):
            key = "week_stands_out_high" if value > max(before) else "week_stands_out_low"
            low, high, now = (write(view, name, one) for one in (min(before), max(before), value))
            sentences.append(view.say(key, what=label(view, name), value=now, low=low, high=high))
    return sentences + _of_machines(view)


def is_unusual(value: float, before: list[float]) -> bool:
    """The rule: outside what was before, and not by a little. Fewer than four earlier values say nothing."""
    if len(before) < 4:
        return False
    outside = value > max(before) or value < min(before)
    return outside and abs(value - median(before)) >= _AT_LEAST * abs(median(before))


def _of_the_day(view: View, name: str) -> str | None:
    if not available(view, name):
        return None
    frame = over_time(view, [name], "day", view.day - timedelta(weeks=_WEEKS), view.day).dropna()
    values = {
        day.date(): value
        for day, value in zip(frame["period"], frame[name], strict=True)
        if day.weekday() == view.day.weekday()
    }
    value, before = values.pop(view.day, None), list(values.values())
    if value is None or not is_unusual(value, before):
        return None
    return view.say(
        "stands_out_high" if value > max(before) else "stands_out_low",
        what=label(view, name),
        value=write(view, name, value),
        weekday=view.formats.weekday(view.day),
        low=write(view, name, min(before)),
        high=write(view, name, max(before)),
    )


def _of_machines(view: View) -> list[str]:
    if not available(view, "availability"):
        return []
    weeks = []
    for week in range(_WEEKS + 1):
        last = view.day - timedelta(weeks=week)
        frame = by_name(view, ["availability"], "machine_key", last - timedelta(days=6), last).dropna()
        weeks.append(dict(zip(frame["machine_key"], frame["availability"], strict=True)))
    sentences = []
    for machine, value in sorted(weeks[0].items()):
        before = [week[machine] for week in weeks[1:] if machine in week]
        if is_unusual(value, before) and value < min(before):
            low, high, now = (write(view, "availability", share) for share in (min(before), max(before), value))
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
