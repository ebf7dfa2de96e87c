"""A run over yesterday's file: it loads, it builds, and it is not green."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from kontor.report import RunReport
from kontor.settings import Settings, load_settings
from kontor.status import show_status
from orchestration.assets.raw import company_asset, raw_assets

SETTINGS = """
[company]
name = "Muster GmbH"
[inbox]
keep_files = true
[[source]]
name = "ads"
kind = "ad_costs"
files = "*.csv"
role = "web"
late_after_hours = 9000
expected_by = "00:00"
expected_weekdays = [1, 2, 3, 4, 5, 6, 7]
expected_on_holidays = true
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("KONTOR_CONFIG", "KONTOR_DATA"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "kontor.toml").write_text(SETTINGS, encoding="utf-8")
    settings = load_settings(tmp_path / "kontor.toml")
    settings.paths.inbox.mkdir(parents=True)
    return settings


def load(settings: Settings, *days_ago: int) -> tuple[RunReport, str, dg.AssetCheckEvaluation]:
    """The loading half of a run over a file with these days: its report, what it prints, and its check `fresh`."""
    today = datetime.now(UTC).date()
    lines = [f"{today - timedelta(days=days)},google_ads,Winter,100,5,12.34,EUR,1" for days in days_ago]
    head = "date,platform,campaign,impressions,clicks,cost,currency,conversions"
    file = settings.paths.inbox / f"{min(days_ago)}.csv"
    file.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    os.utime(file, (1, 1))
    console = Console(file=io.StringIO(), width=160)
    report = RunReport(settings, console)
    job = dg.Definitions(
        assets=[company_asset(settings, report), *raw_assets(settings, report)]
    ).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance)
    report.close()
    report.summarise_loading([])
    (fresh,) = [check for check in result.get_asset_check_evaluations() if check.check_name == "fresh"]
    return report, console.file.getvalue(), fresh


def test_a_green_run_over_an_old_file_is_not_green(settings: Settings) -> None:
    """A run that succeeds every night for weeks, over the export of a system that stopped exporting."""
    report, printed, fresh = load(settings, 5, 4, 3)
    assert report.missed_an_hour, "and so the exit status is 1"
    assert "ads ist überfällig: neueste Zeile vom " in printed
    assert "bis 00:00 Uhr waren die Daten vom " in printed
    assert not fresh.passed and fresh.severity is dg.AssetCheckSeverity.ERROR
    console = Console(file=io.StringIO(), width=160)
    assert show_status(settings, console, datetime.now(UTC).replace(tzinfo=None)) == 1
    assert "• ads ist überfällig: neueste Zeile vom " in console.file.getvalue()
    report, printed, fresh = load(settings, 2, 1, 0)
    assert not report.missed_an_hour
    assert "überfällig" not in printed
    assert fresh.passed
