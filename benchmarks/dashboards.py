"""The pages in a browser: how soon the first one is seen, how soon a filter has its effect, and twenty readers at once.

    python -m benchmarks.dashboards [--data FOLDER] [--readers 20] [--seconds 30]

Runs on a published copy that is there (a demo company's, or one with ten million sales lines).
Readers beyond the first are HTTP and websocket sessions of the same Chromium, each in a context of its own. While they
look, the current version is published again every two seconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from kontor.dashboards import DASHBOARDS, dashboards_command
from kontor.settings import Settings, load_settings
from serving.versions import DATABASE, finish_version, point_current, remove_old, start_version

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_REPEATS = 5
_PATHS = ("/", "/sales", "/customers", "/products", "/production", "/web", "/finance", "/assets")


def main() -> None:
    """Measure, and print seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the company's data folder; default: that of the settings")
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    if given.data:
        os.environ["KONTOR_DATA"] = str(given.data.resolve())
    settings = load_settings()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("There is no Chromium here; install Debian's package chromium.")
    with _served(settings) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        # The first reader of a fresh server pays for its imports; that is not what is asked.
        _first_page(browser, address)
        first = [_first_page(browser, address) for _ in range(_REPEATS)]
        changed = _filter_changes(browser, address)
        looks, errors, publishes = _many_readers(browser, address, settings, given.readers, given.seconds)
        browser.close()
    print(f"first page after a warm start: {statistics.median(first):.2f} s (most {max(first):.2f})")
    print(f"filter change: {statistics.median(changed):.2f} s (most {max(changed):.2f})")
    print(f"{given.readers} readers: {looks} pages, {publishes} publishes, {errors} errors")


def _first_page(browser: Browser, address: str) -> float:
    """Seconds from an empty browser until the overview's last table is drawn."""
    context = browser.new_context()
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address)
    _drawn(page)
    seconds = time.perf_counter() - began
    context.close()
    return seconds


def _filter_changes(browser: Browser, address: str) -> list[float]:
    """Seconds from the click on another period until the page stands still with other figures."""
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(f"{address}/sales?lang=de")
    _drawn(page)
    seconds = []
    for period in ("30 Tage", "52 Wochen", "7 Tage", "Alles", "90 Tage"):
        before = page.inner_text(".k-figures")
        page.get_by_label("Zeitraum").first.click()
        option = page.get_by_role("option", name=period, exact=True)
        began = time.perf_counter()
        option.click()
        page.wait_for_function("before => document.querySelector('.k-figures').innerText !== before", arg=before)
        _drawn(page)
        seconds.append(time.perf_counter() - began)
    context.close()
    return seconds


def _many_readers(
    browser: Browser, address: str, settings: Settings, readers: int, seconds: float
) -> tuple[int, int, int]:
    """Pages looked at, errors seen, versions published in that time."""
    pages = [browser.new_context().new_page() for _ in range(readers)]
    looks = errors = publishes = 0
    began, published = time.monotonic(), 0.0
    while time.monotonic() - began < seconds:
        if time.monotonic() - published > 2:
            _publish_again(settings)
            published, publishes = time.monotonic(), publishes + 1
        # All begin at once, then each is waited for: their sessions run on the server at the same time.
        for number, page in enumerate(pages):
            page.goto(address + _PATHS[(number + looks) % len(_PATHS)], wait_until="commit")
        for page in pages:
            _drawn(page)
            looks += 1
            errors += page.locator("[data-testid=stException]").count()
    return looks, errors, publishes


def _publish_again(settings: Settings) -> None:
    serve = settings.paths.serve
    building = start_version(serve, datetime.now(UTC))
    shutil.copy(serve / "current" / DATABASE, building / DATABASE)
    version = finish_version(building).name
    point_current(serve, version)
    remove_old(serve, settings.publish.keep_versions)


def _drawn(page: Page) -> None:
    page.wait_for_selector(".k-title, .k-nothing, [data-testid=stException]", timeout=60_000)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        dashboards_command(settings, port),
        cwd=DASHBOARDS,
        env=settings.reader_environment(),
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


if __name__ == "__main__":
    main()
