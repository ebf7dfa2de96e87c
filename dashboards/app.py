"""The Streamlit application: navigation, language, admission, and the frame around each page.

Started by `kontor dashboards`. Runs from top to bottom at each interaction, so each begins with the current version.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import streamlit as st
from streamlit.navigation.page import Page

from dashboards.access import admitted
from dashboards.data import open_copy
from dashboards.filters import remember, remembered
from dashboards.formats import Formats
from dashboards.parts import nothing_here
from dashboards.status import local, title, warn_of_state
from dashboards.texts import TEXTS
from dashboards.topics import assets, customers, finance, overview, production, products, sales, web
from dashboards.view import View, last_full_day
from kontor.settings import Settings, load_settings
from kontor.texts import Language, Say
from serving.errors import NotPublished, sentence

_LANGUAGES: dict[Language, str] = {"de": "Deutsch", "en": "English"}

_HERE = Path(__file__).parent

_PAGES: dict[str, tuple[Callable[[View], None], str]] = {
    "overview": (overview.show, ":material/home:"),
    "sales": (sales.show, ":material/trending_up:"),
    "customers": (customers.show, ":material/group:"),
    "products": (products.show, ":material/inventory_2:"),
    "production": (production.show, ":material/precision_manufacturing:"),
    "web": (web.show, ":material/language:"),
    "finance": (finance.show, ":material/account_balance:"),
    "assets": (assets.show, ":material/database:"),
}


@st.cache_resource(show_spinner=False)
def _settings() -> Settings:
    return load_settings()


@st.cache_resource(show_spinner=False)
def _style() -> str:
    style = (_HERE / "style.css").read_text(encoding="utf-8")
    return f"<style>{style}</style>"


def main() -> None:
    """The frame, and in it the page that was asked for."""
    settings = _settings()
    st.set_page_config(
        page_title=settings.company.name, layout="wide", initial_sidebar_state=240, page_icon=str(_HERE / "icon.svg")
    )
    st.html(_style())
    say = Say(_language(settings), TEXTS)
    pages = [
        st.Page(
            partial(_page, name, show, settings, say),
            title=say(f"page_{name}"),
            icon=icon,
            url_path=name,
            default=name == "overview",
        )
        for name, (show, icon) in _PAGES.items()
    ]
    # Before anybody is let in, or the page that a link names would be forgotten.
    page = st.navigation(pages, position="hidden")
    if admitted(settings, say):
        _sidebar(settings, pages)
        page.run()


def _sidebar(settings: Settings, pages: list[Page]) -> None:
    """Whose figures these are, the pages, and the language."""
    with st.sidebar:
        if settings.logo:
            st.image(str(settings.logo), width=160)
        st.html(f'<div class="k-company">{escape(settings.company.name)}</div>')
        for page in pages:
            st.page_link(page)
        st.segmented_control(
            "Sprache · Language",
            list(_LANGUAGES),
            default=_language(settings),
            format_func=_LANGUAGES.__getitem__,
            required=True,
            key="language",
            label_visibility="collapsed",
        )


def _language(settings: Settings) -> Language:
    """The language chosen in the page, or that of the URL, or that of the settings."""
    default = settings.company.language
    chosen = st.session_state.get("language") or remembered("lang", default)
    language = chosen if chosen in _LANGUAGES else default
    remember("lang", language, default)
    return language


def _page(name: str, show: Callable[[View], None], settings: Settings, say: Say) -> None:
    """One page with its title, what must be said of its data, and its content."""
    now = datetime.now(UTC).replace(tzinfo=None)
    try:
        copy = open_copy(settings.paths.serve)
    except NotPublished:
        nothing_here(say("not_published"))
        return
    published_on = local(copy.published_at, ZoneInfo(settings.company.time_zone)).date()
    formats = Formats(say.language, settings.company.currency)
    view = View(copy, settings, say, formats, last_full_day(copy, published_on))
    title(view, say(f"page_{name}"), now)
    warn_of_state(view, now)
    try:
        show(view)
    except duckdb.Error as error:
        # A copy made by another version of Kontor may have other columns.
        nothing_here(say("went_wrong", reason=sentence(error)))


main()
