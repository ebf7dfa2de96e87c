"""Alerts on the command line: after a run, after a command that could not begin, and `kontor alerts`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

from kontor.lock import WriterBusy
from kontor.settings import ALERT_VARIABLE, Settings, SettingsError, settings_without_file
from kontor.texts import Say
from operations.alerts.causes import cause_of, chain_of, is_full_disk, same
from operations.alerts.channels import send
from operations.alerts.memory import read_memory, remembered
from operations.alerts.messages import plain_message
from operations.alerts.problem import PIPELINE, Problem
from operations.alerts.telling import Look, Told, tell, undelivered
from operations.alerts.texts import alert_say

if TYPE_CHECKING:
    from dagster import DagsterInstance


def tell_after_run(settings: Settings, console: Console, instance: DagsterInstance, run_id: str) -> None:
    """Tell people what a run of the command line found."""
    from orchestration.build import pipeline_jobs
    from orchestration.watch import tell_of_run

    _say(console, settings, tell_of_run(instance, run_id, settings, pipeline_jobs(settings), datetime.now(UTC)))


def tell_of_error(settings: Settings, console: Console, error: Exception, command: str) -> None:
    """Tell people that a command ended before a run began. That another one is just writing is no matter."""
    if isinstance(error, WriterBusy):
        return
    now = datetime.now(UTC)
    say, chain = alert_say(settings.company.language), chain_of(error)
    cause = cause_of(chain, say)
    time = say.day(now.astimezone(ZoneInfo(settings.company.time_zone)))
    problem = Problem(
        "run",
        PIPELINE,
        say("run_said_before", job=command, time=time, cause=cause),
        cause="disk" if is_full_disk(chain) else same(cause),
    )
    _say(console, settings, tell(settings, Look([problem], lambda key: False, now.replace(tzinfo=None))))


def tell_without_settings(config: Path | None, console: Console, error: Exception, command: str) -> None:
    """As `tell_of_error`, where it is the settings that are wrong: in German, from what stands in `data/.env`."""
    tell_of_error(settings_without_file(config), console, error, command)


def show_alerts(settings: Settings, console: Console) -> int:
    """Print what people were told and what did not arrive; 1 if something did not."""
    say, zone = Say(settings.company.language), ZoneInfo(settings.company.time_zone)
    urls, memory = settings.alert_urls(), read_memory(settings.paths.alerts)
    if not urls:
        console.print(say("alerts_none", variable=ALERT_VARIABLE, file=settings.paths.secrets), highlight=False)
        return 0
    console.print(say("alerts_channels", n=len(urls)), highlight=False)
    for known in sorted(memory.known.values(), key=lambda known: known.since):
        since = datetime.fromisoformat(known.since).replace(tzinfo=UTC).astimezone(zone)
        console.print(f"  [yellow]•[/yellow] {say.day(since)}  {escape(known.said)}", highlight=False)
    if not memory.known:
        console.print(f"[green]{say('alerts_nothing')}[/green]")
    for channel, said in memory.undelivered.items():
        _print_failed(console, say, channel, said)
    return 1 if memory.undelivered else 0


def test_alerts(settings: Settings, console: Console) -> int:
    """Send a test message over every channel and print what each answered; 1 if one did not take it."""
    urls, say = settings.alert_urls(), alert_say(settings.company.language)
    if not urls:
        raise SettingsError(
            f"There is no address for alerts. Write {ALERT_VARIABLE}=... into {settings.paths.secrets}; "
            "docs/betrieb/alarme.md has examples."
        )
    now = datetime.now(UTC).replace(tzinfo=None)
    answers = send(urls, plain_message(say("test_title"), say("test_said"), settings, now))
    with remembered(settings.paths.alerts) as memory:
        memory.undelivered = undelivered(answers)
    words = Say(settings.company.language)
    for answer in answers:
        if answer.arrived:
            console.print(f"[green]✓[/green] {words('alert_sent', channel=answer.channel)}", highlight=False)
        else:
            _print_failed(console, words, answer.channel, answer.said)
    return 0 if all(answer.arrived for answer in answers) else 1


def _say(console: Console, settings: Settings, told: Told) -> None:
    """What of the messages did not arrive; that one did needs no words."""
    say = Say(settings.company.language)
    for channel, said in {answer.channel: answer.said for answer in told.failed}.items():
        _print_failed(console, say, channel, said)
    if told.broken:
        _print_failed(console, say, "–", told.broken)


def _print_failed(console: Console, say: Say, channel: str, said: str) -> None:
    told = say("alert_failed", channel=channel, said=said)
    console.print(f"[yellow]•[/yellow] {escape(told)}", highlight=False, soft_wrap=True)
