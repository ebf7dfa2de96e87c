"""What docs/analyse/ gives analysts to begin with: the questions answer something, the notebook runs."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest

from tests.company import PROJECT
from tests.pipeline.conftest import DemoRun

QUESTIONS = [
    (title, sql)
    for title, sql in re.findall(
        r"^-- \d+\. ([^\n]+)\n(.+?;)$",
        (PROJECT / "docs" / "analyse" / "questions.sql").read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
]


def test_there_are_twenty() -> None:
    """Guards the tests below against a file that is not understood."""
    assert len(QUESTIONS) == 20


@pytest.mark.parametrize(("title", "sql"), QUESTIONS, ids=[title for title, _ in QUESTIONS])
def test_a_question_has_an_answer(first: DemoRun, title: str, sql: str) -> None:
    """An example that fails, or answers nothing, the first time somebody copies it."""
    with first.company.published() as con:
        rows = con.execute(sql).fetchall()
    assert rows, title
    assert any(value is not None for row in rows for value in row[1:]), rows[:3]


def test_the_notebook_runs(first: DemoRun) -> None:
    """A notebook that is out of step with the tables it reads."""
    if importlib.util.find_spec("marimo") is None:
        pytest.skip("marimo is not installed: pip install marimo")
    notebook = PROJECT / "docs" / "analyse" / "start.py"
    said = subprocess.run(
        [sys.executable, str(notebook)],
        cwd=PROJECT,
        env={**first.company.environment, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert said.returncode == 0, said.stdout + said.stderr
