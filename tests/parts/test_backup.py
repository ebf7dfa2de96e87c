"""Snapshots and their store: what is saved, what is saved once, and what is said of a damaged or foreign backup."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kontor.backing_up import take_backup
from kontor.backup_status import backup_status
from kontor.settings import Backup, Settings, load_settings
from kontor.texts import Say
from operations.backup import back_up, read_snapshot, snapshots
from operations.errors import OperationError
from operations.record import BackupDone, DrillDone, Record, note, read_record
from operations.restore import bring_back
from operations.store import Store, new_key

NOW = datetime(2026, 11, 22, 6, 0)


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A company with two archived files of one content, a refused one, a mapping and Dagster's state; no warehouse."""
    for variable in [name for name in os.environ if name.startswith("KONTOR_")]:
        monkeypatch.delenv(variable)
    home = tmp_path / "company"
    for name, text in {
        "kontor.toml": '[company]\nname = "Lampen"\n',
        "mappings/erp.yaml": "kind: erp\nextends: sales_lines\n",
        "data/archive/journal.ndjson": "{}\n",
        "data/archive/erp/2026-11/a.csv": "Größe\n1\n",
        "data/archive/erp/2026-11/b.csv": "Größe\n1\n",
        "data/refused/erp/c.csv": "?",
        "data/dagster/dagster.yaml": "telemetry: {}\n",
        "data/serve/versions/x/warehouse.duckdb": "made from the rest",
        "data/dbt/manifest.json": "made from the rest",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    return load_settings(home / "kontor.toml")


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return Store(tmp_path / "share", new_key() if request.param else None)


def restored(store: Store, into: Path) -> dict[str, str]:
    bring_back(store, read_snapshot(store, snapshots(store)[0]), into, on_file=lambda saved: None)
    return {str(path.relative_to(into)): path.read_text(encoding="utf-8") for path in into.rglob("*") if path.is_file()}


def test_what_is_saved_comes_back_and_nothing_that_can_be_made(company: Settings, store: Store, tmp_path: Path) -> None:
    """A backup without the key or the mappings restores other numbers; one with the warehouse fills the share."""
    back_up(company, store, NOW, keep=3)
    found = restored(store, tmp_path / "new")
    key = company.pseudonym_key()
    assert f"KONTOR_PSEUDONYM_KEY={key}\n" in found.pop("data/.env")
    assert found == {
        "kontor.toml": '[company]\nname = "Lampen"\n',
        "mappings/erp.yaml": "kind: erp\nextends: sales_lines\n",
        "data/archive/journal.ndjson": "{}\n",
        "data/archive/erp/2026-11/a.csv": "Größe\n1\n",
        "data/archive/erp/2026-11/b.csv": "Größe\n1\n",
        "data/refused/erp/c.csv": "?",
        "data/dagster/dagster.yaml": "telemetry: {}\n",
    }
    assert (tmp_path / "new" / "data" / ".env").stat().st_mode & 0o077 == 0
    modified = (company.paths.archive / "erp/2026-11/a.csv").stat().st_mtime_ns
    assert (tmp_path / "new/data/archive/erp/2026-11/a.csv").stat().st_mtime_ns == modified


def test_a_key_from_the_environment_is_saved_too(
    company: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restore all pseudonyms were others, because the key stood in no file."""
    monkeypatch.setenv("KONTOR_PSEUDONYM_KEY", "from the environment")
    back_up(company, store, NOW, keep=3)
    assert "KONTOR_PSEUDONYM_KEY=from the environment" in restored(store, tmp_path / "new")["data/.env"]


def test_a_second_backup_writes_only_what_is_new(company: Settings, store: Store) -> None:
    """Years of archive copied again every night."""
    first = back_up(company, store, NOW, keep=3)
    assert (first.new_files, len(first.snapshot.files)) == (7, 8), "two files of one content are kept once"
    (company.paths.archive / "erp/2026-11/d.csv").write_text("new")
    second = back_up(company, store, NOW + timedelta(days=1), keep=3)
    assert (second.new_files, second.new_bytes) == (1, 3)
    assert len(second.snapshot.files) == 9


def test_old_snapshots_make_room_and_their_contents_too(company: Settings, store: Store) -> None:
    """A share that fills up, or one from which contents vanish that a kept snapshot needs."""
    refused = company.paths.refused / "erp" / "c.csv"
    for day in range(4):
        refused.write_text(f"state {day}")
        done = back_up(company, store, NOW + timedelta(days=day), keep=2)
    assert done.removed == 1
    assert snapshots(store) == ["20261125T060000Z", "20261124T060000Z"]
    needed = {file.sha256 for name in snapshots(store) for file in read_snapshot(store, name).files}
    assert {sha256 for sha256, _ in store.objects()} == needed


def test_nothing_of_an_encrypted_backup_can_be_read_without_the_key(company: Settings, tmp_path: Path) -> None:
    """A share in the office that anybody reads."""
    store = Store(tmp_path / "share", new_key())
    back_up(company, store, NOW, keep=3)
    for path in store.folder.rglob("*"):
        if path.is_file() and path.name != "README.txt":
            assert path.suffix == ".age"
            content = path.read_bytes()
            assert not any(word in content for word in (b"Lampen", "Größe".encode(), b"archive", b"PSEUDONYM"))
    name = snapshots(store)[0]
    with pytest.raises(OperationError, match="is encrypted"):
        read_snapshot(Store(store.folder, None), name)
    with pytest.raises(OperationError, match="cannot be decrypted"):
        read_snapshot(Store(store.folder, new_key()), name)
    with pytest.raises(OperationError, match="begins with AGE-SECRET-KEY-1"):
        Store(store.folder, "secret")


def object_of(store: Store, path: str) -> Path:
    [sha256] = {file.sha256 for file in read_snapshot(store, snapshots(store)[0]).files if file.path == path}
    return next(path for found, path in store.objects() if found == sha256)


def test_a_damaged_or_missing_content_is_said_and_not_restored(company: Settings, store: Store, tmp_path: Path) -> None:
    """A restore that ends well with a flipped bit in last year's invoices."""
    back_up(company, store, NOW, keep=3)
    damaged = object_of(store, "data/archive/erp/2026-11/a.csv")
    content = bytearray(damaged.read_bytes())
    content[-3] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(OperationError, match=r"is damaged|file is damaged"):
        restored(store, tmp_path / "one")
    assert not (tmp_path / "one/data/archive/erp/2026-11/a.csv").exists()
    damaged.unlink()
    with pytest.raises(OperationError, match="is missing in the backup"):
        restored(store, tmp_path / "two")


def test_a_restore_overwrites_nothing(company: Settings, store: Store) -> None:
    """Somebody restores last month's state over the running company."""
    back_up(company, store, NOW, keep=3)
    with pytest.raises(OperationError, match="a restore overwrites nothing"):
        restored(store, company.config.parent)


@pytest.mark.parametrize(
    "path", ["../out", "data/../../out", "/etc/out", "settings/../../out", "data\\..\\out", "C:/out"]
)
def test_a_backup_cannot_write_outside_of_the_folder(company: Settings, tmp_path: Path, path: str) -> None:
    """A backup from a share is input like any other."""
    store = Store(tmp_path / "share", None)
    back_up(company, store, NOW, keep=3)
    [file] = (store.folder / "snapshots").iterdir()
    document = json.loads(file.read_text(encoding="utf-8"))
    document["files"][-1]["path"] = path
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(OperationError, match="outside of"):
        restored(store, tmp_path / "into" / "deep")
    assert not list(tmp_path.rglob("out"))


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1}', '{"format": 99, "kontor": "7.0"}'])
def test_a_snapshot_that_cannot_be_read(company: Settings, tmp_path: Path, text: str) -> None:
    """A traceback on the day on which somebody needs the backup."""
    store = Store(tmp_path / "share", None)
    back_up(company, store, NOW, keep=3)
    [file] = (store.folder / "snapshots").iterdir()
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OperationError, match=r"is damaged|newer Kontor \(7.0\)"):
        read_snapshot(store, snapshots(store)[0])


