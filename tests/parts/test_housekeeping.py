"""What may go, and what stays whatever the settings say."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion import ledger
from kontor.forecast import forecast
from kontor.lock import only_one
from kontor.settings import Housekeeping, Settings, load_settings
from operations import housekeeping
from operations.housekeeping import find
from serving.versions import DATABASE, current_version, finish_version, list_versions, point_current, start_version

PROJECT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 6)
GB = 1_000_000_000


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path / "data"))
    return load_settings(PROJECT / "kontor.toml")


def put(path: Path, days_old: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("some content")
    stamp = (NOW - timedelta(days=days_old) - datetime(1970, 1, 1)).total_seconds()
    os.utime(path, (stamp, stamp))
    return path


def remove_all(settings: Settings, **rules) -> dict[str, int]:
    findings = list(find(settings.model_copy(update={"housekeeping": Housekeeping(**rules)}), NOW))
    for finding in findings:
        finding.remove()
    return {finding.what: finding.items for finding in findings}


def test_old_logs_go_and_what_was_delivered_stays(settings: Settings, tmp_path: Path) -> None:
    """A disk full of logs; a rule for logs that takes an archived file, a refused one, or one still in the inbox."""
    paths = settings.paths
    old = [
        put(paths.logs / "kontor-2026-07-01.jsonl", 144),
        put(paths.dbt_target / "logs" / "dbt.log.3", 100),
        put(paths.dbt_target / "run" / "kontor" / "models" / "dropped.sql", 100),
        put(paths.dagster_home / "storage" / "some run" / "result", 100),
        put(paths.data / "kontor-drill-1" / "data" / "archive" / "copy.csv", 1),
    ]
    delivered = put(tmp_path / "delivered.csv", 3000)
    kept = [
        put(paths.logs / "kontor-2026-11-21.jsonl", 1),
        put(paths.logs / "up.log", 400),
        put(paths.dbt_target / "manifest.json", 400),
        put(paths.archive / "webshop" / "2019" / "orders.csv", 2500),
        put(paths.inbox / "webshop" / "orders.csv", 2500),
        put(paths.refused / "webshop" / "orders.csv", 2500),
        put(paths.secrets, 2500),
        put(paths.dagster_home / "history" / "runs.db", 2500),
        delivered,
    ]
    (paths.dbt_target / "logs" / "link").symlink_to(delivered)
    assert remove_all(settings) == {"old_logs": 1, "old_dbt": 2, "old_outputs": 1, "old_drills": 1}
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in kept)
    assert remove_all(settings) == {}


def test_a_drill_that_is_going_on_keeps_its_folder(settings: Settings) -> None:
    """A drill begun by hand before six failed, because the nightly run took its folder away."""
    copy = put(settings.paths.data / "kontor-drill-1" / "data" / "archive" / "copy.csv", 1)
    with only_one(settings.paths.drill_lock, "kontor restore --drill", NOW):
        assert remove_all(settings) == {} and copy.exists()
    assert remove_all(settings) == {"old_drills": 1} and not copy.exists()


def test_refused_files_and_quarantined_rows_go_only_where_the_settings_say_so(settings: Settings) -> None:
    """Rows that nobody has put right yet vanish by themselves; or they pile up for ever though a rule was given."""
    paths = settings.paths
    old, new = put(paths.refused / "erp" / "old.csv", 500), put(paths.refused / "erp" / "new.csv", 5)
    with closing(duckdb.connect(str(paths.warehouse))) as con:
        ledger.prepare(con, [])
        for day in (NOW - timedelta(days=500), NOW - timedelta(days=5)):
            con.execute("insert into ops.quarantine (source_name, line, quarantined_at) values ('erp', 7, ?)", [day])
    assert remove_all(settings) == {}
    assert remove_all(settings, keep_refused_days=400, keep_quarantine_days=400) == {
        "old_refused": 1,
        "old_quarantine": 1,
    }
    assert not old.exists() and new.exists()
    with closing(duckdb.connect(str(paths.warehouse))) as con:
        rows = con.execute("select quarantined_at from ops.quarantine").fetchall()
    assert rows == [(NOW - timedelta(days=5),)]


def test_versions_beyond_those_kept_go_and_the_one_that_readers_see_stays(settings: Settings) -> None:
    """After a rollback the version that everybody sees is an old one."""
    serve = settings.paths.serve
    names = []
    for hour in range(8):
        building = start_version(serve, datetime(2026, 11, 21, hour, tzinfo=UTC))
        (building / DATABASE).write_bytes(b"x" * 1000)
        names.append(finish_version(building).name)
    point_current(serve, names[1])
    keep = settings.publish.keep_versions
    [finding] = find(settings, NOW)
    assert (finding.what, finding.items, finding.bytes) == ("old_versions", 8 - keep - 1, (8 - keep - 1) * 1000)
    finding.remove()
    assert list_versions(serve) == sorted([names[1], *names[-keep:]], reverse=True)
    assert current_version(serve) == names[1]


def test_the_database_is_compacted_when_most_of_it_is_dead(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that keeps the size of its largest day for ever; or one that is written anew every night."""
    monkeypatch.setattr(housekeeping, "_LEAST_DEAD_BYTES", 1_000_000)
    file = settings.paths.warehouse
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(duckdb.connect(str(file))) as con:
        ledger.prepare(con, [])
        con.execute("create table raw.large as select md5(range::varchar) as text from range(200000)")
        con.execute("create table raw.small as select 42 as answer")
        con.execute("checkpoint")
    assert remove_all(settings) == {}
    with closing(duckdb.connect(str(file))) as con:
        con.execute("drop table raw.large")
        con.execute("checkpoint")
    size = file.stat().st_size
    assert remove_all(settings) == {"dead_space": 1}
    assert file.stat().st_size < size / 2
    with closing(duckdb.connect(str(file), read_only=True)) as con:
        assert con.execute("select answer from raw.small").fetchall() == [(42,)]
    assert remove_all(settings) == {}


