"""The charts, in a few forms that every page uses: a course over time, bars by name, shares, a grid.

Colours come from the theme (.streamlit/config.toml), numbers and days from formats.py. A chart has no title of its own:
the section above it says what it shows.
"""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from dashboards.formats import Grain
from dashboards.view import View

_HEIGHT = 260
# Readable on white and on dark, and never mistaken for one of the palette's colours.
_QUIET = "#8A939C"

MONEY, NUMBER, DECIMAL, PERCENT = "$,.0f", ",.0f", ",.1f", ",.1f"


def course(
    view: View,
    frame: pd.DataFrame,
    grain: Grain,
    value: str,
    label: str,
    *,
    format: str = NUMBER,
    earlier: str | None = None,
    earlier_label: str = "",
    colour: str | None = None,
    height: int = _HEIGHT,
) -> None:
    """A measure over time (column `period`), one line or one a `colour`; `earlier` is a column drawn quietly behind."""
    data = frame.assign(when=[view.formats.period(day, grain) for day in frame["period"]])
    x = _time_axis(view, grain)
    y = alt.Y(f"{value}:Q", title=None, axis=alt.Axis(format=format, tickCount=5))
    tips = [alt.Tooltip("when:N", title=view.say(grain)), alt.Tooltip(f"{value}:Q", title=label, format=format)]
    mark = {"point": {"filled": True, "size": 25}} if len(frame) <= 45 else {}
    layers = []
    if earlier is not None:
        tips.append(alt.Tooltip(f"{earlier}:Q", title=earlier_label, format=format))
        layers.append(
            alt.Chart(data)
            .mark_line(color=_QUIET, strokeWidth=1.5, strokeDash=[4, 3])
            .encode(x=x, y=alt.Y(f"{earlier}:Q", title=None), tooltip=tips)
        )
    shown = alt.Chart(data).mark_line(strokeWidth=2.2, **mark).encode(x=x, y=y, tooltip=tips)
    if colour is not None:
        shown = shown.encode(
            color=alt.Color(f"{colour}:N", title=None), tooltip=[alt.Tooltip(f"{colour}:N", title=""), *tips]
        )
    draw(view, alt.layer(*layers, shown), height)


def stacked(view: View, frame: pd.DataFrame, grain: Grain, value: str, colour: str, *, format: str = NUMBER) -> None:
    """Parts of a whole over time (column `period`), as stacked bars."""
    data = frame.assign(when=[view.formats.period(day, grain) for day in frame["period"]])
    chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=_time_axis(view, grain, banded=True),
            y=alt.Y(f"sum({value}):Q", title=None, axis=alt.Axis(format=format, tickCount=5)),
            color=alt.Color(f"{colour}:N", title=None),
            tooltip=[
                alt.Tooltip("when:N", title=view.say(grain)),
                alt.Tooltip(f"{colour}:N", title=""),
                alt.Tooltip(f"{value}:Q", title=view.say("value"), format=format),
            ],
        )
    )
    draw(view, chart, _HEIGHT)


def bars(view: View, frame: pd.DataFrame, name: str, value: str, *, format: str = NUMBER, limit: int = 12) -> None:
    """A measure by name, largest first, the value beside its bar."""
    data = frame.nlargest(limit, value).copy()
    order = list(data[name])
    data["label_at"] = data[value].clip(lower=0)
    base = alt.Chart(data).encode(
        y=alt.Y(f"{name}:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, domain=False, ticks=False)),
        x=alt.X(f"{value}:Q", title=None, axis=None, scale=alt.Scale(nice=False, padding=0)),
        tooltip=[alt.Tooltip(f"{name}:N", title=""), alt.Tooltip(f"{value}:Q", title=view.say("value"), format=format)],
    )
    text = base.mark_text(align="left", dx=5, color=_QUIET, fontSize=12).encode(
        x=alt.X("label_at:Q"), text=alt.Text(f"{value}:Q", format=format)
    )
    draw(view, base.mark_bar(height=14) + text, 26 * len(data) + 20)


def grid(view: View, frame: pd.DataFrame, row: str, column: str, value: str, *, format: str = NUMBER) -> None:
    """A measure in a grid of named rows and columns, in the order they come; the darker, the more."""
    rows, columns = list(dict.fromkeys(frame[row])), list(dict.fromkeys(frame[column]))
    cells = (
        alt.Chart(frame)
        .mark_rect(cornerRadius=2)
        .encode(
            x=alt.X(
                f"{column}:O",
                sort=columns,
                title=None,
                axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
            ),
            y=alt.Y(f"{row}:O", sort=rows, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=160)),
            color=alt.Color(f"{value}:Q", legend=None),
            tooltip=[
                alt.Tooltip(f"{row}:N", title=""),
                alt.Tooltip(f"{column}:N", title=""),
                alt.Tooltip(f"{value}:Q", title=view.say("value"), format=format),
            ],
        )
    )
    draw(view, cells, 24 * len(rows) + 40)


def draw(view: View, chart: alt.Chart | alt.LayerChart, height: int) -> None:
    """Put a chart on the page, in the page's language."""
    chart = (
        chart.properties(height=height)
        .configure(locale=view.formats.vega_locale())
        .configure_axis(labelFontSize=12, gridOpacity=0.5)
        .configure_view(strokeOpacity=0)
        .configure_legend(orient="top", labelFontSize=12, symbolType="square")
    )
    st.altair_chart(chart, width="stretch")


def _time_axis(view: View, grain: Grain, *, banded: bool = False) -> alt.X:
    axis = alt.Axis(
        format=view.formats.axis(grain),
        labelOverlap=True,
        grid=False,
        tickCount={"day": 8, "week": 10, "month": 12}[grain],
    )
    if banded:
        unit = {"day": "yearmonthdate", "week": "yearmonthdate", "month": "yearmonth"}[grain]
        return alt.X(
            f"{unit}(period):O",
            title=None,
            axis=alt.Axis(format=view.formats.axis(grain), formatType="time", labelOverlap=True, labelAngle=0),
        )
    return alt.X("period:T", title=None, axis=axis)
