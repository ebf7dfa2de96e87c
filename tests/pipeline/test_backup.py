"""Backup and restore on the command line: a stranger with the folder, and nothing else, gets the same marts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kontor.settings import Backup, load_settings
from orchestration.backup import DRILL
from orchestration.build import build_definitions
from tests.company import Company
from tests.pipeline.conftest import DemoRun

QUIET = {"config": {"log_level": "CRITICAL"}}


def test_a_backup_becomes_the_same_warehouse_on_an_empty_machine(
    first: DemoRun, copied: Company, tmp_path: Path
) -> None:
    """A backup that nobody ever restored: something is missing in it, and it is noticed on the worst day."""
    share = tmp_path / "share"
    made = copied.kontor("backup", "--new-key")
    [key] = [line for line in made.stdout.splitlines() if line.startswith("KONTOR_BACKUP_KEY=")]
    key = {"KONTOR_BACKUP_KEY": key.partition("=")[2]}
    saved = copied.kontor("backup", "--to", str(share), **key)
    assert saved.returncode == 0 and "MB, verschlüsselt." in saved.stdout, saved.stdout + saved.stderr
    assert "Lampenwerk" in copied.kontor("restore", str(share), "--list", **key).stdout

    unread = copied.kontor("restore", str(share), "--into", str(tmp_path / "no"))
    assert unread.returncode == 1 and "KONTOR_BACKUP_KEY" in unread.stderr and "Traceback" not in unread.stderr

    into = tmp_path / "new"
    restored = Company(into / "data", into / "kontor.toml")
    said = restored.kontor("restore", str(share), "--into", str(into), **key)
    assert said.returncode == 0, said.stdout + said.stderr
    marts = first.marts
    assert (
        f"{len(marts)} von {len(marts)} Auswertungen sind, wie sie veröffentlicht waren, verglichen Wert für Wert."
        in said.stdout
    )
    assert restored.marts() == marts
    again = restored.kontor("restore", str(share), "--into", str(into), **key)
    assert again.returncode == 1 and "overwrites nothing" in again.stderr


def test_the_weekly_drill_succeeds_and_one_that_fails_is_a_failed_run(
    copied: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weekly drill that is green whatever the backup holds, red whatever it holds, or red where nobody looks."""
    share = tmp_path / "share"
    assert copied.kontor("backup", "--to", str(share)).returncode == 0
    monkeypatch.setenv("KONTOR_DATA", str(copied.data))
    settings = load_settings(copied.config)
    settings = settings.model_copy(update={"backup": Backup(folder=str(share))})
    # The process of its own reads the settings file.
    config = tmp_path / "kontor.toml"
    config.write_text(f'{copied.config.read_text()}\n[backup]\nfolder = "{share}"\n', encoding="utf-8")
    settings = settings.model_copy(update={"config": config})
    shutil.copytree(copied.config.parent / "mappings", tmp_path / "mappings")

    definitions = build_definitions(settings)
    assert [one.job_name for one in definitions.schedules or [] if one.name == "restore_drill_schedule"] == [DRILL]
    job = definitions.resolve_job_def(DRILL)
    assert job.execute_in_process(run_config={"loggers": {"console": QUIET}}).success
    assert not list(copied.data.glob("kontor-drill-*"))
    told = copied.kontor("status").stdout
    marts = len(copied.marts())
    assert "Zuletzt zur Probe wiederhergestellt" in told and f"{marts} von {marts} Auswertungen wie zuvor" in told, told

    for path in (share / "objects").glob("*/*"):
        if path.stat().st_size > 100_000:
            path.write_bytes(b"other")
    result = job.execute_in_process(raise_on_error=False, run_config={"loggers": {"console": QUIET}})
    [failure] = result.filter_events(lambda event: event.is_step_failure)
    assert "ist beschädigt" in failure.step_failure_data.user_failure_data.description
    assert not list(copied.data.glob("kontor-drill-*"))
    told = copied.kontor("status").stdout
    assert "Letzte Sicherung" in told and "konnte die Sicherung nicht wiederherstellen" in told, told