def measured(used: list[float], days: list[float] | None = None) -> list[tuple[datetime, int]]:
    times = days or list(range(len(used)))
    return [(datetime(2026, 10, 1, 6) + timedelta(days=day), int(gb * GB)) for day, gb in zip(times, used, strict=True)]


def test_the_disk_is_forecast_by_its_usual_growth() -> None:
    """One large delivery of a year's files: the disk is said to be full next week."""
    steady = [100 + 0.5 * day for day in range(28)]
    found = forecast(measured(steady), 50 * GB)
    assert found is not None and found.days_until_full == pytest.approx(100, rel=0.01)
    jumped = [gb + (40 if day >= 14 else 0) for day, gb in enumerate(steady)]
    found = forecast(measured(jumped), 50 * GB)
    assert found is not None and 15 < found.days_until_full < 100


@pytest.mark.parametrize(
    "history",
    [
        [],
        measured([100 + day for day in range(9)]),
        measured([100 + day for day in range(12)], [day / 2 for day in range(12)]),
        measured([100] * 28),
        measured([100 - 0.1 * day for day in range(28)]),
    ],
    ids=["nothing", "nine days", "within a week", "no growth", "shrinking"],
)
def test_where_nothing_can_be_told_nothing_is_said(history: list[tuple[datetime, int]]) -> None:
    """A date made of two measurements; a disk that never fills, said to be full in ten thousand days."""
    assert forecast(history, 50 * GB) is None


def test_what_was_long_ago_says_nothing_of_the_growth_now() -> None:
    """The first weeks, in which years of history were loaded, decide for ever."""
    loading, calm = [100 + 5 * day for day in range(10)], [150 + 0.1 * day for day in range(40)]
    found = forecast(measured([*loading, *calm]), 50 * GB)
    assert found is not None and found.bytes_per_day == pytest.approx(0.1 * GB, rel=0.01)