def test_a_share_that_is_full_or_gone(company: Settings, tmp_path: Path) -> None:
    """A night without backup that nobody hears of, or one that ends with a traceback."""
    (tmp_path / "share").write_text("a file where the folder should be")
    with pytest.raises(OperationError, match=r"The backup into .* failed: .* Earlier backups there are as they were"):
        back_up(company, Store(tmp_path / "share", None), NOW, keep=3)


def test_nothing_to_save_yet(company: Settings, store: Store) -> None:
    """An empty snapshot that later pushes a good one out."""
    (company.paths.archive / "journal.ndjson").unlink()
    with pytest.raises(OperationError, match="nothing to save"):
        back_up(company, store, NOW, keep=3)


# --- what is noted, and what `kontor status` makes of it --------------------------------------------------------------


def test_the_last_backup_and_the_last_drill_are_noted_apart(company: Settings) -> None:
    """After a drill nobody knew any more when the last backup was, or a damaged note stopped `kontor status`."""
    data = company.paths.data
    backup = BackupDone(NOW, "20261122T060000Z", "/mnt/share", is_encrypted=True)
    drill = DrillDone(NOW + timedelta(hours=6), succeeded=True, snapshot="20261122T060000Z", marts=53, equal=53)
    assert read_record(data) == Record()
    note(data, backup)
    note(data, drill)
    assert read_record(data) == Record(backup, drill)
    (data / "backup_record.json").write_text("{", encoding="utf-8")
    assert read_record(data) == Record()


