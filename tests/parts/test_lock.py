"""The writer's lock: one holder at a time, named to whoever comes second, free when its holder is dead."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from kontor.lock import WriterBusy, holder_of, writer_lock

NOW = datetime(2026, 11, 22, 5, 0)
PROJECT = Path(__file__).parents[2]

_HOLD = """
    import sys
    from datetime import datetime
    from pathlib import Path
    from kontor.lock import writer_lock
    with writer_lock(Path(sys.argv[1]), "kontor run", datetime(2026, 11, 22, 4, 0)):
        print("held", flush=True)
        sys.stdin.readline()
"""


@contextmanager
def another_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until a line comes, or it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_HOLD), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    """Two runs that write at once; a refusal that does not say whom to wait for."""
    lock = tmp_path / "writer.lock"
    with another_process(lock) as process:
        with pytest.raises(WriterBusy) as busy, writer_lock(lock, "kontor rebuild", NOW):
            pytest.fail("the lock was given twice")
        assert "kontor run" in str(busy.value)
        assert "since 2026-11-22 04:00 UTC" in str(busy.value)
        assert f"process {process.pid} " in str(busy.value)
        assert holder_of(lock) == str(busy.value)


def test_it_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    """`--wait` that gives up at once, or one that never does."""
    lock = tmp_path / "writer.lock"
    with another_process(lock) as process:
        began = time.monotonic()
        with pytest.raises(WriterBusy), writer_lock(lock, "kontor run", NOW, wait_seconds=0.3):
            pytest.fail("the lock was given twice")
        assert 0.3 <= time.monotonic() - began < 5
        process.communicate("done\n")
        with writer_lock(lock, "kontor run", NOW, wait_seconds=5):
            pass


def test_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    """A lock file left behind by a killed run that stops every run after it."""
    lock = tmp_path / "writer.lock"
    with another_process(lock) as process:
        process.kill()
        process.wait()
        assert lock.with_name("writer.lock.holder").exists(), "the test must leave a holder's entry behind"
        assert holder_of(lock) is None
        with writer_lock(lock, "kontor run", NOW):
            pass


def test_a_step_of_the_holder_may_take_it_again(tmp_path: Path) -> None:
    """A run that waits for itself."""
    lock = tmp_path / "writer.lock"
    with writer_lock(lock, "kontor run", NOW):
        with writer_lock(lock, "publishing", NOW):
            pass
        assert "kontor run" in (holder_of(lock) or ""), "the inner step must not give it up"
    assert holder_of(lock) is None


def test_a_holder_whose_entry_cannot_be_read_is_a_sentence_all_the_same(tmp_path: Path) -> None:
    """A traceback instead of `busy` in the moment between taking the lock and naming its holder."""
    lock = tmp_path / "writer.lock"
    with another_process(lock):
        lock.with_name("writer.lock.holder").write_text("{", encoding="utf-8")
        assert (holder_of(lock) or "").startswith("Another kontor")


def test_nobody_holds_what_does_not_exist(tmp_path: Path) -> None:
    """`kontor status` that makes files in a folder it only looks at."""
    assert holder_of(tmp_path / "writer.lock") is None
    assert not list(tmp_path.iterdir())
