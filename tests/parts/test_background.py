"""Work in the background: nobody waits for what hangs, and everybody for what does not."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from kontor.settings import PROJECT
from orchestration.background import Background

HANGS = """
import threading
from orchestration.background import Background
work = Background("dbt", lambda tell: tell(1) or threading.Event().wait(), lambda: True, patience_seconds=0.1)
for _ in work.events():
    {then}
"""


def test_events_come_in_order_and_then_the_outcome() -> None:
    """A build that is reported as done before its last test has failed."""

    def work(tell: Callable[[int], None]) -> str:
        for number in range(3):
            tell(number)
        return "done"

    background = Background("dbt", work, lambda: False)
    assert list(background.events()) == [0, 1, 2] and background.outcome() == "done"


def test_an_error_of_the_work_is_the_askers() -> None:
    """A build that broke off counts as one without failures."""
    background = Background("dbt", lambda tell: 1 // 0, lambda: False)
    assert list(background.events()) == []
    with pytest.raises(ZeroDivisionError):
        background.outcome()


def test_who_leaves_waits_for_the_end() -> None:
    """The warehouse is given to the next step while dbt still writes into it."""
    left, ended = threading.Event(), threading.Event()

    def work(tell: Callable[[int], None]) -> None:
        tell(1)
        left.wait()
        tell(2)
        ended.set()

    with closing(Background("dbt", work, lambda: False).events()) as events:
        assert next(events) == 1
        left.set()
    assert ended.is_set()


def test_silence_on_a_full_disk_is_an_end() -> None:
    """A run that waits for ever for dbt, and all later nights for that run."""
    looks = iter((False, True, False, False, False))
    background = Background(
        "dbt", lambda tell: threading.Event().wait(), lambda: next(looks, False), patience_seconds=0.02
    )
    with pytest.raises(OSError, match="No space left on device"):
        list(background.events())


@pytest.mark.parametrize("then", ["pass", "raise ValueError"])
def test_the_process_ends_whatever_its_work_does(then: str) -> None:
    """A process that holds the warehouse for ever, after its run has failed."""
    done = subprocess.run([sys.executable, "-c", HANGS.format(then=then)], cwd=PROJECT, timeout=60, capture_output=True)
    assert done.returncode == 1 and b"Error" in done.stderr
