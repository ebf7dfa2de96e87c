"""The charts, in a few forms that every page uses: a course over time, stacked bars, bars by name, pairs, a grid.

Colours come from the theme (.streamlit/config.toml), numbers and days from formats.py, names and units of metrics from
the catalogue. A chart has no title of its own: the section above it says what it shows.

A form is a chart without its data. Altair makes and checks each one once, and it is kept: made anew at every look, the
three charts of a page took Altair three times as long as everything else took (Altair 6.3).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.formats import Formats, Grain
from dashboards.measures import chart_format, label
from dashboards.view import View

MONEY, NUMBER, DECIMAL, SHARE = "$,.0f", ",.0f", ",.1f", ".0%"

_HEIGHT = 260
_MANY_POINTS = 45
# Readable on white and on dark, and never mistaken for one of the palette's colours.
_QUIET = "#8A939C"
_MOST_TICKS = 12
# What a form calls the rows that it is drawn with.
_DATA = alt.NamedData("rows")
# For each language, metric and newest day there are a few forms; those of last week make room.
_kept = lru_cache(maxsize=1000)


def course(
    view: View,
    frame: pd.DataFrame,
    grain: Grain,
    value: str,
    *,
    earlier: str | None = None,
    colour: str | None = None,
    order: tuple[str, ...] = (),
    format: str | None = None,
) -> None:
    """A metric over time (column `period`); `earlier` is a column drawn quietly behind it.

    With `colour`, one line for each value of that column, in the order given.
    """
    if earlier is not None and not frame[earlier].notna().any():
        earlier = None
    days = sorted(set(frame["period"]))
    form = _course(
        view.formats,
        grain,
        (value, label(view, value)),
        (earlier, view.say("previous_year")) if earlier else None,
        colour,
        order,
        format or chart_format(view, value),
        view.say(grain),
        _ticks(days),
        len(days) <= _MANY_POINTS,
    )
    _draw(_with_names_of_periods(view, frame, grain), form)


def stacked(view: View, frame: pd.DataFrame, grain: Grain, value: str, colour: str) -> None:
    """Parts of a whole over time (column `period`), as stacked bars."""
    form = _bars_over_time(
        view.formats, grain, (value, label(view, value)), colour, None, chart_format(view, value), view.say(grain)
    )
    _draw(_with_names_of_periods(view, frame, grain), form)


def pairs(
    view: View, frame: pd.DataFrame, value: str, colour: str, order: tuple[str, ...], *, format: str = MONEY
) -> None:
    """Two things beside each other in the order given, month by month (column `period`)."""
    form = _bars_over_time(view.formats, "month", (value, view.say("value")), colour, order, format, view.say("month"))
    _draw(_with_names_of_periods(view, frame, "month"), form)


def bars(view: View, frame: pd.DataFrame, name: str, value: str, *, format: str | None = None, limit: int = 12) -> None:
    """A measure by name in the frame's order, the value beside its bar."""
    form = format or (chart_format(view, value) if value in view.copy.metrics else NUMBER)
    data = frame.head(limit)
    # Beside the bar's end, or for a negative one beside the line that it begins at.
    data = data.assign(label_at=data[value].clip(lower=0))
    _draw(data, _bars(view.formats, name, value, form, view.say("value"), len(data)))


def grid(view: View, frame: pd.DataFrame, row: str, column: str, value: str, *, format: str = NUMBER) -> None:
    """A measure in a grid of named rows and columns, in the order they come; the stronger the colour, the more."""
    titles = (view.say("months_later"), view.say("value"))
    _draw(frame, _grid(view.formats, row, column, value, format, titles, frame[row].nunique()))


@_kept
def _course(
    formats: Formats,
    grain: Grain,
    value: tuple[str, str],
    earlier: tuple[str, str] | None,
    colour: str | None,
    order: tuple[str, ...],
    format: str,
    when: str,
    ticks: tuple[date, ...],
    points: bool,
) -> dict[str, Any]:
    """`value` and `earlier` are a column and what it is called."""
    days = [alt.DateTime(year=day.year, month=day.month, date=day.day) for day in ticks]
    axis = alt.Axis(format=formats.axis(grain), labelOverlap=True, grid=False, values=days)
    x = alt.X("period:T", title=None, axis=axis)
    y = alt.Y(f"{value[0]}:Q", title=None, axis=_measured(format))
    tips = [alt.Tooltip("when:N", title=when), alt.Tooltip(f"{value[0]}:Q", title=value[1], format=format)]
    layers = []
    if earlier is not None:
        tips.append(alt.Tooltip(f"{earlier[0]}:Q", title=earlier[1], format=format))
        line = alt.Chart(_DATA).mark_line(color=_QUIET, strokeWidth=1.5, strokeDash=[4, 3])
        layers.append(line.encode(x=x, y=alt.Y(f"{earlier[0]}:Q", title=None), tooltip=tips))
    point = {"point": {"filled": True, "size": 25}} if points else {}
    shown = alt.Chart(_DATA).mark_line(strokeWidth=2.2, **point).encode(x=x, y=y, tooltip=tips)
    if colour is not None:
        named = alt.Color(f"{colour}:N", title="", sort=list(order))
        shown = shown.encode(color=named, tooltip=[alt.Tooltip(f"{colour}:N", title=" "), *tips])
    return _form(alt.layer(*layers, shown), formats, _HEIGHT)


