"""When runs begin by themselves: Dagster's own scheduler over nights of a year, and the sensor on the inbox."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster import DagsterRunStatus as Status
from dagster._core.storage.tags import SCHEDULED_EXECUTION_TIME_TAG
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.workspace.load_target import ModuleTarget
from dagster._scheduler.scheduler import launch_scheduled_runs

from kontor.settings import Settings, load_settings
from orchestration.build import build_definitions
from orchestration.instance import instance_of
from tests.company import PROJECT, Company
from tests.pipeline.conftest import DemoRun

BERLIN = ZoneInfo("Europe/Berlin")
LOG = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def company(first: DemoRun, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Its daily run is at an hour that one night of the year does not have and another has twice."""
    folder = tmp_path_factory.mktemp("schedule")
    settings = (PROJECT / "kontor.toml").read_text(encoding="utf-8")
    (folder / "kontor.toml").write_text(settings.replace('daily = "06:00"', 'daily = "02:30"'), encoding="utf-8")
    shutil.copytree(PROJECT / "mappings", folder / "mappings")
    data = first.company.copy(folder / "data").data
    # As if nobody had looked yet: the nights below lie before today.
    shutil.rmtree(data / "dagster")
    return Company(data, folder / "kontor.toml")


@pytest.fixture(scope="module")
def settings(company: Company) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in company.environment.items():
            patch.setenv(name, value)
        yield load_settings(company.config)


@pytest.fixture(scope="module")
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    with instance_of(settings) as made:
        yield made


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def half_hours(day: str) -> list[datetime]:
    """From one o'clock for four hours and a half."""
    first = local(f"{day} 01:00").astimezone(UTC)
    return [first + timedelta(minutes=30 * number) for number in range(10)]


@pytest.fixture(scope="module")
def looks(instance: dg.DagsterInstance) -> Iterator[Callable[..., None]]:
    """What the daemon does at a moment, in Berlin's time."""
    target = ModuleTarget("orchestration.definitions", None, str(PROJECT), None)
    with create_test_daemon_workspace_context(target, instance) as workspace:
        times: dict = {}

        def look(*moments: datetime) -> None:
            for moment in moments:
                # Without threads of its own the daemon looks in this one.
                errors = launch_scheduled_runs(workspace, LOG, moment.astimezone(UTC), times)
                assert not [error for error in errors if error is not None]

        yield look


def begun(instance: dg.DagsterInstance) -> list[str]:
    """The hours for which runs were asked for, in Berlin's time."""
    runs = instance.get_runs(dg.RunsFilter(job_name="daily", statuses=[Status.QUEUED]))
    told = sorted(run.tags[SCHEDULED_EXECUTION_TIME_TAG] for run in runs)
    return [datetime.fromisoformat(moment).astimezone(BERLIN).isoformat() for moment in told]


def test_each_day_has_one_run_and_days_off_have_one_together(
    looks: Callable[..., None], instance: dg.DagsterInstance
) -> None:
    """A night without a run or with two when the clock changes; after days off a run for each day missed, or none."""
    looks(local("2026-03-28 01:00"))
    for day in ("2026-03-28", "2026-03-29", "2026-03-30"):
        looks(*half_hours(day))
    assert begun(instance) == ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
    looks(local("2026-04-07 09:00"), local("2026-04-07 12:00"))
    assert begun(instance)[3:] == ["2026-04-07T02:30:00+02:00"], "the machine was off for a week"
    looks(local("2026-10-24 12:00"))
    for day in ("2026-10-25", "2026-10-26"):
        looks(*half_hours(day))
    assert begun(instance)[4:] == [
        "2026-10-24T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
        "2026-10-26T02:30:00+01:00",
    ]


# --- the inbox -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def inbox(settings: Settings) -> Callable[..., dg.SensorResult]:
    """One look of the sensor, after the look whose result is given."""
    sensor = build_definitions(settings).resolve_sensor_def("inbox")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING

    def look(instance: dg.DagsterInstance, before: dg.SensorResult | None = None) -> dg.SensorResult:
        cursor = before.cursor if before else None
        return sensor(dg.build_sensor_context(instance=instance, cursor=cursor))

    return look


def asked(result: dg.SensorResult) -> list[str | None]:
    return [request.job_name for request in result.run_requests or []]


def test_a_complete_file_is_loaded_by_the_job_of_its_domain(
    company: Company, inbox: Callable[..., dg.SensorResult]
) -> None:
    """A file that waits for the night; a run beside the one that loads it already; a run for each look."""
    (company.inbox / "web/ads").mkdir(parents=True, exist_ok=True)
    (company.inbox / "web/ads/new.csv").write_text("date\n", encoding="utf-8")
    with dg.DagsterInstance.ephemeral() as instance:
        first_look = inbox(instance)
        assert asked(first_look) == [], "it may still be growing"
        run = instance.create_run_for_job(some_job, status=Status.STARTED)
        second = inbox(instance, first_look)
        assert asked(second) == [], "a run is under way"
        instance.delete_run(run.run_id)
        third = inbox(instance, second)
        assert asked(third) == ["web"]
        assert asked(inbox(instance, third)) == []
        (company.inbox / "erp").mkdir(exist_ok=True)
        (company.inbox / "erp/new.csv").write_text("Belegnr\n", encoding="utf-8")
        (company.inbox / "web/ads/new.csv").write_text("date,platform\n", encoding="utf-8")
        both = inbox(instance, inbox(instance, third))
        assert asked(both) == ["daily"], "two domains are one run"
    shutil.rmtree(company.inbox / "erp")
    shutil.rmtree(company.inbox / "web")


def test_files_wait_where_the_settings_say_so(company: Company, settings: Settings) -> None:
    """Runs in the middle of the working day of a company that wants figures to stand still until tomorrow."""
    quiet = settings.model_copy(update={"schedule": settings.schedule.model_copy(update={"inbox": False})})
    sensor = build_definitions(quiet).resolve_sensor_def("inbox")
    (company.inbox / "erp").mkdir(exist_ok=True)
    (company.inbox / "erp/new.csv").write_text("Belegnr\n", encoding="utf-8")
    with dg.DagsterInstance.ephemeral() as instance:
        found = sensor(dg.build_sensor_context(instance=instance))
        assert asked(sensor(dg.build_sensor_context(instance=instance, cursor=found.cursor))) == []
    shutil.rmtree(company.inbox / "erp")


@dg.job
def some_job() -> None:
    """A job without steps."""
