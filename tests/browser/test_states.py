"""The pages when something is otherwise: a new version, a failed run, one domain, nothing at all, a password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kontor.settings import PROJECT
from serving.failure import write_failure
from tests.browser.conftest import dashboards, looking, publish_changed
from tests.browser.test_pages import PAGES
from tests.company import Company

ONLY_PRODUCTION = (
    "delete from metric_daily where semantic_model not in ('machine_time', 'inspections', 'work_orders')",
    *(
        f"delete from {mart}"
        for mart in ("mart_sales_daily", "mart_customer_360", "mart_cohort_retention", "mart_product_affinity",
                     "mart_channel_attribution", "mart_marketing_daily", "mart_web_funnel_daily",
                     "mart_revenue_reconciliation")
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def changing(shop: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company of the same copy, whose published version the tests change one after the other."""
    return shop.copy(tmp_path_factory.mktemp("changing") / "data")


@pytest.fixture(scope="module")
def address(changing: Company) -> Iterator[str]:
    with dashboards(changing) as served:
        yield served


def test_a_publish_in_the_middle_shows_at_the_next_interaction(
    browser: Browser, changing: Company, address: str
) -> None:
    """Yesterday's figures until the server is started again; an error for whoever was looking."""
    with looking(browser, address) as look:
        look.open("/sales")
        before = look.page.inner_text(".k-figure .k-value >> nth=0")
        publish_changed(changing.data / "serve", "update metric_daily set revenue_net_amount = revenue_net_amount * 2")
        look.choose("Kanal", "B2B")
        look.choose("Kanal", "webshop")
        look.page.get_by_label("Kanal").first.press("Escape")
        look.open("/sales")
        assert look.page.inner_text(".k-figure .k-value >> nth=0") != before
        assert not look.complaints


def test_names_are_shown_as_they_are_written(browser: Browser, changing: Company, address: str) -> None:
    """A channel's name that becomes a picture, a link or a script of the page; a chosen channel that is no more."""
    name = "<img src=x onerror=alert(1)> *Groß* `handel` $x$ :red[rot]"
    with looking(browser, address) as look:
        look.open("/sales?channel=B2B")
        publish_changed(changing.data / "serve", f"update metric_daily set channel = '{name}' where channel = 'B2B'")
        look.choose("Zeitraum", "30 Tage")
        assert look.page.query_selector("[data-testid=stException]") is None
        look.open("/sales")
        assert name in look.text()
        look.choose("Kanal", name)
        assert name in look.page.inner_text(".k-table") and "webshop" not in look.page.inner_text(".k-table")
        assert look.page.locator("img[src=x]").count() == 0
        assert not look.complaints


def test_a_failed_run_is_told_at_the_top(browser: Browser, changing: Company, address: str) -> None:
    """Nobody notices for a week that nothing new is published."""
    with looking(browser, address) as look:
        look.open("/")
        assert "gescheitert" not in look.text()
        write_failure(changing.data / "serve", "a later run", datetime.now(UTC))
        look.open("/")
        assert "gescheitert" in look.page.inner_text(".k-urgent")
        look.keep("overview-failed")


def test_a_company_of_one_domain_has_sensible_pages(browser: Browser, changing: Company, address: str) -> None:
    """Exceptions, or charts of nothing, for a workshop that has no shop."""
    publish_changed(changing.data / "serve", *ONLY_PRODUCTION)
    with looking(browser, address) as look:
        for path in PAGES:
            look.open(f"/{path}")
            assert look.page.query_selector("[data-testid=stException]") is None, path
            empty = path in ("sales", "customers", "web", "finance")
            assert bool(look.page.query_selector(".k-nothing")) == empty, path
        look.open("/")
        assert "OEE" in look.text() and "€" not in look.text()
        look.keep("overview-production-only")
        assert not look.complaints


def test_a_company_without_any_data_is_told_how_to_begin(browser: Browser, changing: Company, address: str) -> None:
    """An exception as the first thing that a new owner sees."""
    serve = changing.data / "serve"
    with looking(browser, address) as look:
        with changing.published() as con:
            marts = [mart for (mart,) in con.execute("select table_name from publication_table").fetchall()]
        publish_changed(serve, *(f"delete from {mart}" for mart in marts if mart != "metric"))
        for path in PAGES:
            look.open(f"/{path}?lang=en")
            assert look.page.query_selector("[data-testid=stException]") is None, path
            assert look.page.query_selector(".k-nothing"), path
        (serve / "current").unlink()
        look.open("/")
        assert "kontor run" in look.text()
        look.keep("nothing-published")
        assert not look.complaints


def test_without_the_password_nothing_is_shown(browser: Browser, shop: Company, tmp_path: Path) -> None:
    """Figures for everybody in the office's network, by a link to a page behind the first one."""
    company = Company(shop.data, _settings(tmp_path, 'password = "${PAGES_PASSWORD}"'))
    with dashboards(company, PAGES_PASSWORD="Öl & Licht") as served, looking(browser, served) as look:
        look.open("/finance")
        assert "€" not in look.page.inner_text("body")
        look.page.get_by_label("Passwort").fill("falsch")
        look.page.get_by_role("button", name="Öffnen").click()
        look.page.get_by_text("Das Passwort stimmt nicht.").wait_for()
        assert "€" not in look.page.inner_text("body")
        look.page.get_by_label("Passwort").fill("Öl & Licht")
        look.page.get_by_role("button", name="Öffnen").click()
        look.page.wait_for_selector("h1")
        look.settle()
        assert look.page.inner_text("h1") == "Finanzen"
        assert not look.complaints


def test_who_comes_past_the_proxy_sees_nothing(browser: Browser, shop: Company, tmp_path: Path) -> None:
    """A header that is only looked at when it is there."""
    company = Company(shop.data, _settings(tmp_path, 'user_header = "X-Forwarded-User"'))
    with dashboards(company) as served, looking(browser, served) as look:
        look.page.goto(served)
        look.page.get_by_text("X-Forwarded-User").wait_for()
        assert "€" not in look.page.inner_text("body")


def _settings(folder: Path, entry: str) -> Path:
    config = folder / "kontor.toml"
    text = (PROJECT / "kontor.toml").read_text(encoding="utf-8").replace("[dashboards]", f"[dashboards]\n{entry}")
    config.write_text(f'{text}\n[paths]\nmappings = "{(PROJECT / "mappings").as_posix()}"\n', "utf-8")
    return config
