"""Tables: aligned, in the page's language, printed as they are seen, and with all their rows to be downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import pandas as pd
import streamlit as st

from dashboards.downloads import csv_file, excel_file
from dashboards.formats import NOTHING
from dashboards.measures import label
from dashboards.view import View

Kind = Literal["text", "number", "decimal", "money", "cents", "percent", "date", "month", "key", "long"]

# What a spreadsheet needs to know of a kind: DuckDB's type for it. All others are texts.
_TYPES: dict[Kind, str] = {
    "number": "BIGINT",
    "decimal": "DECIMAL",
    "money": "DECIMAL",
    "cents": "DECIMAL",
    "percent": "DECIMAL",
    "date": "DATE",
    "month": "DATE",
}


@dataclass(frozen=True)
class Column:
    """A column of the frame, its heading (a metric, or the key of a text), and how it is written."""

    name: str
    heading: str
    kind: Kind = "text"


def table(view: View, name: str, frame: pd.DataFrame, columns: list[Column], *, rows: int = 15) -> None:
    """Show the first `rows` rows, and offer all of them as files called `name`."""
    headings = [_heading(view, column) for column in columns]
    head = "".join(
        f'<th class="{_side(column)}" scope="col">{escape(heading)}</th>'
        for column, heading in zip(columns, headings, strict=True)
    )
    writers = [_writer(view, column.kind) for column in columns]
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{_side(column)}">{escape(write(value))}</td>'
            for column, write, value in zip(columns, writers, row, strict=True)
        )
        + "</tr>"
        for row in _rows(frame.head(rows), columns)
    )
    more = len(frame) - rows
    told = f'<p class="k-more">{escape(view.say("rows_more", n=view.formats.number(more)))}</p>' if more > 0 else ""
    st.html(f'<div class="k-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{told}')
    _downloads(view, name, headings, frame, columns)


def _downloads(view: View, name: str, headings: list[str], frame: pd.DataFrame, columns: list[Column]) -> None:
    language = view.formats.language
    file_name = f"{view.say(name)} {view.day:%Y-%m-%d}".replace("/", "-")
    with st.container(horizontal=True, gap="small", key=f"downloads-{name}"):
        # Made when somebody presses the button, not on every look at the page.
        st.download_button(
            "CSV",
            lambda: csv_file(headings, _rows(frame, columns), language),
            f"{file_name}.csv",
            "text/csv",
            key=f"csv-{name}",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Excel",
            lambda: excel_file(
                headings,
                [column.name for column in columns],
                [_TYPES.get(column.kind, "VARCHAR") for column in columns],
                _rows(frame, columns),
                view.say(name),
                language,
            ),
            f"{file_name}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"excel-{name}",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )


def _rows(frame: pd.DataFrame, columns: list[Column]) -> Iterator[tuple[Any, ...]]:
    plain = frame[[column.name for column in columns]].astype(object)
    for row in plain.where(plain.notna(), None).itertuples(index=False, name=None):
        yield tuple(
            value.date() if column.kind in ("date", "month") and hasattr(value, "date") else value
            for column, value in zip(columns, row, strict=True)
        )


def _heading(view: View, column: Column) -> str:
    return label(view, column.heading) if column.heading in view.copy.metrics else view.say(column.heading)


def _side(column: Column) -> str:
    if column.kind == "long":
        return "k-left k-long"
    return "k-left" if column.kind in ("text", "key", "month", "date") else "k-right"


def _writer(view: View, kind: Kind) -> Callable[[Any], str]:
    formats = view.formats
    return {
        "text": _text,
        "long": _text,
        # A pseudonym's beginning is enough to tell customers apart; the files have all of it.
        "key": lambda value: _text(value)[:10],
        "number": formats.number,
        "decimal": lambda value: formats.number(value, 2),
        "money": formats.money,
        "cents": lambda value: formats.money(value, 2),
        "percent": formats.percent,
        "date": formats.date,
        "month": formats.month,
    }[kind]


def _text(value: Any) -> str:
    return NOTHING if value is None else str(value)