@pytest.mark.parametrize(
    ("hours", "succeeded", "lines", "needs"),
    [
        (2, True, ["Last backup: 2026-11-22 07:00, to /mnt/share, encrypted.", "53 of 53"], []),
        (60, True, ["Last backup", "53 of 53"], ["The last backup is 2 days old"]),
        (16 * 24, True, ["Last backup", "53 of 53"], ["16 days old", "For 16 days nobody has tried"]),
        (2, False, ["Last backup"], ["could not restore the backup: objects/3f is damaged."]),
    ],
)
def test_status_says_how_backups_are(
    company: Settings, hours: int, succeeded: bool, lines: list[str], needs: list[str]
) -> None:
    """A backup that stopped in spring was missed in autumn; a drill that failed was a line in a log."""
    settings = company.model_copy(update={"backup": Backup(folder="/mnt/share")})
    note(settings.paths.data, BackupDone(NOW, "a", "/mnt/share", is_encrypted=True))
    problem = None if succeeded else "objects/3f is damaged."
    note(settings.paths.data, DrillDone(NOW, succeeded, "a", marts=53, equal=53, problem=problem))
    told, wanted = backup_status(settings, Say("en"), NOW + timedelta(hours=hours))
    assert len(told) == len(lines) and all(part in line for part, line in zip(lines, told, strict=True))
    assert len(wanted) == len(needs) and all(part in need for part, need in zip(needs, wanted, strict=True))


def test_no_backup_at_all_is_said(company: Settings) -> None:
    """A company found out that it had no backup when it needed one."""
    told, wanted = backup_status(company, Say("en"), NOW)
    assert "No backup is set up" in told[0] and wanted == []
    told, wanted = backup_status(company.model_copy(update={"backup": Backup(folder="x")}), Say("en"), NOW)
    assert told == [] and "kontor backup" in wanted[0]


def test_a_drive_that_is_not_connected_is_noticed(company: Settings, tmp_path: Path) -> None:
    """The share was not mounted: for a year backups went onto the disk that they were to save, until it was full."""
    share = tmp_path / "mnt" / "kontor"
    settings = company.model_copy(update={"backup": Backup(folder=str(share))})
    with pytest.raises(OperationError, match=r"does not exist. Is the drive connected"):
        take_backup(settings, None, NOW)
    share.mkdir(parents=True)
    take_backup(settings, None, NOW)
    shutil.rmtree(share)
    share.mkdir()
    with pytest.raises(OperationError, match=r"holds no backups, though the last one went there"):
        take_backup(settings, None, NOW + timedelta(days=1))
    assert list(share.iterdir()) == []
    take_backup(settings, share, NOW + timedelta(days=1))
    assert read_record(settings.paths.data).backup == BackupDone(
        NOW + timedelta(days=1), "20261123T060000Z", str(share), is_encrypted=False
    )
