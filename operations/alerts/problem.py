"""What can be the matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# In the order in which one is the cause of the next: a full disk stops runs, a run that stopped makes data late.
Kind = Literal["disk", "run", "old", "refused", "unread", "late", "check", "drift"]
KINDS: tuple[Kind, ...] = ("disk", "run", "old", "refused", "unread", "late", "check", "drift")

# What a failure of the jobs that load, build and publish is about: until one ends well, data grow late and old by it.
PIPELINE = "pipeline"

# What people can live with: with nothing else the matter, all is well.
REMARKS: frozenset[Kind] = frozenset({"check", "drift"})

# What happens in one run and is over with it: nothing to be well again.
PASSING: frozenset[Kind] = frozenset({"drift"})


@dataclass(frozen=True)
class Problem:
    """One thing that a person must know.

    `about` tells it from others of its kind: a source, a job, a check. `said` is the sentence about it in the company's
    language. With another `cause` it is another problem, and is said anew.
    """

    kind: Kind
    about: str
    said: str
    cause: str = ""

    @property
    def key(self) -> str:
        """Its name in the memory."""
        return f"{self.kind}:{self.about}"
