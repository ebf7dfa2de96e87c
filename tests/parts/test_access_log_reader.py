"""Lines of web servers' logs told into fields."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingestion.content import examine_text
from ingestion.readers import access_log
from tests.landing_zone import shipped

CON = duckdb.connect()


def tell(folder: Path, *lines: str) -> list[tuple[str | None, ...]]:
    """The fields of every line, and the reason where it has none."""
    path = folder / "access.log"
    path.write_text("\n".join(lines), encoding="utf-8")
    _, facts = examine_text(path, "auto", path.name)
    incoming = access_log.read(CON, path, facts, shipped()["access_log"], folder, path.name)
    assert incoming.headings == access_log.FIELDS
    columns = ", ".join(incoming.columns)
    return CON.execute(f"select {columns}, {incoming.row_problem} from ({incoming.relation}) order by _line").fetchall()


TIME = "[10/Oct/2000:13:55:36 -0700]"
STAMP = "10/Oct/2000:13:55:36 -0700"


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        pytest.param(
            f'127.0.0.1 - frank {TIME} "GET /a.gif HTTP/1.0" 200 2326',
            ("", "127.0.0.1", "frank", STAMP, "GET /a.gif HTTP/1.0", "200", "2326", "", ""),
            id="common",
        ),
        pytest.param(
            f'127.0.0.1 - - {TIME} "GET / HTTP/1.0" 304 - "http://x/?a=\\"b\\"" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
            (
                "",
                "127.0.0.1",
                "-",
                STAMP,
                "GET / HTTP/1.0",
                "304",
                "-",
                'http://x/?a=\\"b\\"',
                "Mozilla/4.08 [en] (Win98; I ;Nav)",
            ),
            id="combined",
        ),
        pytest.param(
            f'shop.example:443 2001:db8::1 - - {TIME} "POST /c HTTP/2.0" 500 0 "-" "curl/8"',
            ("shop.example:443", "2001:db8::1", "-", STAMP, "POST /c HTTP/2.0", "500", "0", "-", "curl/8"),
            id="host first",
        ),
        pytest.param(
            f'1.2.3.4 - - {TIME} "GET /\\x22\\\\ HTTP/1.1" 200 5 "-" "Agent "with" quotes"   ',
            ("", "1.2.3.4", "-", STAMP, "GET /\\x22\\\\ HTTP/1.1", "200", "5", "-", 'Agent "with" quotes'),
            id="quotes in the agent",
        ),
        pytest.param(
            f'1.2.3.4 - - {TIME} "-" 408 - "-" "-"',
            ("", "1.2.3.4", "-", STAMP, "-", "408", "-", "-", "-"),
            id="no request",
        ),
        pytest.param(
            f'1.2.3.4 - - {TIME} "" 400 0 "" ""',
            ("", "1.2.3.4", "-", STAMP, "", "400", "0", "", ""),
            id="empty request",
        ),
        pytest.param(
            f'1.2.3.4 - - {TIME} "\\x16\\x03\\x01" 400 226 "-" "-"',
            ("", "1.2.3.4", "-", STAMP, "\\x16\\x03\\x01", "400", "226", "-", "-"),
            id="encrypted rubbish",
        ),
    ],
)
def test_forms_of_lines(tmp_path: Path, line: str, fields: tuple[str, ...]) -> None:
    """A form of line that a server writes by default was quarantined, or its fields shifted."""
    assert tell(tmp_path, line) == [(*fields, None)]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "#Version: 1.0",
        '{"remote_addr": "1.2.3.4"}',
        f'1.2.3.4 - - {TIME} "GET / HTTP/1.1" 200',
        f'1.2.3.4 - - {TIME} "GET / HTTP/1.1" 2000 5',
        f'1.2.3.4 - - {TIME} "GET / HTTP/1.1 200 5',
        f'1.2.3.4 - - {TIME[:-1]} "GET / HTTP/1.1" 200 5',
        f'1.2.3.4 - - {TIME} "GET / HTTP/1.1" 200 5 "-"',
        '1.2.3.4 - - "GET / HTTP/1.1" 200 5',
        "a" * 100_000,
        " - - - ",
    ],
)
def test_lines_of_another_form_are_set_aside_one_by_one(tmp_path: Path, line: str) -> None:
    """One cut-off line refused the whole log, or was loaded with empty fields."""
    good = f'1.2.3.4 - - {TIME} "GET / HTTP/1.1" 200 5'
    rows = tell(tmp_path, good, line, good)
    reasons = [row[-1] for row in rows]
    assert reasons[0] is None and reasons[-1] is None
    if line:
        assert reasons[1] == "this is no line of the log formats common or combined"
    else:
        assert len(rows) == 2
