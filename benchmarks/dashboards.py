"""The pages as readers meet them: the first one, a filter's effect, and twenty readers at once while versions come.

    python -m benchmarks.dashboards [--data FOLDER] [--readers 20] [--seconds 30]

A page is there when its content stands still, charts included: timed in the browser, from the navigation or the click
to the last change of the page before half a second without one. The twenty readers are sessions as the browser opens
them, without a browser: twenty of those on the server's own two processors would measure Chromium.

A company's copy that is there is read (a demo company's, or one with ten million sales lines) and left as it is: what
is published meanwhile goes into a folder of the benchmark's own.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import duckdb
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from benchmarks.measure import Result
from kontor.dashboards import DASHBOARDS, dashboards_command
from kontor.settings import Settings, load_settings
from serving.versions import DATABASE, current_version, finish_version, point_current, remove_old, start_version

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_REPEATS = 5
_STILL_MS = 500
_WAIT_MS = 60_000
_PAGES = ("", "sales", "customers", "products", "production", "web", "finance", "assets")
_PERIODS = ("d30", "d90", "m12", "ytd", "all")

_BETWEEN_PUBLISHES = 2.0
_PUBLISHES = 3
"""Fewer versions than these say nothing."""
_MOST_SECONDS = 300.0
"""However long a publish takes, none begins later."""
_ANSWER_SECONDS = 30.0

# Each version has other figures, so that a page of two of them is found out.
_NEXT_VERSION = """
update marts.metric_daily set revenue_net_amount = revenue_net_amount * 1.01;
update marts.mart_company_monthly set revenue_net_amount = revenue_net_amount * 1.01;
update marts.publication set published_at = published_at + interval 1 minute, run_id = run_id || '+';
"""

_WATCH = """
window.lastChange = 0;
new MutationObserver(changes => {
  const main = document.querySelector('.stMain');
  if (main && changes.some(change => main.contains(change.target))) window.lastChange = performance.now();
}).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
addEventListener('pointerdown', () => { window.clicked = performance.now(); }, true);
"""


@dataclass(frozen=True)
class _Look:
    """One reader's look at one page: how long it took, which version it says it shows, what it says, what was wrong."""

    page: str
    seconds: float
    version: str
    text: str
    error: str | None


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the company's data folder; default: that of the settings")
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    if given.data:
        os.environ["KONTOR_DATA"] = str(given.data.resolve())
    for result in pages(load_settings(), str(given.data or "the company"), given.readers, given.seconds):
        mark = "met" if result.met else "MISSED"
        figure = f"{result.measured:>7g} {result.unit:<5} (≤ {result.target:g})"
        print(f"{result.name:<14} {figure}  {mark:<6}  {result.detail}")


def pages(settings: Settings, whose: str, readers: int = 20, seconds: float = 30) -> list[Result]:
    """The three figures of a company's published copy, none without Chromium; `whose` says which company."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("The pages are not measured: there is no Chromium here; install Debian's package chromium.")
        return []
    with _scratch(settings) as data, _served(settings, data) as address:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
            # The first reader of a fresh server pays for its imports; that is not what is asked.
            _first_page(browser, address)
            first = [_first_page(browser, address) for _ in range(_REPEATS)]
            changed = _filter_changes(browser, address)
            browser.close()
        looks, versions = _many_readers(address, data / "serve", readers, seconds)
    return [
        _seconds("first_page", first, 2.0, f"overview of {whose} in an empty browser, charts included"),
        _seconds("filter_change", changed, 0.5, f"another period on the page sales of {whose}, charts included"),
        _readers_result(looks, readers, versions, whose),
    ]


def _seconds(name: str, measured: list[float], target: float, what: str) -> Result:
    detail = f"{what}: median of {len(measured)}, longest {max(measured):.2f} s"
    return Result.of(name, statistics.median(measured), "s", target, detail)


def _readers_result(looks: list[_Look], readers: int, versions: int, whose: str) -> Result:
    errors = [look.error for look in looks if look.error]
    texts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for look in looks:
        if not look.error:
            texts[look.page, look.version].add(look.text)
    # All that is said on one page of one version is the same for everybody, or one of them saw two versions.
    mixtures = sum(len(said) - 1 for said in texts.values())
    times = sorted(look.seconds for look in looks)
    seen = len({version for _, version in texts})
    detail = (
        f"{readers} readers of {whose}: {len(looks)} pages of {seen} versions while {versions} were published, "
        f"{len(errors)} errors, {mixtures} mixtures; a page in {statistics.median(times):.2f} s, "
        f"95%: {times[int(len(times) * 0.95)]:.2f} s{''.join(f'; {error}' for error in sorted(set(errors))[:3])}"
    )
    if min(versions, seen) < _PUBLISHES:
        return Result("many_readers", len(errors) + mixtures, "wrong", 0, False, f"too few versions: {detail}")
    return Result.of("many_readers", len(errors) + mixtures, "wrong", 0, detail)


def _first_page(browser: Browser, address: str) -> float:
    """Seconds from an empty browser until the overview stands still."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(address)
    page.wait_for_selector(".k-title, .k-nothing, [data-testid=stException]", timeout=_WAIT_MS)
    seconds = _stands_still(page) / 1000
    context.close()
    return seconds


