"""A real browser on real pages: Debian's Chromium, driven by Playwright, which downloads nothing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from demo import write_demo
from kontor.dashboards import DASHBOARDS, dashboards_command
from kontor.settings import PROJECT, load_settings
from serving.versions import DATABASE, finish_version, point_current, start_version
from tests.company import Company
from tests.once import made_once

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_WAIT_MS = 60_000

_ALL_DRAWN = """
!document.querySelector('[data-testid=stSkeleton]') &&
[...document.querySelectorAll('.stVegaLiteChart')].every(chart => chart.querySelector('svg'))
"""

# What the run's screenshots are kept as; git-ignored.
SCREENSHOTS = PROJECT / "screenshots"
# `make pictures` makes those of the README anew: of the whole demo company, in the folder that the README shows.
PICTURES = PROJECT / "docs" / "images" if os.environ.get("KONTOR_PICTURES") else SCREENSHOTS


@dataclass
class Look:
    """A browser's window on the dashboards, and whatever it had to complain of."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> None:
        """Go to a path and wait until the page stands still."""
        self.page.goto(self.address + path)
        self.settle()

    def settle(self) -> None:
        """Wait until the page has been drawn and no script runs."""
        self.page.wait_for_selector(".k-title, .k-nothing, [data-testid=stForm], [data-testid=stException]",
                                    timeout=_WAIT_MS)  # fmt: skip
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=_WAIT_MS)
        self.page.wait_for_function(_ALL_DRAWN, timeout=_WAIT_MS)

    def text(self) -> str:
        """All that can be read on the page."""
        return self.page.inner_text(".stMain")

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a filter."""
        self.page.get_by_label(label).first.click()
        self.page.get_by_role("option", name=option, exact=True).click()
        # Until the server has heard of it, the page stands as still as after it.
        self.page.wait_for_timeout(300)
        self.settle()

    def download(self, button: str) -> Path:
        """Press the first button of that name and wait for its file, which keeps its name."""
        with self.page.expect_download(timeout=_WAIT_MS) as waiting:
            self.page.get_by_role("button", name=button).first.click()
        file = waiting.value
        kept = Path(file.path()).with_name(file.suggested_filename)
        file.save_as(kept)
        return kept

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page as a file of the run."""
        SCREENSHOTS.mkdir(exist_ok=True)
        height = self.page.evaluate("document.querySelector('.stMainBlockContainer').scrollHeight")
        self._heighten(min(max(int(height) + 60, 800), 6000))
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def keep_until(self, last: str, path: Path) -> None:
        """Keep a picture of the page's top, which ends below the element `last`."""
        bottom = self.page.locator(last).first.bounding_box()
        assert bottom is not None
        height = int(bottom["y"] + bottom["height"]) + 12
        self._heighten(height)
        path.parent.mkdir(exist_ok=True)
        self.page.screenshot(path=path)

    def _heighten(self, height: int) -> None:
        """Make the window so high. Streamlit scrolls inside of it, so a picture shows no more than it does."""
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size({"width": size["width"], "height": height})
        self.page.wait_for_timeout(250)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium here; install Debian's package chromium.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield started
        started.close()


@contextmanager
def looking(browser: Browser, address: str, *, dark: bool = False, width: int = 1280) -> Iterator[Look]:
    """A window of its own, in which every complaint of the browser and every call to elsewhere is noted.

    All share what the browser keeps of Streamlit's scripts, or each would read megabytes anew.
    """
    context = browser.contexts[0] if browser.contexts else browser.new_context(locale="de-DE")
    look = Look(context.new_page(), address)
    look.page.set_viewport_size({"width": width, "height": 800})
    look.page.emulate_media(color_scheme="dark" if dark else "light")
    # Streamlit asks for its own health below the page's path first, and then below the root.
    look.page.on(
        "console",
        lambda said: (
            look.complaints.append(f"{said.type}: {said.text} {said.location}")
            if said.type in ("error", "warning") and "/_stcore/" not in str(said.location)
            else None
        ),
    )
    look.page.on("pageerror", lambda error: look.complaints.append(f"error: {error}"))
    look.page.on(
        "request",
        lambda asked: (
            look.complaints.append(f"asked elsewhere: {asked.url}")
            if not asked.url.startswith((address, "data:", "blob:"))
            else None
        ),
    )
    try:
        yield look
    finally:
        look.page.close()


@contextmanager
def dashboards(company: Company, **variables: str) -> Iterator[str]:
    """The server on a company's published copy; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = dashboards_command(load_settings(company.config), port)
    environment = {**company.environment, **variables}
    process = subprocess.Popen(command, cwd=DASHBOARDS, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def publish_changed(serve: Path, *statements: str) -> None:
    """Publish what is current once more, after these statements on it, as a later run's version."""
    with duckdb.connect(str((serve / "current" / DATABASE).resolve()), read_only=True) as con:
        before = con.execute("select published_at from marts.publication").fetchall()[0][0]
    later = before + timedelta(seconds=1)
    building = start_version(serve, later.replace(tzinfo=UTC))
    shutil.copy(serve / "current" / DATABASE, building / DATABASE)
    with duckdb.connect(str(building / DATABASE)) as con:
        con.execute("set search_path = 'marts'")
        for statement in (*statements, f"update publication set published_at = '{later}', run_id = '{later}'"):
            con.execute(statement)
        for (mart,) in con.execute("select table_name from publication_table").fetchall():
            con.execute(
                f"update publication_table set row_count = (select count(*) from {mart}) where table_name = ?", [mart]
            )
    point_current(serve, finish_version(building).name)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company with thirteen months of history, published; one for all processes, not to be changed."""

    def open_one(folder: Path) -> Company:
        company = Company(folder / "data")
        smaller = {"scale": 0.15, "days": 400, "web_days": 30} if PICTURES == SCREENSHOTS else {}
        write_demo(company.inbox, as_of=date.today(), **smaller)
        said = company.kontor("run")
        assert company.current(), said.stdout + said.stderr
        return company

    return made_once(tmp_path_factory, "dashboards", open_one)


@pytest.fixture(scope="session")
def served(shop: Company) -> Iterator[str]:
    """The dashboards of that company."""
    with dashboards(shop) as address:
        yield address


@pytest.fixture
def look(browser: Browser, served: str) -> Iterator[Look]:
    """A window on the dashboards; whatever the browser complains of fails the test."""
    with looking(browser, served) as opened:
        yield opened
    assert not opened.complaints


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended by itself"
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).read()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{address} did not answer within a minute")
