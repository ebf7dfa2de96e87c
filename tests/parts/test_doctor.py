"""What `kontor doctor` finds on a machine that lacks something."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

import pytest

from kontor import doctor
from kontor.doctor import diagnose
from kontor.doctor_texts import doctor_say
from kontor.settings import KEY_VARIABLE, Backup, Postgres, Publish, Settings, load_settings

PROJECT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 6)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path / "data"))
    for name in ("KONTOR_ALERTS", KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    settings = load_settings(PROJECT / "kontor.toml")
    for source in settings.sources:
        (settings.paths.inbox / source.files).parent.mkdir(parents=True, exist_ok=True)
    return settings


def wrong(settings: Settings) -> list[str]:
    found = diagnose(settings, doctor_say("en"), NOW)
    return [diagnosis.text for diagnosis in found if diagnosis.state == "wrong"]


def test_a_machine_that_has_everything_lacks_nothing(settings: Settings) -> None:
    """A doctor who finds something wrong with everybody is not listened to."""
    assert wrong(settings) == []


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_secrets_that_others_can_read_are_found(settings: Settings) -> None:
    """The key of the pseudonyms in the hands of whoever may log in."""
    settings.pseudonym_key()
    assert wrong(settings) == []
    settings.paths.secrets.chmod(0o644)
    [said] = wrong(settings)
    assert "mode 644" in said and f"chmod 600 {settings.paths.secrets}" in said


def test_a_share_that_does_not_answer_hangs_nobody(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network share that is gone, and a command that waits for it for ever."""
    scandir, silent = os.scandir, settings.paths.inbox / "erp"
    monkeypatch.setattr(doctor, "_ANSWERS_WITHIN_SECONDS", 0.2)

    def slow(folder: Path):
        if folder == silent:
            time.sleep(2)
        return scandir(folder)

    monkeypatch.setattr(doctor.os, "scandir", slow)
    [said] = wrong(settings)
    assert said.startswith(f"erp: {silent} does not answer within 0.2 seconds")


def test_targets_that_cannot_be_reached_are_found(settings: Settings, tmp_path: Path) -> None:
    """Backups that went nowhere for a year; a server whose password is missing, noticed at six in the morning."""
    (tmp_path / "no folder").write_text("a file")
    postgres = Postgres(host="localhost", port=1, database="d", user="u", password="${KONTOR_NO_SUCH_PASSWORD}")
    changed = {"backup": Backup(folder=str(tmp_path / "no folder")), "publish": Publish(postgres=postgres)}
    said = wrong(settings.model_copy(update=changed))
    assert len(said) == 2
    assert "KONTOR_NO_SUCH_PASSWORD is not set" in said[0]
    assert said[1].startswith(f"Backups should go to {tmp_path / 'no folder'}")


def test_a_full_disk_and_a_damaged_warehouse_are_found(settings: Settings) -> None:
    """A run that breaks off each night, for a cause that a look would have told."""
    settings.paths.warehouse.write_bytes(b"no database" * 1000)
    alerts = settings.alerts.model_copy(update={"disk_free_gb": 1e6})
    said = wrong(settings.model_copy(update={"alerts": alerts}))
    assert len(said) == 2
    assert "kontor housekeeping" in said[0] and "1,000,000.0 GB" in said[0]
    assert "kontor rebuild" in said[1]


def test_another_package_than_needed_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update of one package by hand, after which nothing works and nobody knows why."""
    there = doctor.version
    monkeypatch.setattr(doctor, "version", lambda name: "1.4.0" if name == "duckdb" else there(name))
    [said] = wrong(settings)
    assert "duckdb<3,>=1.5.5 (1.4.0)" in said and "pip install -r requirements.lock" in said
