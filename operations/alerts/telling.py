"""The rules of what is said when: new problems at once, standing ones rarely, and that something is well again.

Nothing here ever raises: an alert that cannot be sent must not harm the run it would tell of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


def tell(
    settings: Settings,
    found: Iterable[Problem],
    looked_at: Callable[[str], bool],
    now: datetime,
    *,
    all_well: str | None = None,
    run_ended: datetime | None = None,
) -> Told:
    """Say what is new among the problems found, and which of those told before are gone.

    `looked_at` says of a problem's key whether this look would have found it: others stay as they were. `all_well` is
    what to say if nothing is the matter and the settings ask for it. With `run_ended` the problems are those of a run;
    of runs that ended before the newest one looked at nothing is said. Times are UTC without zone.
    """
    told = Told()
    try:
        urls = settings.alert_urls()
        if urls:
            with remembered(settings.paths.alerts) as memory:
                _tell(settings, urls, memory, list(found), looked_at, now, all_well, run_ended, told)
    except Exception as error:  # see above
        told.broken = f"{type(error).__name__}: {error}"
    return told


def _tell(
    settings: Settings,
    urls: tuple[str, ...],
    memory: Memory,
    found: list[Problem],
    looked_at: Callable[[str], bool],
    now: datetime,
    all_well: str | None,
    run_ended: datetime | None,
    told: Told,
) -> None:
    if run_ended is not None and memory.seen_run is not None and run_ended <= datetime.fromisoformat(memory.seen_run):
        return
    if _pausing(memory, now):
        return
    again = timedelta(days=settings.alerts.repeat_days)
    staying = {key for key in memory.known if not looked_at(key)}
    causes = without_consequences(found, staying)
    for problem in found:
        # A run that a full disk stopped is not said beside it, but what follows from the run waits for it all the same.
        if problem.kind == "run" and problem not in causes:
            _remember(memory, problem, now)
    found = causes + [problem for problem in found if problem not in causes and problem.key in memory.known]
    new = [
        problem for problem in found if (known := memory.known.get(problem.key)) is None or known.cause != problem.cause
    ]
    standing = [
        problem
        for problem in found
        if problem not in new and now - datetime.fromisoformat(memory.known[problem.key].told_at) >= again
    ]
    for still, problems in ((False, new), (True, standing)):
        for message, told_of in problem_messages(problems, settings, now, still=still):
            if not _send(urls, message, memory, now, told):
                # Nobody was reached: a later look says this and the rest.
                return
            for problem in told_of:
                _remember(memory, problem, now)
    if not _say_well(settings, urls, memory, found, looked_at, now, told):
        return
    nothing_else = all(known.kind in REMARKS for known in memory.known.values())
    if all_well and nothing_else and _due(settings, memory, now):
        title, _, text = all_well.partition("\n")
        if _send(urls, plain_message(title, text, settings, now), memory, now, told):
            memory.all_well_at = now.isoformat()
    if run_ended is not None:
        memory.seen_run = run_ended.isoformat()


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


def _say_well(
    settings: Settings,
    urls: tuple[str, ...],
    memory: Memory,
    found: list[Problem],
    looked_at: Callable[[str], bool],
    now: datetime,
    told: Told,
) -> bool:
    there = {problem.key for problem in found}
    gone = {key: known for key, known in memory.known.items() if looked_at(key) and key not in there}
    well = [known.said for known in gone.values() if known.kind not in PASSING]
    if well and not _send(urls, well_message(well, settings, now), memory, now, told):
        return False
    again = timedelta(days=settings.alerts.repeat_days)
    for key, known in gone.items():
        # What passes with its run is remembered, so that the next file does not say it again.
        if known.kind not in PASSING or now - datetime.fromisoformat(known.told_at) >= again:
            del memory.known[key]
    return True


def _send(urls: tuple[str, ...], message: Message, memory: Memory, now: datetime, told: Told) -> bool:
    """Send a message; whether a channel took it."""
    answers = send(urls, message)
    told.messages.append(message)
    told.failed += [answer for answer in answers if not answer.arrived]
    memory.undelivered = undelivered(answers)
    arrived = any(answer.arrived for answer in answers)
    memory.tried_at, memory.tries = (None, 0) if arrived else (now.isoformat(), memory.tries + 1)
    return arrived


def undelivered(answers: Iterable[Answer]) -> dict[str, str]:
    """What the channels said that did not take a message, by channel."""
    return {answer.channel: answer.said for answer in answers if not answer.arrived}


def _remember(memory: Memory, problem: Problem, now: datetime) -> None:
    known = memory.known.get(problem.key)
    since = known.since if known is not None and known.cause == problem.cause else now.isoformat()
    memory.known[problem.key] = Known(
        problem.kind, problem.about, problem.said, problem.cause, since=since, told_at=now.isoformat()
    )


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
