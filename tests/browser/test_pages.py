"""Every page as a reader sees it, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from kontor.texts import Language
from tests.browser.conftest import Look, looking

PAGES = {
    "": {"de": "Überblick", "en": "Overview"},
    "sales": {"de": "Vertrieb", "en": "Sales"},
}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_itself_in_both_languages(look: Look, path: str, language: Language) -> None:
    """A page that ends in an exception, in an empty sheet or in the other language."""
    look.open(f"/{path}?lang={language}")
    assert look.page.inner_text("h1") == PAGES[path][language]
    assert look.page.query_selector("[data-testid=stException]") is None
    assert ("Daten bis" if language == "de" else "Data up to") in look.text()
    assert look.page.locator(".k-figure").count() >= 3
    look.keep(f"{path or 'overview'}-{language}")


def test_a_link_restores_the_filters_that_were_chosen(look: Look, browser: Browser, served: str) -> None:
    """A filter that is lost when its link is sent to somebody, whatever the language there."""
    look.open("/sales")
    all_channels = look.text()
    look.choose("Kanal", "B2B")
    look.choose("Zeitraum", "52 Wochen")
    chosen = look.page.inner_text(".k-figures")
    assert "channel=B2B" in look.page.url and "period=m12" in look.page.url
    assert look.text() != all_channels
    with looking(browser, served) as other:
        other.open(look.page.url.removeprefix(served))
        assert other.page.inner_text(".k-figures") == chosen
        assert not other.complaints
