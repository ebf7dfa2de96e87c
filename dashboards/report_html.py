"""The weekly report as one HTML file that mail programs show: tables and inline styles, no script, nothing fetched."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from dashboards.formats import NOTHING
from dashboards.parts import Figure
from dashboards.report import Bar, Report

_BLUE, _INK, _QUIET, _LINE, _AMBER = "#0072B2", "#1F2933", "#66707A", "#D9DEE3", "#FBF0DA"
_FONT = "font-family:'Segoe UI',Helvetica,Arial,sans-serif"
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
_IN_A_ROW = 3


def html_of(report: Report) -> str:
    """The file's text."""
    texts = report.texts
    parts = [
        _logo(report),
        f'<p style="margin:0;color:{_QUIET}">{escape(report.company)}</p>',
        f'<h1 style="margin:2px 0 0;font-size:26px">{escape(report.title)}</h1>',
        f'<p style="margin:2px 0 18px;color:{_QUIET}">{escape(report.subtitle)}</p>',
        *(f'<p style="background:{_AMBER};padding:8px 12px">{escape(text)}</p>' for text in report.warnings),
        _figures(report.headlines, 24),
        _heading(texts["stands_out"]),
        _list(report.standouts) if report.standouts else f"<p>{escape(texts['nothing_stands_out'])}</p>",
        _small(texts["week_stands_out_rule"]),
        _heading(texts["week_figures"]),
        _small(texts["week_figures_note"]),
        _figures(report.figures, 18),
        *(_heading(title) + _bars(bars) for title, bars in report.charts),
        _small(report.as_of),
    ]
    return (
        f'<!DOCTYPE html><html lang="{report.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(report.company)}: {escape(report.title)}</title></head>"
        f'<body style="margin:0;background:#FFFFFF;color:{_INK};{_FONT};font-size:14px;line-height:1.45">'
        '<table role="presentation" align="center" width="640" style="max-width:100%;border-collapse:collapse">'
        f'<tr><td style="padding:24px 16px">{"".join(parts)}</td></tr></table></body></html>'
    )


def _logo(report: Report) -> str:
    if report.logo is None:
        return ""
    data = base64.b64encode(report.logo.read_bytes()).decode()
    kind = _TYPES[report.logo.suffix.lower()]
    return f'<img src="data:{kind};base64,{data}" alt="" height="40" style="display:block;margin-bottom:8px">'


def _heading(text: str) -> str:
    return f'<h2 style="margin:26px 0 4px;font-size:17px">{escape(text)}</h2>'


def _small(text: str) -> str:
    return f'<p style="margin:4px 0 8px;font-size:12px;color:{_QUIET}">{escape(text)}</p>'


def _list(sentences: Sequence[str]) -> str:
    items = "".join(f'<li style="margin-bottom:4px">{escape(sentence)}</li>' for sentence in sentences)
    return f'<ul style="margin:6px 0;padding-left:20px">{items}</ul>'


def _figures(figures: Sequence[Figure], size: int) -> str:
    rows = [figures[start : start + _IN_A_ROW] for start in range(0, len(figures), _IN_A_ROW)]
    width = 100 // _IN_A_ROW
    body = "".join("<tr>" + "".join(_figure(figure, size, width) for figure in row) + "</tr>" for row in rows)
    return f'<table role="presentation" width="100%" style="border-collapse:collapse">{body}</table>'


def _figure(figure: Figure, size: int, width: int) -> str:
    compared = "".join(
        f'<div style="font-size:12px;color:{_QUIET}">{escape(what)}: {escape(value)}'
        f"{f' ({escape(change)})' if change else ''}</div>"
        for what, value, change in figure.compared
        if value != NOTHING
    )
    return (
        f'<td width="{width}%" style="vertical-align:top;padding:8px 14px 10px 0;border-top:1px solid {_LINE}">'
        f'<div style="font-size:13px;color:{_QUIET}">{escape(figure.label)}</div>'
        f'<div style="font-size:{size}px;font-weight:600">{escape(figure.value)}</div>{compared}</td>'
    )


def _bars(bars: Sequence[Bar]) -> str:
    rows = "".join(
        f'<tr><td width="21%" style="padding:3px 8px 3px 0;white-space:nowrap">{escape(bar.label)}</td>'
        f'<td width="45%">{_bar(bar.share)}</td>'
        f'<td width="17%" align="right" style="white-space:nowrap">{escape(bar.value)}</td>'
        f'<td width="17%" align="right" style="white-space:nowrap;color:{_QUIET}">{escape(bar.before)}</td></tr>'
        for bar in bars
    )
    return f'<table role="presentation" width="100%" style="border-collapse:collapse;font-size:13px">{rows}</table>'


def _bar(share: float) -> str:
    if share <= 0:
        return ""
    return (
        f'<table role="presentation" width="{max(1, round(100 * share))}%" style="border-collapse:collapse"><tr>'
        f'<td bgcolor="{_BLUE}" style="background:{_BLUE};height:12px;line-height:12px;font-size:1px">&nbsp;</td>'
        "</tr></table>"
    )
