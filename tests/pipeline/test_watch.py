"""What runs tell of themselves afterwards, out of Dagster's record; runs whose process is gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from dagster import DagsterRunStatus as Status

from kontor.settings import Settings, load_settings
from kontor.watching import problems_now
from orchestration.alive import alive, dead_runs, fail_dead_runs
from orchestration.build import build_definitions, pipeline_jobs
from orchestration.failure import CAUSE
from orchestration.instance import instance_of
from orchestration.outcome import Outcome, outcome_of
from orchestration.watch import make_up_for
from serving.errors import PublishError
from tests.company import PROJECT, Company
from tests.pipeline.conftest import DemoRun

PIPELINE = frozenset({"daily", "work"})


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("KONTOR_CONFIG", "KONTOR_DATA"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "kontor.toml").write_text('[company]\nname = "Muster GmbH"\nlanguage = "en"\n', encoding="utf-8")
    return load_settings(tmp_path / "kontor.toml")


def outcome(instance: dg.DagsterInstance, settings: Settings, error: Exception, name: str = "published") -> Outcome:
    """How a run tells of a step that ended like this, before another one that fails too."""

    @dg.op(name=name)
    def first() -> int:
        raise error

    @dg.op
    def second() -> None:
        raise ValueError("Petra Moosgartlinger")

    @dg.job
    def work() -> None:
        first()
        second()

    result = work.execute_in_process(instance=instance, raise_on_error=False)
    found = outcome_of(instance, result.run_id, settings, PIPELINE)
    assert found is not None
    return found


def said(found: Outcome) -> str:
    (problem,) = found.problems
    return problem.said


def test_a_failed_run_tells_its_first_cause(instance: dg.DagsterInstance, settings: Settings) -> None:
    """A mail that names the last of three steps that failed for one cause."""
    error = PublishError('The version could not be made: "Petra" is wrong.')
    error.__cause__ = ValueError("Petra Moosgartlinger")
    found = outcome(instance, settings, error)
    assert not found.succeeded
    assert "broke off at: publishing. Cause: The version could not be made: … is wrong." in said(found)


def test_the_cause_that_a_step_states_is_told_and_not_its_rows(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    """The rows that a check objected to in a mail, because the terminal shows them."""
    stated = dg.Failure("The marts: customer Petra, revenue 12.50", metadata={CAUSE: "Revenue is negative (2 rows)"})
    assert said(outcome(instance, settings, stated, "models")).endswith(
        "building and checking the marts. Cause: Revenue is negative (2 rows)"
    )


def test_of_an_error_of_a_library_only_its_kind_is_told(instance: dg.DagsterInstance, settings: Settings) -> None:
    """A name that a database quotes."""
    told = said(outcome(instance, settings, KeyError("Petra Moosgartlinger"), "raw__ads"))
    assert told.endswith("loading files. Cause: an unexpected error (KeyError); the terminal or the logs say more.")


def test_a_full_disk_is_told_as_such(instance: dg.DagsterInstance, settings: Settings) -> None:
    """An error of the database for what a person can put right."""
    (problem,) = outcome(instance, settings, OSError(28, "No space left on device")).problems
    assert problem.cause == "disk" and problem.said.endswith("There is no room left on the disk.")


def test_a_copy_elsewhere_is_a_matter_of_its_own(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Late data that nobody is told of for weeks, because a server is switched off."""
    found = outcome(instance, settings, PublishError("No."), "published_postgres")
    assert [problem.key for problem in found.problems] == ["run:pipeline:published_postgres", "run:pipeline"]
    assert found.looked_at == {"run:pipeline"}, "nothing says that the copy is well again"


def test_the_same_failure_is_the_same_cause_on_the_next_night(instance: dg.DagsterInstance, settings: Settings) -> None:
    """A new mail each night because a time or a number in it is another."""
    causes = {outcome(instance, settings, PublishError(f"Process {n} failed.")).problems[0].cause for n in (17, 4711)}
    assert len(causes) == 1


