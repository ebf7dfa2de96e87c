"""What pages are made of besides charts and tables: sections, figures, remarks. Written as plain, escaped HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import streamlit as st

from dashboards.formats import NOTHING


@dataclass(frozen=True)
class Figure:
    """One number: what it is, its value, and what it is compared with, (what, value, change) each."""

    label: str
    value: str
    compared: tuple[tuple[str, str, str | None], ...] = ()


def section(title: str, *notes: str) -> None:
    """A heading that says what stands below it, and in small letters how it is meant."""
    note = "; ".join(filter(None, notes))
    told = f"<p>{escape(note)}</p>" if note else ""
    st.html(f'<div class="k-section"><h2>{escape(title)}</h2>{told}</div>')


def figures(shown: Iterable[Figure], *, large: bool = False) -> None:
    """Figures side by side, as many as there is room for."""
    cards = "".join(_card(figure) for figure in shown)
    st.html(f'<div class="k-figures{" k-large" if large else ""}">{cards}</div>')


def remarks(sentences: list[str], otherwise: str, rule: str) -> None:
    """Sentences as a list, what is said when there is none, and the rule by which they were chosen."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    told = f"<ul>{items}</ul>" if items else f"<p>{escape(otherwise)}</p>"
    st.html(f'<div class="k-remarks">{told}<p class="k-rule">{escape(rule)}</p></div>')


def notice(text: str, *, urgent: bool = False) -> None:
    """A sentence at the top that a reader must not miss."""
    st.html(f'<div class="k-notice{" k-urgent" if urgent else ""}" role="status">{escape(text)}</div>')


def nothing_here(text: str) -> None:
    """Instead of a chart or a page that has no data: what is missing, in words."""
    st.html(f'<div class="k-nothing">{escape(text)}</div>')


def _card(figure: Figure) -> str:
    lines = "".join(
        f'<div class="k-compared"><span>{escape(what)}</span><span class="k-number">{escape(value)}</span>'
        f'<span class="k-change">{escape(change or "")}</span></div>'
        for what, value, change in figure.compared
        if value != NOTHING
    )
    return (
        f'<div class="k-figure"><div class="k-label">{escape(figure.label)}</div>'
        f'<div class="k-value">{escape(figure.value)}</div>{lines}</div>'
    )
