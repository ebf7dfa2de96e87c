"""The weekly report as PDF, drawn by ReportLab with fonts that lie in the file: no browser, no network."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Image, KeepTogether, ListFlowable, Paragraph, SimpleDocTemplate, Table

from dashboards.formats import NOTHING
from dashboards.parts import Figure
from dashboards.report import Bar, Report

_BLUE, _INK, _QUIET, _LINE = HexColor("#0072B2"), HexColor("#1F2933"), HexColor("#66707A"), HexColor("#D9DEE3")
_AMBER = HexColor("#FBF0DA")
_WIDTH = A4[0] - 36 * mm
_IN_A_ROW = 3
_BAR = 62 * mm


def pdf_of(report: Report) -> bytes:
    """The file's bytes."""
    _register_fonts()
    texts = report.texts
    story: list[Flowable] = [
        *_logo(report),
        _text(report.company, colour=_QUIET),
        _text(report.title, size=20, bold=True),
        _text(report.subtitle, colour=_QUIET, after=4 * mm),
        *(_text(warning, back=_AMBER, after=3 * mm) for warning in report.warnings),
        _figures(report.headlines, 16),
        _heading(texts["stands_out"]),
        *_standouts(report),
        _text(texts["week_stands_out_rule"], size=7.5, colour=_QUIET),
        _heading(texts["week_figures"]),
        _text(texts["week_figures_note"], size=7.5, colour=_QUIET, after=1 * mm),
        _figures(report.figures, 12),
        *(KeepTogether([_heading(title), _bars(bars)]) for title, bars in report.charts),
        _text(report.as_of, size=7.5, colour=_QUIET, before=5 * mm),
    ]
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=14 * mm,
        title=f"{report.company}: {report.title}",
        author=report.company,
        lang=report.language,
    )
    document.build(story)
    return out.getvalue()


class _BarLine(Flowable):
    """A bar of a share of the full width."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.width, self.height, self._share = _BAR, 3.2 * mm, share

    def draw(self) -> None:
        if self._share > 0:
            self.canv.setFillColor(_BLUE)
            self.canv.rect(0, 0, max(0.5, self.width * self._share), self.height, stroke=0, fill=1)


@cache
def _register_fonts() -> None:
    # They come with ReportLab, and know the letters of Western and Central Europe.
    pdfmetrics.registerFont(TTFont("Text", "Vera.ttf"))
    pdfmetrics.registerFont(TTFont("Text-Bold", "VeraBd.ttf"))
    pdfmetrics.registerFontFamily("Text", normal="Text", bold="Text-Bold", italic="Text", boldItalic="Text-Bold")


def _logo(report: Report) -> list[Flowable]:
    # ReportLab draws no SVG.
    if report.logo is None or report.logo.suffix.lower() == ".svg":
        return []
    image = Image(str(report.logo))
    scale = 12 * mm / image.imageHeight
    return [Image(str(report.logo), image.imageWidth * scale, 12 * mm, hAlign="LEFT")]


def _text(
    text: str, *, size: float = 9, bold: bool = False, colour: Any = _INK, back: Any = None, before: float = 0,
    after: float = 0, right: bool = False,
) -> Paragraph:  # fmt: skip
    style = ParagraphStyle(
        "text",
        fontName="Text-Bold" if bold else "Text",
        fontSize=size,
        leading=size * 1.35,
        textColor=colour,
        backColor=back,
        borderPadding=4 if back else 0,
        spaceBefore=before,
        spaceAfter=after,
        alignment=2 if right else 0,
    )
    return Paragraph(escape(text, quote=False), style)


def _heading(text: str) -> Paragraph:
    return _text(text, size=11, bold=True, before=5 * mm, after=1.5 * mm)


def _standouts(report: Report) -> list[Flowable]:
    if not report.standouts:
        return [_text(report.texts["nothing_stands_out"])]
    items = [_text(sentence) for sentence in report.standouts]
    return [ListFlowable(items, bulletType="bullet", bulletFontSize=6, leftIndent=10)]


def _figures(figures: Sequence[Figure], size: float) -> Table:
    rows = [list(figures[start : start + _IN_A_ROW]) for start in range(0, len(figures), _IN_A_ROW)]
    cells = [[_figure(figure, size) for figure in row] + [""] * (_IN_A_ROW - len(row)) for row in rows]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("LINEABOVE", (0, 0), (-1, -1), 0.5, _LINE),
    ]
    return Table(cells or [[""]], colWidths=[_WIDTH / _IN_A_ROW] * _IN_A_ROW, style=style, hAlign="LEFT")


def _figure(figure: Figure, size: float) -> list[Flowable]:
    compared = [
        _text(f"{what}: {value}" + (f" ({change})" if change else ""), size=7.5, colour=_QUIET)
        for what, value, change in figure.compared
        if value != NOTHING
    ]
    return [_text(figure.label, size=8, colour=_QUIET), _text(figure.value, size=size, bold=True), *compared]


def _bars(bars: Sequence[Bar]) -> Table:
    rows = [
        [
            _text(bar.label, size=8),
            _BarLine(bar.share),
            _text(bar.value, size=8, right=True),
            _text(bar.before, size=8, colour=_QUIET, right=True),
        ]
        for bar in bars
    ]
    widths = [38 * mm, _BAR + 4 * mm, 34 * mm, 34 * mm]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ]
    return Table(rows, colWidths=widths, style=style, hAlign="LEFT")