def test_a_run_of_the_demo_company_tells_its_checks(copied: Company) -> None:
    """A failed check that nobody hears of, since the run is green; rows of it in a mail."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in copied.environment.items():
            patch.setenv(name, value)
        settings = load_settings(copied.config)
        with instance_of(settings) as instance:
            record = instance.get_run_records(ascending=True)[0]
            found = outcome_of(instance, record.dagster_run.run_id, settings, pipeline_jobs(settings))
    assert found is not None and found.succeeded
    told = {problem.key: problem.said for problem in found.problems}
    assert "check:warn_articles_not_listed" in told
    assert told["check:warn_articles_not_listed"].startswith("Verkaufte Artikel, die in keiner Artikelliste stehen.")
    assert "LA-9999" not in str(told)
    assert {"run:pipeline", "unread:erp", "drift:erp", "check:quarantine_rate:erp"} <= found.looked_at
    assert not [key for key in found.looked_at if key.startswith("late")], "found by looking, not by a run"


def test_what_is_the_matter_between_runs(copied: Company) -> None:
    """A source that stopped delivering, a machine that was off: told by the next run at the earliest."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in copied.environment.items():
            patch.setenv(name, value)
        settings = load_settings(copied.config)
        soon = datetime.now(UTC).replace(tzinfo=None)
        assert {problem.kind for problem in problems_now(settings, soon)} <= {"disk", "late"}
        later = soon + timedelta(days=40)
        found = {problem.key: problem.said for problem in problems_now(settings, later)}
    assert {"old:published", "late:webshop", "late:ads", "late:machines"} <= found.keys()
    assert "late:plan" not in found, "a plan is made once a year"
    assert found["late:webshop"].startswith("webshop ist überfällig: neueste Zeile vom ")


# --- runs whose process is gone --------------------------------------------------------------------------------------


@dg.job
def some_job() -> None:
    """A job without steps."""


def test_a_run_is_alive_as_long_as_its_process(instance: dg.DagsterInstance, settings: Settings) -> None:
    """A long run taken for dead, and another one begun beside it; a killed run that keeps all later ones waiting."""
    run = instance.create_run_for_job(some_job, status=Status.STARTED, run_id=str(uuid4()))
    soon, later = datetime.now(UTC), datetime.now(UTC) + timedelta(hours=3)
    assert dead_runs(instance, settings, soon) == [], "it may be just starting"
    child = os.fork()
    if child == 0:
        with alive(settings, run.run_id):
            signal.pause()
        os._exit(0)
    lock = settings.paths.dagster_home / "running" / f"{run.run_id}.lock"
    while not lock.exists():
        time.sleep(0.01)
    time.sleep(0.1)
    assert dead_runs(instance, settings, later) == []
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert [dead.run_id for dead in dead_runs(instance, settings, later)] == [run.run_id]


def test_a_run_that_died_is_made_up_for_once(instance: dg.DagsterInstance, settings: Settings) -> None:
    """No figures after a power cut at six; a run that takes all memory, begun again and again all day."""
    run = instance.create_run_for_job(some_job, status=Status.STARTED)
    jobs = frozenset({run.job_name})
    fail_dead_runs(instance, settings, datetime.now(UTC) + timedelta(hours=3))
    found = outcome_of(instance, run.run_id, settings, jobs)
    assert found is not None and "its process was ended" in said(found)
    (request,) = make_up_for(instance, jobs)
    again = instance.create_run_for_job(some_job, status=Status.STARTED, tags=request.tags)
    assert make_up_for(instance, jobs) == []
    fail_dead_runs(instance, settings, datetime.now(UTC) + timedelta(hours=3))
    assert instance.get_run_by_id(again.run_id).status is Status.FAILURE
    assert make_up_for(instance, jobs) == []


def test_a_run_that_failed_at_a_step_is_not_made_up_for(instance: dg.DagsterInstance, settings: Settings) -> None:
    """A second run at once for a check that fails again."""
    outcome(instance, settings, PublishError("No."))
    assert make_up_for(instance, PIPELINE) == []


def test_the_sensor_asks_and_tells(first: DemoRun, tmp_path: Path) -> None:
    """Definitions in which the watch is switched off, or fails without an address for alerts."""
    company = Company(tmp_path / "data", PROJECT / "kontor.toml")
    (company.data / "dbt").mkdir(parents=True)
    manifest = first.company.data / "dbt" / "manifest.json"
    os.link(manifest, company.data / "dbt" / "manifest.json")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in company.environment.items():
            patch.setenv(name, value)
        definitions = build_definitions(load_settings(company.config))
    sensor = definitions.resolve_sensor_def("watch")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    with dg.DagsterInstance.ephemeral() as instance:
        result = sensor(dg.build_sensor_context(instance=instance))
    assert result.skip_reason is not None
    assert result.skip_reason.skip_message == "Looked; 0 messages."
