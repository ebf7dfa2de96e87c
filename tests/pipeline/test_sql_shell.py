"""`kontor sql` at the keyboard, through a terminal of its own: a person who types, and what stands on the screen."""

from __future__ import annotations

import os
import re
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from serving.publish import publish
from tests.company import PROJECT, Company

pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals in Python's library")

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
_CONTROL = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>]|\][^\x07]*\x07)|\r")


def put(company: Company, amount: str, day: int = 0) -> None:
    """A published copy with one mart of three rows."""
    warehouse = company.data / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as con:
        con.execute(
            f"""
            create schema if not exists marts;
            create or replace table marts.fct_sale as
            select i as sale_id, ({amount} + i)::decimal(18, 4) as net_amount, '=1+1' as note from range(3) t(i);
            comment on table marts.fct_sale is 'One row per sale. Refunds are negative.';
            comment on column marts.fct_sale.net_amount is 'Net, in company currency.';
            """
        )
    publish(warehouse, company.data / "serve", keep=2, run_id=str(day), now=NOW + timedelta(days=day))


class Terminal:
    """A command in a pseudo-terminal of 120 columns."""

    def __init__(self, company: Company, *arguments: str) -> None:
        ours, theirs = pty.openpty()
        os.set_blocking(ours, False)
        self._line = ours
        self.process = subprocess.Popen(
            [str(Path(sys.executable).with_name("kontor")), *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=company.data,
            # Without an emulator nobody answers where the cursor stands.
            env={**company.environment, "TERM": "xterm", "COLUMNS": "120", "LINES": "40", "PROMPT_TOOLKIT_NO_CPR": "1"},
            start_new_session=True,
        )
        os.close(theirs)
        self._seen = ""

    def type(self, keys: str) -> None:
        os.write(self._line, keys.encode())

    def wait(self, words: str, seconds: float = 30) -> str:
        """What came on the screen since the last call, up to `words`."""
        deadline = time.monotonic() + seconds
        while words not in self._seen:
            left = deadline - time.monotonic()
            assert left > 0, f"{words!r} did not come; there is:\n{self._seen}"
            if select.select([self._line], [], [], left)[0]:
                try:
                    self._seen += _CONTROL.sub("", os.read(self._line, 65536).decode(errors="replace"))
                except OSError:
                    raise AssertionError(f"it ended before {words!r}; there is:\n{self._seen}") from None
        before, _, self._seen = self._seen.partition(words)
        return before + words

    def ask(self, keys: str, words: str) -> str:
        """Type, and wait for words of the answer and the next prompt; what came until the words."""
        self.type(keys)
        said = self.wait(words)
        self.wait("kontor>")
        return said

    def end(self) -> int:
        try:
            return self.process.wait(30)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            os.close(self._line)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company(tmp_path / "data", PROJECT / "kontor.toml")
    company.data.mkdir()
    put(company, "3100.85")
    return company


@pytest.fixture
def terminal(company: Company) -> Iterator[Terminal]:
    terminal = Terminal(company, "sql")
    terminal.wait("\\? helps, \\q leaves.")
    terminal.wait("kontor>")
    yield terminal
    if terminal.process.poll() is None:
        os.killpg(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait()


def test_a_session_from_the_first_question_to_the_last(terminal: Terminal, company: Company) -> None:
    """A prompt that only its author can use: no help, no tables, an error that ends it, lines that do not go on."""
    assert "Tab completes names" in terminal.ask("\\?\r", "asked before.")
    assert re.search(r"fct_sale +3 +One row per sale", terminal.ask("\\d\r", "One row per sale"))
    assert re.search(
        r"net_amount +DECIMAL\(18,4\) +Net, in company", terminal.ask("\\d fct_sale\r", "Net, in company currency.")
    )
    terminal.ask("\\d nothing\r", "There is no table nothing. \\d lists them.")
    terminal.ask("select nett from fct_sale;\r", 'Referenced column "nett" not found')
    terminal.type("select sum(net_amount)\r")
    assert "9305.55" in terminal.ask("from fct_sale;\r", "1 row,")
    terminal.ask("delete from fct_sale;\r", "read-only")
    assert "42" in terminal.ask("select 41 + 1 as answer\r\r", "1 row,")
    terminal.type("\\q\r")
    assert terminal.end() == 0
    history = company.data / "sql_history"
    assert "+from fct_sale;" in history.read_text(encoding="utf-8")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600


def test_what_was_asked_before_comes_back(terminal: Terminal, company: Company) -> None:
    """A history that is forgotten at the end of the day."""
    terminal.ask("select 1000 + 234 as first_day;\r", "1234")
    terminal.type("\x04")
    assert terminal.end() == 0
    again = Terminal(company, "sql")
    again.wait("kontor>")
    again.ask("\x1b[A\r", "1234")
    again.type("\x04")
    assert again.end() == 0


def test_tab_completes_tables_and_columns(terminal: Terminal) -> None:
    """Names of forty characters, typed by hand."""
    for keys, appears in (
        ("select max(note) from fct_s", "fct_s"),
        ("\t", "ale"),
        (" as s where s.net", "s.net"),
        ("\t", "_amount"),
    ):
        terminal.type(keys)
        terminal.wait(appears)
    assert "=1+1" in terminal.ask(" > 0;\r", "1 row,")


def test_a_new_version_is_there_with_the_next_question(terminal: Terminal, company: Company) -> None:
    """Yesterday's figures until somebody thinks of starting it again."""
    assert "3100.85" in terminal.ask("select min(net_amount) from fct_sale;\r", "1 row,")
    put(company, "4200.5", 1)
    said = terminal.ask("select min(net_amount) from fct_sale;\r", "1 row,")
    assert "4200.50" in said
    assert "The published copy of 2026-11-23 05:00 UTC." in said


def test_results_as_files(terminal: Terminal, company: Company) -> None:
    """A result that has to be copied from the screen; a text that becomes a formula on the way."""
    terminal.ask("\\csv first.csv\r", "Ask something first")
    terminal.ask("select sale_id, net_amount, note from fct_sale order by 1;\r", "3 rows,")
    terminal.ask("\\csv all.csv\r", "3 rows in all.csv.")
    terminal.ask("\\excel 'all of it.xlsx'\r", "3 rows in all of it.xlsx.")
    terminal.ask("\\csv nowhere/all.csv\r", "nowhere/all.csv cannot be written: No such file or directory.")
    terminal.type("\\q\r")
    assert terminal.end() == 0
    assert (company.data / "all.csv").read_text(encoding="utf-8").splitlines()[1] == "0,3100.8500,=1+1"
    sheet = CalamineWorkbook.from_path(company.data / "all of it.xlsx").get_sheet_by_index(0).to_python()
    assert sheet[:2] == [["sale_id", "net_amount", "note"], [0.0, 3100.85, "=1+1"]]


@pytest.mark.skipif(duckdb.__version__ < "2", reason="DuckDB 1.5 did not notice Ctrl+C within such a statement")
def test_ctrl_c_ends_the_statement_and_nothing_else(terminal: Terminal) -> None:
    """A statement over everything times everything, and only closing the window helps."""
    terminal.type("select sum(a.range * b.range) from range(10000000) a, range(10000000) b;\r")
    time.sleep(1)
    os.killpg(terminal.process.pid, signal.SIGINT)
    terminal.wait("Ended.")
    terminal.wait("kontor>")
    terminal.ask("select 6 * 7;\r", "42")


def test_one_statement_from_a_pipe(company: Company) -> None:
    """A script that waits for somebody to type."""
    said = subprocess.run(
        [str(Path(sys.executable).with_name("kontor")), "sql", "--csv"],
        input="select max(net_amount) as top from fct_sale",
        env=company.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (said.returncode, said.stdout) == (0, "top\n3102.8500\n"), said.stderr
