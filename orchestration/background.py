"""Work in a thread of its own that tells of what happens, and that keeps nobody waiting once it hangs.

dbt waits for ever where a full disk has ended one of its threads: without a word, and with the warehouse open. A run
must end all the same, whoever started it, and so must its process, or no later night could write.
"""

from __future__ import annotations

import atexit
import errno
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

_Event = TypeVar("_Event")
_Outcome = TypeVar("_Outcome")
# On a full disk the next statement fails within seconds.
_PATIENCE_SECONDS = 60.0


class Background(Generic[_Event, _Outcome]):
    """Work that is handed what to call with each event; it begins when its events are asked for."""

    def __init__(
        self,
        name: str,
        work: Callable[[Callable[[_Event], None]], _Outcome],
        disk_is_full: Callable[[], bool],
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._work, self._disk_is_full, self._patience_seconds = work, disk_is_full, patience_seconds
        # None after the last one.
        self._events: SimpleQueue[_Event | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._is_over = False
        self._error: BaseException | None = None

    def events(self) -> Iterator[_Event]:
        """What happens, until the work has ended; who stops asking waits for that end.

        Raises OSError where a full disk has silenced the work: then it is waited for no longer.
        """
        atexit.register(self._leave)
        self._thread.start()
        try:
            yield from self._until_the_end()
        finally:
            with suppress(OSError):
                for _ in self._until_the_end():
                    pass

    def outcome(self) -> _Outcome:
        """What the work brought, once there are no more events. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._outcome

    def _run(self) -> None:
        try:
            self._outcome = self._work(self._events.put)
        except BaseException as error:
            self._error = error
        finally:
            self._events.put(None)

    def _until_the_end(self) -> Iterator[_Event]:
        heard = time.monotonic()
        was_full = False
        while not self._is_over:
            try:
                event = self._events.get(timeout=min(1.0, self._patience_seconds))
            except Empty:
                # Somebody may make room while it hangs.
                was_full = was_full or self._disk_is_full()
                if was_full and time.monotonic() - heard >= self._patience_seconds:
                    self._is_over = True
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
                continue
            if event is None:
                self._is_over = True
                atexit.unregister(self._leave)
                return
            heard, was_full = time.monotonic(), False
            yield event

    def _leave(self) -> None:
        """End the process at once, without cleaning up around a thread that is at work or hangs."""
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)
