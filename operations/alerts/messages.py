"""Problems as messages: one for each cause, with what to do and the command for it."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from kontor.settings import Settings
from operations.alerts.problem import KINDS, Problem
from operations.alerts.texts import alert_say

# Of a kind, so many are listed; a hundred late sources are one cause.
_LISTED = 20


@dataclass(frozen=True)
class Message:
    """What is sent; both plain text."""

    title: str
    body: str


def problem_messages(
    problems: Iterable[Problem], settings: Settings, now: datetime, *, still: bool = False
) -> list[tuple[Message, list[Problem]]]:
    """One message for each kind of problem, the nearer cause first, with the problems it tells of."""
    ordered = sorted(problems, key=lambda problem: (KINDS.index(problem.kind), problem.about))
    say = alert_say(settings.company.language)
    messages = []
    for kind, group in groupby(ordered, key=lambda problem: problem.kind):
        found = list(group)
        title = say(f"{kind}_title")
        lines = [
            *_list([problem.said for problem in found]),
            "",
            say("to_do", text=say(f"{kind}_do")),
            f"    {say(f'{kind}_command', about=found[0].about)}",
            "",
            say("again_after", n=settings.alerts.repeat_days),
        ]
        messages.append((_signed(say("still", title=title) if still else title, lines, settings, now), found))
    return messages


def well_message(said: Sequence[str], settings: Settings, now: datetime) -> Message:
    """What is no longer the case."""
    say = alert_say(settings.company.language)
    return _signed(say("well_title"), [say("well_said"), *(f"• {line}" for line in said)], settings, now)


def plain_message(title: str, text: str, settings: Settings, now: datetime) -> Message:
    """A message that tells of no problem."""
    return _signed(title, [text], settings, now)


def _list(said: list[str]) -> list[str]:
    if len(said) == 1:
        return said
    more = [f"… +{len(said) - _LISTED}"] if len(said) > _LISTED else []
    return [*(f"• {line}" for line in said[:_LISTED]), *more]


def _signed(title: str, lines: list[str], settings: Settings, now: datetime) -> Message:
    say, company = alert_say(settings.company.language), settings.company
    local = now.replace(tzinfo=UTC).astimezone(ZoneInfo(company.time_zone))
    signed = say("signed", company=company.name, machine=socket.gethostname(), time=say.day(local))
    return Message(f"Kontor: {title}", "\n".join([*lines, "", signed]))
