"""Backup and restore on the command line: a stranger with the folder, and nothing else, gets the same marts."""

from __future__ import annotations

from pathlib import Path

from tests.company import Company
from tests.pipeline.conftest import DemoRun


def test_a_backup_becomes_the_same_warehouse_on_an_empty_machine(first: DemoRun, tmp_path: Path) -> None:
    """A backup that nobody ever restored: something is missing in it, and it is noticed on the worst day."""
    share = tmp_path / "share"
    made = first.company.kontor("backup", "--new-key")
    [key] = [line for line in made.stdout.splitlines() if line.startswith("KONTOR_BACKUP_KEY=")]
    key = {"KONTOR_BACKUP_KEY": key.partition("=")[2]}
    saved = first.company.kontor("backup", "--to", str(share), **key)
    assert saved.returncode == 0 and "encrypted." in saved.stdout, saved.stdout + saved.stderr
    assert "Lampenwerk" in first.company.kontor("restore", str(share), "--list", **key).stdout

    unread = first.company.kontor("restore", str(share), "--into", str(tmp_path / "no"))
    assert unread.returncode == 1 and "KONTOR_BACKUP_KEY" in unread.stderr and "Traceback" not in unread.stderr

    into = tmp_path / "new"
    restored = Company(into / "data", into / "kontor.toml")
    said = restored.kontor("restore", str(share), "--into", str(into), **key)
    assert said.returncode == 0, said.stdout + said.stderr
    marts = first.company.marts()
    assert f"{len(marts)} of {len(marts)} marts are as they were published, compared value for value." in said.stdout
    assert restored.marts() == marts
    again = restored.kontor("restore", str(share), "--into", str(into), **key)
    assert again.returncode == 1 and "overwrites nothing" in again.stderr


def test_the_drill_notices_what_cannot_be_restored(first: DemoRun, tmp_path: Path) -> None:
    """A weekly drill that is green whatever the backup holds."""
    share = tmp_path / "share"
    assert first.company.kontor("backup", "--to", str(share)).returncode == 0
    objects = [path for path in (share / "objects").glob("*/*") if path.stat().st_size > 100_000]
    objects[0].write_bytes(b"other")
    said = first.company.kontor("restore", str(share), "--drill")
    assert said.returncode == 1 and "is damaged" in said.stderr, said.stdout + said.stderr
    assert not list(first.company.data.glob("kontor-drill-*"))
