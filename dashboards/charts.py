"""The charts, in a few forms that every page uses: a course over time, stacked bars, bars by name, pairs, a grid.

Colours come from the theme (.streamlit/config.toml), numbers and days from formats.py, names and units of metrics from
the catalogue. A chart has no title of its own: the section above it says what it shows.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.formats import Grain
from dashboards.measures import chart_format, label
from dashboards.view import View

MONEY, NUMBER, DECIMAL, SHARE = "$,.0f", ",.0f", ",.1f", ".0%"

_HEIGHT = 260
_MANY_POINTS = 45
# Readable on white and on dark, and never mistaken for one of the palette's colours.
_QUIET = "#8A939C"
_MOST_TICKS = 12


def course(
    view: View,
    frame: pd.DataFrame,
    grain: Grain,
    value: str,
    *,
    earlier: str | None = None,
    colour: str | None = None,
    order: list[str] | None = None,
    format: str | None = None,
) -> None:
    """A metric over time (column `period`); `earlier` is a column drawn quietly behind it.

    With `colour`, one line for each value of that column, in the order given.
    """
    form = format or chart_format(view, value)
    data = _with_names_of_periods(view, frame, grain)
    axis = alt.Axis(format=view.formats.axis(grain), labelOverlap=True, grid=False, values=_ticks(frame["period"]))
    x = alt.X("period:T", title=None, axis=axis)
    y = alt.Y(f"{value}:Q", title=None, axis=alt.Axis(format=form, tickCount=5))
    tips = [alt.Tooltip("when:N", title=view.say(grain)), alt.Tooltip(f"{value}:Q", title=label(view, value),
                                                                      format=form)]  # fmt: skip
    layers = []
    if earlier is not None and data[earlier].notna().any():
        tips.append(alt.Tooltip(f"{earlier}:Q", title=view.say("previous_year"), format=form))
        line = alt.Chart(data).mark_line(color=_QUIET, strokeWidth=1.5, strokeDash=[4, 3])
        layers.append(line.encode(x=x, y=alt.Y(f"{earlier}:Q", title=None), tooltip=tips))
    points = {"point": {"filled": True, "size": 25}} if frame["period"].nunique() <= _MANY_POINTS else {}
    shown = alt.Chart(data).mark_line(strokeWidth=2.2, **points).encode(x=x, y=y, tooltip=tips)
    if colour is not None:
        named = alt.Color(f"{colour}:N", title=None, sort=order)
        shown = shown.encode(color=named, tooltip=[alt.Tooltip(f"{colour}:N", title=" "), *tips])
    _draw(view, alt.layer(*layers, shown), _HEIGHT)


def stacked(view: View, frame: pd.DataFrame, grain: Grain, value: str, colour: str) -> None:
    """Parts of a whole over time (column `period`), as stacked bars."""
    _bars_over_time(view, frame, grain, value, colour, chart_format(view, value), label(view, value))


def pairs(view: View, frame: pd.DataFrame, value: str, colour: str, order: list[str], *, format: str = MONEY) -> None:
    """Two things beside each other in the order given, month by month (column `period`)."""
    _bars_over_time(view, frame, "month", value, colour, format, view.say("value"), order)


def bars(view: View, frame: pd.DataFrame, name: str, value: str, *, format: str | None = None, limit: int = 12) -> None:
    """A measure by name in the frame's order, the value beside its bar."""
    form = format or (chart_format(view, value) if value in view.copy.metrics else NUMBER)
    data = frame.head(limit)
    # Beside the bar's end, or for a negative one beside the line that it begins at.
    data = data.assign(label_at=data[value].clip(lower=0))
    y = alt.Y(f"{name}:N", sort=list(data[name]), title=None,
              axis=alt.Axis(labelLimit=240, domain=False, ticks=False))  # fmt: skip
    x = alt.X(f"{value}:Q", title=None, axis=None, scale=alt.Scale(nice=False, padding=0))
    tips = [alt.Tooltip(f"{name}:N", title=" "), alt.Tooltip(f"{value}:Q", title=view.say("value"), format=form)]
    base = alt.Chart(data).encode(y=y, tooltip=tips)
    text = base.mark_text(align="left", dx=5, color=_QUIET, fontSize=12)
    written = text.encode(x=alt.X("label_at:Q"), text=alt.Text(f"{value}:Q", format=form))
    _draw(view, base.mark_bar(height=14).encode(x=x) + written, 26 * len(data) + 20)


def grid(view: View, frame: pd.DataFrame, row: str, column: str, value: str, *, format: str = NUMBER) -> None:
    """A measure in a grid of named rows and columns, in the order they come; the stronger the colour, the more."""
    rows, columns = (list(dict.fromkeys(frame[name])) for name in (row, column))
    top = alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False)
    base = alt.Chart(frame).encode(
        x=alt.X(f"{column}:O", sort=columns, title=None, axis=top),
        y=alt.Y(f"{row}:O", sort=rows, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=160)),
        tooltip=[
            alt.Tooltip(f"{row}:N", title=" "),
            alt.Tooltip(f"{column}:N", title=view.say("months_later")),
            alt.Tooltip(f"{value}:Q", title=view.say("value"), format=format),
        ],
    )
    cells = base.mark_rect(cornerRadius=2).encode(color=alt.Color(f"{value}:Q", legend=None))
    _draw(view, cells, 26 * len(rows) + 40)


def _bars_over_time(
    view: View, frame: pd.DataFrame, grain: Grain, value: str, colour: str, form: str, called: str,
    order: list[str] | None = None,
) -> None:  # fmt: skip
    unit = "yearmonth" if grain == "month" else "yearmonthdate"
    axis = alt.Axis(format=view.formats.axis(grain), formatType="time", labelOverlap=True, labelAngle=0, ticks=False)
    chart = (
        alt.Chart(_with_names_of_periods(view, frame, grain))
        .mark_bar()
        .encode(
            x=alt.X(f"{unit}(period):O", title=None, axis=axis),
            y=alt.Y(f"sum({value}):Q", title=None, axis=alt.Axis(format=form, tickCount=5)),
            color=alt.Color(f"{colour}:N", title=None, sort=order or "ascending"),
            tooltip=[
                alt.Tooltip("when:N", title=view.say(grain)),
                alt.Tooltip(f"{colour}:N", title=" "),
                alt.Tooltip(f"{value}:Q", title=called, format=form),
            ],
        )
    )
    _draw(view, chart if order is None else chart.encode(xOffset=alt.XOffset(f"{colour}:N", sort=order)), _HEIGHT)


def _ticks(periods: pd.Series) -> list[alt.DateTime]:
    """Ticks where values are. Left to itself, Vega ticks weeks on Sundays and names them by the ISO week that ends."""
    days = sorted(set(periods))
    every = -(-len(days) // _MOST_TICKS)
    # Counted from the newest, which is what people look for.
    return [alt.DateTime(year=day.year, month=day.month, date=day.day) for day in days[::-1][::every]]


def _with_names_of_periods(view: View, frame: pd.DataFrame, grain: Grain) -> pd.DataFrame:
    return frame.assign(when=[view.formats.period(day, grain) for day in frame["period"]])


def _draw(view: View, chart: Any, height: int) -> None:
    """Put a chart on the page, in the page's language."""
    chart = chart.properties(height=height).configure(locale=view.formats.vega_locale())
    chart = chart.configure_axis(labelFontSize=12, gridOpacity=0.5).configure_view(strokeOpacity=0)
    st.altair_chart(chart.configure_legend(orient="top", labelFontSize=12, symbolType="square"), width="stretch")