def _filter_changes(browser: Browser, address: str) -> list[float]:
    """Seconds from the click on another period until the page stands still with other figures."""
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(f"{address}/sales?lang=de")
    page.wait_for_selector(".k-figures", timeout=_WAIT_MS)
    _stands_still(page)
    seconds = []
    for period in ("30 Tage", "52 Wochen", "7 Tage", "Alles", "90 Tage"):
        before = page.inner_text(".k-figures")
        page.get_by_label("Zeitraum").first.click()
        page.get_by_role("option", name=period, exact=True).click()
        page.wait_for_function(
            "before => document.querySelector('.k-figures')?.innerText !== before", arg=before, timeout=_WAIT_MS
        )
        still = _stands_still(page)
        seconds.append((still - page.evaluate("window.clicked")) / 1000)
    context.close()
    return seconds


def _stands_still(page: Page) -> float:
    """Wait until nothing changes any more; when the last change was, in milliseconds since the navigation."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=_WAIT_MS)
    page.wait_for_function(
        f"window.lastChange && performance.now() - window.lastChange > {_STILL_MS}", timeout=_WAIT_MS, polling=50
    )
    return float(page.evaluate("window.lastChange"))


def _many_readers(address: str, serve: Path, readers: int, seconds: float) -> tuple[list[_Look], int]:
    """What they saw, and how many versions were published meanwhile."""
    looks: list[_Look] = []
    ended = Event()
    threads = [Thread(target=_read, args=(address, number, ended, looks)) for number in range(readers)]
    for thread in threads:
        thread.start()
    began, versions = time.monotonic(), 0
    try:
        while (passed := time.monotonic() - began) < _MOST_SECONDS and (passed < seconds or versions < _PUBLISHES):
            time.sleep(_BETWEEN_PUBLISHES)
            _publish_again(serve)
            versions += 1
        time.sleep(_BETWEEN_PUBLISHES)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    return looks, versions


def _read(address: str, number: int, ended: Event, looks: list[_Look]) -> None:
    """One reader: a page after the other, each in a session of its own."""
    turn = number
    while not ended.is_set():
        page, period = _PAGES[turn % len(_PAGES)], _PERIODS[turn // len(_PAGES) % len(_PERIODS)]
        began = time.monotonic()
        try:
            text, error = _open(address, page, f"lang=en&period={period}")
        except (OSError, WebSocketException) as failed:
            text, error = "", f"{type(failed).__name__}: {failed}"
        published = re.search(r"published ([^<(]+)", text)
        # Its age changes while one version stays.
        said = re.sub(r"\([^()<]* ago\)", "", text)
        if error is None and published is None:
            error = f"/{page} does not say of when it is"
        version = published[1] if published else ""
        looks.append(_Look(f"{page}?{period}", time.monotonic() - began, version, said, error))
        turn += 1


def _open(address: str, page: str, query: str) -> tuple[str, str | None]:
    """What a page says, as its server sends it to a browser; and what went wrong."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.query_string = query
    said: list[str] = []
    error = None
    with connect(f"{address.replace('http', 'ws')}/_stcore/stream", max_size=None) as session:
        session.send(asked.SerializeToString())
        while True:
            message = ForwardMsg.FromString(session.recv(timeout=_ANSWER_SECONDS))
            kind = message.WhichOneof("type")
            if kind == "delta":
                element = message.delta.new_element
                said.append(element.html.body)
                if element.WhichOneof("type") == "exception":
                    error = f"/{page}: {element.exception.type}: {element.exception.message}"
            elif kind == "script_finished":
                done = message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                return "".join(said), error or (None if done else f"/{page}: the script did not finish")


def _publish_again(serve: Path) -> None:
    """What a day's publish does with a large company's copy: it is copied, and a little of it changed."""
    building = start_version(serve, datetime.now(UTC))
    shutil.copyfile(serve / "current" / DATABASE, building / DATABASE)
    with duckdb.connect(str(building / DATABASE)) as con:
        con.execute(_NEXT_VERSION)
    replaced = current_version(serve)
    point_current(serve, finish_version(building).name)
    remove_old(serve, 2, replaced)


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """A data folder with the company's current version, which costs no room: its file has one more name."""
    version = (settings.paths.serve / "current").resolve()
    if not (version / DATABASE).is_file():
        raise SystemExit(f"Nothing is published in {settings.paths.serve}. Run the pipeline first: kontor run.")
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=settings.paths.data) as folder:
        serve = Path(folder) / "serve"
        copied = serve / "versions" / version.name
        copied.mkdir(parents=True)
        os.link(version / DATABASE, copied / DATABASE)
        point_current(serve, version.name)
        yield Path(folder)


@contextmanager
def _served(settings: Settings, data: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        dashboards_command(settings, port),
        cwd=DASHBOARDS,
        env=settings.reader_environment() | {"KONTOR_DATA": str(data)},
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
