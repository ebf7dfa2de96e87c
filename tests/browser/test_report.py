"""The weekly report as it is sent."""

from __future__ import annotations

import re

import pypdf
import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import SCREENSHOTS
from tests.company import Company, one


@pytest.fixture(scope="module")
def folder(shop: Company, tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("report")
    said = shop.kontor("report", "--week", "--out", str(out))
    assert said.returncode == 0 and said.stderr == "", said.stdout + said.stderr
    return out


def test_the_report_holds_the_week_and_fetches_nothing(folder, shop: Company, browser: Browser) -> None:
    """A report that shows holes in a mail program, or other figures than the marts."""
    (file,) = folder.glob("*.html")
    text = file.read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!data:)", text) and "<script" not in text and "url(" not in text
    with shop.published() as con:
        sunday = one(con, "select max(company_date) from mart_company_daily where isodow(company_date) = 7")[0]
        (revenue,) = one(
            con,
            """select round(sum(revenue_net_amount))::bigint from mart_company_daily
            where company_date between ?::date - 6 and ?""",
            sunday,
            sunday,
        )
    written = f"{revenue:,}".replace(",", ".")
    assert f"{written}\N{NO-BREAK SPACE}€" in text
    assert file.stem == f"Wochenbericht {sunday.isocalendar().year}-KW{sunday.isocalendar().week:02}"
    page = browser.new_page(viewport={"width": 760, "height": 1000})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "weekly-report.png", full_page=True)
    page.close()
    assert asked == [file.as_uri()] or all(url.startswith("file:") for url in asked)


def test_the_pdf_says_the_same(folder) -> None:
    """A PDF with boxes instead of letters, or of another week."""
    (html,), (pdf,) = folder.glob("*.html"), folder.glob("*.pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
    text = text.replace(" €", "\N{NO-BREAK SPACE}€")
    assert "Wochenbericht" in text and "Was auffällt" in text
    (headline,) = re.findall(r"font-size:24px;font-weight:600\">([^<]+)<", html.read_text(encoding="utf-8"))[:1]
    assert headline in text
    assert pdf.stat().st_size < 500_000
