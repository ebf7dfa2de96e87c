"""The rules of what is said when: new problems at once, standing ones rarely, and that something is well again.

Nothing here ever raises: an alert that cannot be sent must not harm the run it would tell of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kontor.settings import Settings
from operations.alerts.channels import Answer, send
from operations.alerts.memory import Known, Memory, remembered
from operations.alerts.messages import Message, plain_message, problem_messages, well_message
from operations.alerts.problem import PASSING, PIPELINE, REMARKS, Problem

# After a message that no channel took: twice as long each time, at most this.
_LONGEST_PAUSE = timedelta(hours=1)
Sender = Callable[[tuple[str, ...], Message], list[Answer]]


@dataclass
class Told:
    """What was sent, and what of it did not arrive: `failed` by channel; `broken` says why nothing could be sent."""

    messages: list[Message] = field(default_factory=list)
    failed: list[Answer] = field(default_factory=list)
    broken: str | None = None


@dataclass(frozen=True)
class Look:
    """One look at the company: the problems found, and what there is to say beside them. Times are UTC without zone.

    `looked_at` says of a problem's key whether this look would have found it: others stay as they were. `all_well` is
    what to say if nothing is the matter and the settings ask for it. With `run_ended` the problems are those of a run;
    of runs that ended before the newest one looked at nothing is said.
    """

    found: Sequence[Problem]
    looked_at: Callable[[str], bool]
    now: datetime
    all_well: str | None = None
    run_ended: datetime | None = None


def tell(settings: Settings, look: Look) -> Told:
    """Say what is new among the problems found, and which of those told before are gone."""
    told = Told()
    try:
        urls = settings.alert_urls()
        if urls:
            with remembered(settings.paths.alerts) as memory:
                _Telling(settings, urls, memory, look, told).tell()
    except Exception as error:  # see above
        told.broken = f"{type(error).__name__}: {error}"
    return told


@dataclass(frozen=True)
class _Telling:
    """A look beside what was told before."""

    settings: Settings
    urls: tuple[str, ...]
    memory: Memory
    look: Look
    told: Told

    def tell(self) -> None:
        memory, look = self.memory, self.look
        ended, seen = look.run_ended, memory.seen_run
        if ended is not None and seen is not None and ended <= datetime.fromisoformat(seen):
            return
        if _pausing(memory, look.now):
            return
        # Nobody was reached: a later look says this and the rest.
        found = self._say_found()
        if found is None or not self._say_well(found):
            return
        self._say_all_well()
        if ended is not None:
            memory.seen_run = ended.isoformat()

    def _say_found(self) -> list[Problem] | None:
        """Say what is new and what has stood for long; what there is without mere consequences, None if unsaid."""
        memory, look = self.memory, self.look
        causes = without_consequences(list(look.found), {key for key in memory.known if not look.looked_at(key)})
        for problem in look.found:
            # A run that a full disk stopped is not said beside it, but what follows from the run waits for it all the
            # same.
            if problem.kind == "run" and problem not in causes:
                self._remember(problem)
        found = causes + [problem for problem in look.found if problem not in causes and problem.key in memory.known]
        new = [
            problem
            for problem in found
            if (known := memory.known.get(problem.key)) is None or known.cause != problem.cause
        ]
        standing = [problem for problem in found if problem not in new and self._long_ago(memory.known[problem.key])]
        for still, problems in ((False, new), (True, standing)):
            for message, told_of in problem_messages(problems, self.settings, look.now, still=still):
                if not self._send(message):
                    return None
                for problem in told_of:
                    self._remember(problem)
        return found

    def _say_well(self, found: list[Problem]) -> bool:
        """Say what is no longer the case; whether it was said."""
        there = {problem.key for problem in found}
        gone = {key: known for key, known in self.memory.known.items() if self.look.looked_at(key) and key not in there}
        well = [known.said for known in gone.values() if known.kind not in PASSING]
        if well and not self._send(well_message(well, self.settings, self.look.now)):
            return False
        for key, known in gone.items():
            # What passes with its run is remembered, so that the next file does not say it again.
            if known.kind not in PASSING or self._long_ago(known):
                del self.memory.known[key]
        return True

    def _say_all_well(self) -> None:
        nothing_else = all(known.kind in REMARKS for known in self.memory.known.values())
        if self.look.all_well and nothing_else and _due(self.settings, self.memory, self.look.now):
            title, _, text = self.look.all_well.partition("\n")
            if self._send(plain_message(title, text, self.settings, self.look.now)):
                self.memory.all_well_at = self.look.now.isoformat()

    def _long_ago(self, known: Known) -> bool:
        again = timedelta(days=self.settings.alerts.repeat_days)
        return self.look.now - datetime.fromisoformat(known.told_at) >= again

    def _send(self, message: Message) -> bool:
        """Send a message; whether a channel took it."""
        answers = send(self.urls, message)
        self.told.messages.append(message)
        self.told.failed += [answer for answer in answers if not answer.arrived]
        memory = self.memory
        memory.undelivered = undelivered(answers)
        arrived = any(answer.arrived for answer in answers)
        memory.tried_at, memory.tries = (None, 0) if arrived else (self.look.now.isoformat(), memory.tries + 1)
        return arrived

    def _remember(self, problem: Problem) -> None:
        now, known = self.look.now.isoformat(), self.memory.known.get(problem.key)
        since = known.since if known is not None and known.cause == problem.cause else now
        self.memory.known[problem.key] = Known(
            problem.kind, problem.about, problem.said, problem.cause, since=since, told_at=now
        )


def without_consequences(found: list[Problem], staying: set[str]) -> list[Problem]:
    """The problems that are no consequence of another: a full disk stops runs, a stopped run makes data late and old.

    `staying` are keys of problems told before that nobody looked at now.
    """
    there = staying | {problem.key for problem in found}
    if any(key.startswith("disk:") for key in there):
        found = [problem for problem in found if problem.kind != "run" or problem.cause != "disk"]
    if f"run:{PIPELINE}" in there:
        found = [problem for problem in found if problem.kind not in ("late", "old")]
    return found


def undelivered(answers: Iterable[Answer]) -> dict[str, str]:
    """What the channels said that did not take a message, by channel."""
    return {answer.channel: answer.said for answer in answers if not answer.arrived}


def _pausing(memory: Memory, now: datetime) -> bool:
    """Whether the last messages reached nobody, and it is too early to try again."""
    if memory.tried_at is None:
        return False
    pause = min(timedelta(minutes=2 ** min(memory.tries, 10)), _LONGEST_PAUSE)
    return now - datetime.fromisoformat(memory.tried_at) < pause


def _due(settings: Settings, memory: Memory, now: datetime) -> bool:
    """Whether it is time to say that all is well: once a day, or with the first run of a calendar week."""
    wanted = settings.alerts.all_well
    if wanted == "never" or memory.all_well_at is None:
        return wanted != "never"
    last = datetime.fromisoformat(memory.all_well_at)
    if wanted == "daily":
        return last.date() < now.date()
    return last.isocalendar()[:2] < now.isocalendar()[:2]
