"""What a finished run tells of itself, out of Dagster's record: whether it failed, at what, and what its checks found.

The same for runs of the command line and of the schedule, and for runs whose process was killed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
from dagster import DagsterEventType as EventType
from dagster import DagsterRunStatus as Status
from dagster._core.events import JobFailureData
from dagster._core.storage.dagster_run import RunRecord
from dagster._utils.error import SerializableErrorInfo

from kontor.findings import in_words
from kontor.settings import Settings
from kontor.texts import Say
from kontor.wordings import in_language
from operations.alerts.causes import Failed, cause_of, is_full_disk, same
from operations.alerts.problem import PIPELINE, Kind, Problem
from operations.alerts.texts import alert_say
from orchestration.alive import broke_off
from orchestration.assets.models import manifest_of
from orchestration.backup import DRILL
from orchestration.checks import CHECKS, SOURCES
from orchestration.failure import BACKUP, CAUSE

# Steps after which readers have their new version all the same.
_AFTERWARDS = ("published_postgres", BACKUP, "housekeeping")
_STEPS = ("models", "published", DRILL, *_AFTERWARDS)
# What the checks of raw tables are to a person; that a source is late is found by looking (kontor/watching.py).
_KINDS: dict[str, Kind] = {"files_accepted": "unread", "quarantine_rate": "check", "no_drift": "drift"}
_SAID = {"files_accepted": "unread_said", "quarantine_rate": "check_quarantine", "no_drift": "drift_said"}


@dataclass(frozen=True)
class Outcome:
    """How a run ended (UTC without zone), what is the matter, and the keys of problems that it would have found."""

    ended_at: datetime
    succeeded: bool
    problems: tuple[Problem, ...]
    looked_at: frozenset[str]


def outcome_of(
    instance: dg.DagsterInstance, run_id: str, settings: Settings, pipeline: frozenset[str]
) -> Outcome | None:
    """The outcome of a finished run; None of one that is not finished, or was called off by a person.

    `pipeline` names the jobs that load or build; any other job is about itself.
    """
    record = instance.get_run_record_by_id(run_id)
    if record is None or record.end_time is None or record.dagster_run.status not in (Status.SUCCESS, Status.FAILURE):
        return None
    job = record.dagster_run.job_name
    about = PIPELINE if job in pipeline else job
    succeeded = record.dagster_run.status is Status.SUCCESS
    problems = [] if succeeded else _failures(instance, record, settings, about)
    done = [event.step_key for event in _events(instance, run_id, EventType.STEP_SUCCESS)]
    # What comes after publishing is a matter of its own, of which a run without it says nothing.
    looked_at = {f"run:{about}", *(f"run:{about}:{step}" for step in _AFTERWARDS if step in done)}
    for key, problem in _checks(instance, run_id, settings):
        looked_at.add(key)
        if problem is not None:
            problems.append(problem)
    ended = datetime.fromtimestamp(record.end_time, UTC).replace(tzinfo=None)
    return Outcome(ended, succeeded, tuple(problems), frozenset(looked_at))


def _failures(instance: dg.DagsterInstance, record: RunRecord, settings: Settings, about: str) -> list[Problem]:
    """What a failed run failed at: of steps that fail for one cause the first one, and each step after publishing."""
    say, run_id = alert_say(settings.company.language), record.dagster_run.run_id
    began = record.create_timestamp.astimezone(ZoneInfo(settings.company.time_zone))
    told = {"job": record.dagster_run.job_name, "time": say.day(began)}
    if broke_off(instance, record.dagster_run):
        data = [event.event_specific_data for event in _events(instance, run_id, EventType.RUN_FAILURE)]
        chain = _chain(data[0].error) if data and isinstance(data[0], JobFailureData) else []
        # Definitions that cannot be loaded leave an error; a process that was killed leaves none.
        cause = cause_of(chain, say) if chain else say("cause_died")
        return [Problem("run", about, say("run_said_before", **told, cause=cause), cause=same(cause))]
    found: dict[str, Problem] = {}
    for event in _events(instance, run_id, EventType.STEP_FAILURE):
        step, data = event.step_key or "", event.step_failure_data
        given = data.user_failure_data
        chain = [*_chain(data.error), *([Failed("Failure", given.description or "")] if given else [])]
        stated = given.metadata.get(CAUSE) if given else None
        cause = in_language(str(stated.value), say.language) if stated else cause_of(chain, say)
        said = say("run_said", **told, step=_in_words(step, say), cause=cause)
        its = f"{about}:{step}" if step in _AFTERWARDS else about
        found.setdefault(
            its, Problem("run", its, said, cause="disk" if is_full_disk(chain) else same(f"{step} {cause}"))
        )
    return list(found.values())


def _in_words(step: str, say: Say) -> str:
    if step.startswith(("raw__", "company")):
        return say("step_loading")
    return say(f"step_{step}") if step in _STEPS else step


def _chain(error: SerializableErrorInfo | None) -> list[Failed]:
    """As `causes.chain_of`, of an error as Dagster keeps it: its text begins with its class's name."""
    chain = []
    while error is not None:
        name = (error.cls_name or "?").rpartition(".")[2]
        chain.append(Failed(name, re.sub(rf"^[\w.]*{re.escape(name)}: ", "", error.message)))
        error = error.cause or error.context
    return chain


def _checks(instance: dg.DagsterInstance, run_id: str, settings: Settings) -> Iterator[tuple[str, Problem | None]]:
    """The key of each problem that a check of this run would have found, and the problem if it has."""
    found = [event.event_specific_data for event in _events(instance, run_id, EventType.ASSET_CHECK_EVALUATION)]
    nodes: dict[str, Any] = {}
    if any(not check.passed and check.check_name not in CHECKS for check in found):
        nodes = json.loads(manifest_of(settings).read_text(encoding="utf-8"))["nodes"]
    for check in found:
        if check.asset_key.path[0] != "raw" or check.check_name not in CHECKS:
            yield from _dbt_test(check, nodes, settings)
            continue
        kind = _KINDS.get(check.check_name)
        told = check.metadata.get(SOURCES)
        objected = told.value if told else []
        for source in _sources_of(settings, check.asset_key.path[-1]) if kind else ():
            about = f"{check.check_name}:{source}" if kind == "check" else source
            said = alert_say(settings.company.language)(_SAID[check.check_name], source=source)
            problem = Problem(kind, about, said)
            yield problem.key, problem if source in objected else None


def _dbt_test(
    check: dg.AssetCheckEvaluation, nodes: dict[str, Any], settings: Settings
) -> Iterator[tuple[str, Problem | None]]:
    say = alert_say(settings.company.language)
    about = check.check_name
    if check.passed or check.severity is dg.AssetCheckSeverity.ERROR:
        # What a blocking test found is the cause of the run's failure, and told there.
        yield f"check:{about}", None
        return
    node = nodes.get(str(check.metadata["unique_id"].value), {}) if "unique_id" in check.metadata else {}
    text = in_words(node, Say(settings.company.language)) or about
    rows = check.metadata.get("dagster_dbt/failed_row_count")
    said = say("check_said", text=text, n=rows.value) if rows else text
    yield f"check:{about}", Problem("check", about, said)


def _sources_of(settings: Settings, table: str) -> list[str]:
    return [source.name for source in settings.sources if settings.contract_of(source).table == table]


def _events(instance: dg.DagsterInstance, run_id: str, kind: EventType) -> Iterator[dg.DagsterEvent]:
    for entry in instance.all_logs(run_id, of_type=kind):
        if entry.dagster_event is not None:
            yield entry.dagster_event
