"""What is tried again: what passes by itself, and nothing else. The PostgreSQL server's part is in test_postgres.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from kontor.settings import Settings, load_settings
from orchestration.assets.raw import company_asset, raw_assets
from tests.trying_again import TryingAgain

SETTINGS = """
[company]
name = "Muster GmbH"
[inbox]
folder = "{inbox}"
keep_files = true
[[source]]
name = "ads"
kind = "ad_costs"
files = "*.csv"
role = "web"
"""
GOOD = (
    "date,platform,campaign,impressions,clicks,cost,currency,conversions\n2026-12-01,google_ads,W,100,5,12.34,EUR,1\n"
)
AT_ONCE = (0.0, 0.0, 0.0)
# Holds the database open until its input ends, as somebody's SQL client does.
HOLDER = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A company whose inbox is somebody else's folder, as on a network drive."""
    for name in ("KONTOR_CONFIG", "KONTOR_DATA"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "kontor.toml").write_text(SETTINGS.format(inbox=tmp_path / "drive"), encoding="utf-8")
    return load_settings(tmp_path / "kontor.toml")


def load(settings: Settings, listener: TryingAgain) -> dg.ExecuteInProcessResult:
    """The steps that load."""
    assets = [company_asset(settings, listener, AT_ONCE), *raw_assets(settings, listener, AT_ONCE)]
    job = dg.Definitions(assets=assets).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance, raise_on_error=False)


def test_a_drive_that_comes_back_is_waited_for(settings: Settings) -> None:
    """A night without figures because the network drive slept for ten seconds."""

    def connect() -> None:
        settings.paths.inbox.mkdir()
        (settings.paths.inbox / "a.csv").write_text(GOOD, encoding="utf-8")

    listener = TryingAgain(connect)
    result = load(settings, listener)
    assert result.success
    assert len(listener.said) == 1 and "network drive" in listener.said[0]
    loaded = result.asset_materializations_for_node("raw__ad_costs")[0].metadata["rows_loaded"]
    assert loaded.value == 1


def test_a_drive_that_stays_away_ends_the_run_with_its_sentence(settings: Settings) -> None:
    """Waiting for ever; `Exceeded max_retries` as the cause of a night without figures."""
    listener = TryingAgain()
    result = load(settings, listener)
    assert not result.success
    assert len(listener.said) == 3
    (failure,) = [event.step_failure_data.user_failure_data for event in result.get_step_failure_events()]
    assert failure.description == listener.said[0]


def test_a_program_that_closes_the_warehouse_is_waited_for(settings: Settings) -> None:
    """A night without figures because somebody looked into the pipeline's database at that moment."""
    settings.paths.inbox.mkdir()
    settings.paths.data.mkdir()
    command = [sys.executable, "-c", HOLDER, str(settings.paths.warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        holder.stdout.readline()

        def close() -> None:
            holder.communicate()

        listener = TryingAgain(close)
        assert load(settings, listener).success
    assert len(listener.said) == 1 and "has" in listener.said[0]


def test_a_bad_file_is_not_tried_again(settings: Settings) -> None:
    """Two minutes of waiting each night for a file that is as wrong as before."""
    settings.paths.inbox.mkdir()
    (settings.paths.inbox / "a.csv").write_text("something;else\n1;2\n", encoding="utf-8")
    listener = TryingAgain()
    result = load(settings, listener)
    assert result.success, "the others go on"
    assert listener.said == []
    (check,) = [check for check in result.get_asset_check_evaluations() if check.check_name == "files_accepted"]
    assert not check.passed
