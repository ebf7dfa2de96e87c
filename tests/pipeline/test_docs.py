"""`kontor docs`: one file with everything in it, shown on this machine only."""

from __future__ import annotations

import re
import signal
import urllib.request
from html.parser import HTMLParser

from tests.company import Company
from tests.pipeline.conftest import DemoRun


class _Fetches(HTMLParser):
    """What a browser fetches for a page beyond the page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        source = named.get("href") if tag == "link" else named.get("src")
        if source and not source.startswith(("data:", "#")):
            self.found.append(f"{tag} {source}")


def test_the_documentation_needs_no_network(copied: Company, first: DemoRun) -> None:
    """A page that stays white in the office without internet; or one that the whole network can open."""
    with copied.start("docs", "--port", "0") as process:
        assert process.stdout
        said = ""
        while "http://" not in said and (line := process.stdout.readline()):
            said += line
        address = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert address, said
        try:
            with urllib.request.urlopen(address[0], timeout=30) as answer:
                page = answer.read().decode()
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
    assert "mart_company_daily" in page and "Net revenue" in page
    fetches = _Fetches()
    fetches.feed(page)
    assert not [source for source in fetches.found if "//" in source]
