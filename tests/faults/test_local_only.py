"""Services listen on this machine only (`kontor up`: tests/pipeline/test_commands.py)."""

from __future__ import annotations

import io
import os
import re
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from rich.console import Console

from kontor.docs import serve_docs

# How the kernel writes 127.0.0.1.
LOCAL = "0100007F"


def addresses(port: int) -> set[str]:
    """Where this machine listens to a port."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:] + Path("/proc/net/tcp6").read_text().splitlines()[1:]
    listening = (line.split()[1].rpartition(":") for line in lines if line.split()[3] == "0A")
    return {address for address, _, number in listening if int(number, 16) == port}


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp6"), reason="what listens is read from Linux's /proc")
def test_the_documentation_is_served_to_this_machine_only(tmp_path: Path) -> None:
    """Names of all tables and the SQL of the company, for everybody in the café's network."""
    (tmp_path / "index.html").write_text("<h1>models</h1>", encoding="utf-8")
    out = io.StringIO()
    threading.Thread(target=serve_docs, args=(tmp_path / "index.html", Console(file=out), 0), daemon=True).start()
    deadline = time.monotonic() + 60
    while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", out.getvalue())):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert addresses(int(found[1])) == {LOCAL}
    with urllib.request.urlopen(found[0]) as answer:
        assert answer.read() == b"<h1>models</h1>"
