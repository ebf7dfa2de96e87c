"""A listener to steps that are tried again."""

from __future__ import annotations

from collections.abc import Callable

from orchestration.progress import Silent


class TryingAgain(Silent):
    """Keeps what was said, and does what is to be done before the step is tried again."""

    def __init__(self, mend: Callable[[], None] = lambda: None) -> None:
        self.said: list[str] = []
        self._mend = mend

    def trying_again(self, said: str, seconds: float) -> None:
        self.said.append(said)
        self._mend()