@_kept
def _bars_over_time(
    formats: Formats,
    grain: Grain,
    value: tuple[str, str],
    colour: str,
    beside: tuple[str, ...] | None,
    format: str,
    when: str,
) -> dict[str, Any]:
    """Bars upon each other, or `beside` each other in the order given."""
    unit = "yearmonth" if grain == "month" else "yearmonthdate"
    axis = alt.Axis(format=formats.axis(grain), formatType="time", labelOverlap=True, labelAngle=0, ticks=False)
    order = "ascending" if beside is None else list(beside)
    chart = (
        alt.Chart(_DATA)
        .mark_bar()
        .encode(
            x=alt.X(f"{unit}(period):O", title=None, axis=axis),
            y=alt.Y(f"sum({value[0]}):Q", title=None, axis=_measured(format)),
            color=alt.Color(f"{colour}:N", title="", sort=order),
            tooltip=[
                alt.Tooltip("when:N", title=when),
                alt.Tooltip(f"{colour}:N", title=" "),
                alt.Tooltip(f"{value[0]}:Q", title=value[1], format=format),
            ],
        )
    )
    if beside is not None:
        chart = chart.encode(xOffset=alt.XOffset(f"{colour}:N", sort=order))
    return _form(chart, formats, _HEIGHT)


@_kept
def _bars(formats: Formats, name: str, value: str, format: str, called: str, count: int) -> dict[str, Any]:
    y = alt.Y(f"{name}:N", sort=None, title=None, axis=alt.Axis(labelLimit=240, domain=False, ticks=False))
    x = alt.X(f"{value}:Q", title=None, axis=None, scale=alt.Scale(nice=False, padding=0))
    tips = [alt.Tooltip(f"{name}:N", title=" "), alt.Tooltip(f"{value}:Q", title=called, format=format)]
    base = alt.Chart(_DATA).encode(y=y, tooltip=tips)
    text = base.mark_text(align="left", dx=5, color=_QUIET, fontSize=12)
    written = text.encode(x=alt.X("label_at:Q"), text=alt.Text(f"{value}:Q", format=format))
    return _form(base.mark_bar(height=14).encode(x=x) + written, formats, 26 * count + 20)


@_kept
def _grid(
    formats: Formats, row: str, column: str, value: str, format: str, titles: tuple[str, str], count: int
) -> dict[str, Any]:
    """`titles`: what the columns and the value are called."""
    top = alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False)
    base = alt.Chart(_DATA).encode(
        x=alt.X(f"{column}:O", sort=None, title=None, axis=top),
        y=alt.Y(f"{row}:O", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=160)),
        tooltip=[
            alt.Tooltip(f"{row}:N", title=" "),
            alt.Tooltip(f"{column}:N", title=titles[0]),
            alt.Tooltip(f"{value}:Q", title=titles[1], format=format),
        ],
    )
    cells = base.mark_rect(cornerRadius=2).encode(color=alt.Color(f"{value}:Q", legend=None))
    return _form(cells, formats, 26 * count + 40)


def _measured(format: str) -> alt.Axis:
    """The axis of a measure. Its steps are round: `20 %`, not `20,0 %`."""
    return alt.Axis(format=SHARE if format.endswith("%") else format, tickCount=5, labelFlush=False)


def _ticks(days: list[date]) -> tuple[date, ...]:
    """Ticks where values are. Left to itself, Vega ticks weeks on Sundays and names them by the ISO week that ends."""
    every = -(-len(days) // _MOST_TICKS)
    # Counted from the newest, which is what people look for.
    return tuple(days[::-1][::every])


def _with_names_of_periods(view: View, frame: pd.DataFrame, grain: Grain) -> pd.DataFrame:
    return frame.assign(when=[view.formats.period(day, grain) for day in frame["period"]])


def _form(chart: Any, formats: Formats, height: int) -> dict[str, Any]:
    """The chart in the language and the looks of every page, as Vega-Lite."""
    chart = chart.properties(height=height).configure(locale=formats.vega_locale())
    chart = chart.configure_axis(labelFontSize=12, gridOpacity=0.5).configure_view(strokeOpacity=0)
    chart = chart.configure_legend(orient="top", labelFontSize=12, symbolType="square")
    # Its own theme would give charts a width and a height.
    with alt.theme.enable("none"):
        return chart.to_dict()


def _draw(frame: pd.DataFrame, form: dict[str, Any]) -> None:
    st.vega_lite_chart(spec={**form, "datasets": {_DATA.name: frame}}, width="stretch")
