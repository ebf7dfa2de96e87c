"""Every page as a reader sees it: both languages, light and dark, wide and on a telephone, its filters, its files."""

from __future__ import annotations

import csv
import re

import pandas as pd
import pytest
from playwright.sync_api import Browser

from kontor.settings import PROJECT
from kontor.texts import Language
from tests.browser.conftest import PICTURES, SCREENSHOTS, Look, looking

PAGES = {
    "": {"de": "Überblick", "en": "Overview"},
    "sales": {"de": "Vertrieb", "en": "Sales"},
    "customers": {"de": "Kunden", "en": "Customers"},
    "products": {"de": "Produkte", "en": "Products"},
    "production": {"de": "Produktion", "en": "Production"},
    "web": {"de": "Web & Marketing", "en": "Web & Marketing"},
    "finance": {"de": "Finanzen", "en": "Reconciliation"},
    "assets": {"de": "Datenvermögen", "en": "Data assets"},
}

# Path, width, dark; the two that stand beside each other in the README are narrower, so that they can be read there.
PICTURES_OF_README = {
    "overview-de.png": ("/", 1200, False),
    "sales-en.png": ("/sales?lang=en", 700, False),
    "production-de.png": ("/production", 700, True),
}
# What margins leave of it, in the browser's pixels.
A4_WIDTH = 688


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_itself_in_both_languages(look: Look, path: str, language: Language) -> None:
    """A page that ends in an exception, in an empty sheet or in the other language."""
    look.open(f"/{path}?lang={language}")
    assert look.page.inner_text("h1") == PAGES[path][language]
    assert look.page.query_selector("[data-testid=stException]") is None
    assert ("Daten bis" if language == "de" else "Data up to") in look.text()
    assert look.page.locator(".k-figure").count() >= 3
    assert look.page.locator(".k-table tbody tr").count() >= 3
    look.keep(f"{path or 'overview'}-{language}")


@pytest.mark.parametrize("name", PICTURES_OF_README)
def test_the_pictures_of_the_readme(browser: Browser, served: str, name: str) -> None:
    """A README with pictures that somebody cut by hand, through the middle of a chart, years ago."""
    path, width, dark = PICTURES_OF_README[name]
    with looking(browser, served, dark=dark, width=width) as look:
        look.open(path)
        look.keep_until(".stVegaLiteChart", PICTURES / name)
        assert not look.complaints
    shown = re.findall(r"docs/images/([\w.-]+)", (PROJECT / "README.md").read_text("utf-8"))
    assert sorted(shown) == sorted(PICTURES_OF_README)
    assert (PICTURES / name).stat().st_size < 200_000


def test_a_page_fits_on_paper(browser: Browser, served: str) -> None:
    """Columns that the edge of the sheet cuts off, a menu on paper, a sheet black with toner."""
    with looking(browser, served, dark=True, width=A4_WIDTH) as look:
        for path in ("", "assets"):
            look.open(f"/{path}")
            look.page.emulate_media(media="print", color_scheme="dark")
            widths = "tables => tables.map(table => [table.scrollWidth, table.clientWidth])"
            for needed, there in look.page.locator(".k-table").evaluate_all(widths):
                assert needed <= there
            assert not look.page.get_by_role("link", name="Datenvermögen").is_visible()
            back = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
            assert look.page.evaluate(back) == "rgba(0, 0, 0, 0)"
        look.page.pdf(path=SCREENSHOTS / "assets-paper.pdf", prefer_css_page_size=True)


def test_a_link_full_of_nonsense_shows_the_page(look: Look) -> None:
    """An exception, or an empty page, for whoever follows a link of last year, or one that a mail program broke."""
    look.open("/sales")
    everything = look.page.inner_text(".k-figures")
    look.open("/sales?period=abc&channel=%00&product_group=gone&days=2026-13-40_x&lang=xx&page=%3Cscript%3E")
    assert look.page.query_selector("[data-testid=stException]") is None
    assert look.page.inner_text(".k-figures") == everything
    look.open("/production?period=own&days=1900-01-01_1901-12-31&machine=%3Cb%3E")
    assert look.page.query_selector("[data-testid=stException]") is None
    assert look.page.locator(".k-figure").count() >= 3


@pytest.mark.parametrize("path", ["", "production"])
@pytest.mark.parametrize(("dark", "width"), [(True, 1280), (False, 390)])
def test_a_page_fits_a_telephone_and_the_dark(browser: Browser, served: str, path: str, dark: bool, width: int) -> None:
    """A page that is wider than the screen, so that whoever reads it on the way must push it to and fro."""
    with looking(browser, served, dark=dark, width=width) as look:
        look.open(f"/{path}")
        assert look.page.evaluate("document.documentElement.scrollWidth") <= width
        look.keep(f"{path or 'overview'}-{'dark' if dark else 'phone'}")
        assert not look.complaints


def test_charts_speak_the_language_of_the_page(look: Look) -> None:
    """An axis with `$150,000` and `Mar` in a German page."""
    look.open("/sales?period=all")
    axes = " ".join(look.page.locator(".stVegaLiteChart svg text").all_text_contents())
    assert ".000\N{NO-BREAK SPACE}€" in axes and "Okt" in axes
    look.open("/sales?period=all&lang=en")
    axes = " ".join(look.page.locator(".stVegaLiteChart svg text").all_text_contents())
    assert "€" in axes and ",000" in axes and "Oct" in axes


def test_a_link_restores_the_filters_that_were_chosen(look: Look, browser: Browser, served: str) -> None:
    """A filter that is lost when its link is sent to somebody, or on the way to another page."""
    look.open("/sales")
    everything = look.page.inner_text(".k-figures")
    look.choose("Kanal", "B2B")
    look.choose("Zeitraum", "52 Wochen")
    chosen = look.page.inner_text(".k-figures")
    assert "channel=B2B" in look.page.url and "period=m12" in look.page.url
    assert chosen != everything
    with looking(browser, served) as other:
        other.open(look.page.url.removeprefix(served))
        assert other.page.inner_text(".k-figures") == chosen
        other.page.get_by_role("link", name="Kunden").click()
        other.page.wait_for_url("**/customers*")
        other.settle()
        assert "period=m12" in other.page.url
        assert not other.complaints


def test_a_table_is_downloaded_as_a_german_spreadsheet_reads_it(look: Look) -> None:
    """`1.234,56` that Excel takes for a text, days it takes for American ones, letters it cannot read."""
    look.open("/sales?period=d30")
    text = look.download("CSV").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    heading, *rows = csv.reader(text.decode("utf-8-sig").splitlines(), delimiter=";")
    assert heading[:3] == ["Tag", "Kanal", "Nettoumsatz"]
    shown = look.page.locator(".k-table tbody tr").first.locator("td").all_inner_texts()
    assert rows[0][0] == shown[0] and rows[0][1] == shown[1]
    written = shown[2].removesuffix("\N{NO-BREAK SPACE}€").replace(".", "")
    assert float(rows[0][2].replace(",", ".")) == pytest.approx(float(written.replace(",", ".")), abs=0.005)
    sheet = pd.read_excel(look.download("Excel"), engine="calamine")
    assert list(sheet.columns) == heading and len(sheet) == len(rows)
    assert sheet["Tag"].dtype.kind == "M" and sheet["Nettoumsatz"].dtype.kind == "f"
    assert sheet["Nettoumsatz"].sum() == pytest.approx(sum(float(row[2].replace(",", ".")) for row in rows))
