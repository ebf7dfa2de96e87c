"""Versions kept, removed and gone back to."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serving import versions
from serving.errors import NoSuchVersion, ServingError
from serving.versions import (
    current_version,
    finish_version,
    list_versions,
    point_current,
    published_at,
    remove_old,
    rollback,
    start_version,
)


def version(serve: Path, day: int, *, current: bool = True) -> str:
    """A version of that day of November, with a file in place of a database."""
    building = start_version(serve, datetime(2026, 11, day, 6, tzinfo=UTC))
    (building / "warehouse.duckdb").write_text(f"day {day}")
    path = finish_version(building)
    if current:
        point_current(serve, path.name)
    return path.name


def test_nothing_published(tmp_path: Path) -> None:
    assert current_version(tmp_path) is None
    assert list_versions(tmp_path) == []
    with pytest.raises(NoSuchVersion, match="Nothing is published"):
        rollback(tmp_path)


def test_newest_first(tmp_path: Path) -> None:
    names = [version(tmp_path, day) for day in (1, 2, 3)]
    assert list_versions(tmp_path) == names[::-1]
    assert current_version(tmp_path) == names[-1] == "20261103T060000Z"


def test_two_versions_of_one_second(tmp_path: Path) -> None:
    """Two publishes within a second had one name, and the second one failed."""
    names = [version(tmp_path, 1) for _ in range(3)]
    assert names == ["20261101T060000Z", "20261101T060001Z", "20261101T060002Z"]
    assert list_versions(tmp_path) == names[::-1]
    assert published_at(names[2]) == datetime(2026, 11, 1, 6, 0, 2, tzinfo=UTC)


def test_a_clock_set_back_does_not_make_the_newest_the_oldest(tmp_path: Path) -> None:
    """A rollback that goes forward, and a publish that removes what it has just made, for as long as the clock lags."""
    before = version(tmp_path, 20)
    after = [version(tmp_path, 3), version(tmp_path, 4)]
    assert list_versions(tmp_path) == [*after[::-1], before]
    assert rollback(tmp_path) == after[0]
    assert version(tmp_path, 21) == "20261121T060000Z", "when the clock is right again, so are the names"


def test_versions_of_earlier_kontors_are_dated(tmp_path: Path) -> None:
    """An update that cannot read what the version before it has published."""
    assert published_at("20261101T060000Z-02") == datetime(2026, 11, 1, 6, tzinfo=UTC)


def test_unfinished_and_half_removed_are_no_versions(tmp_path: Path) -> None:
    kept = version(tmp_path, 1)
    for name in (".building-20261102T060000Z", ".removed-20261031T060000Z", "notes"):
        (tmp_path / "versions" / name).mkdir()
    (tmp_path / "versions" / ".building-20261102T060000Z" / "warehouse.duckdb").write_text("half")
    assert list_versions(tmp_path) == [kept]


def test_start_removes_leftovers(tmp_path: Path) -> None:
    kept = version(tmp_path, 1)
    for name in (".building-20261102T060000Z", ".removed-20261031T060000Z"):
        (tmp_path / "versions" / name / "parquet").mkdir(parents=True)
    start_version(tmp_path, datetime(2026, 11, 3, tzinfo=UTC))
    assert sorted(os.listdir(tmp_path / "versions")) == [".building-20261103T000000Z", kept]


def test_a_leftover_link_does_not_block(tmp_path: Path) -> None:
    """A run killed between making the new link and renaming it left a link in the way of every later publish."""
    (tmp_path / ".current-next").symlink_to("versions/gone")
    assert version(tmp_path, 1) == current_version(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["current", "versions"]


def test_remove_old_keeps_the_newest(tmp_path: Path) -> None:
    names = [version(tmp_path, day) for day in range(1, 6)]
    removing = remove_old(tmp_path, 2)
    assert list_versions(tmp_path) == [names[4], names[3]]
    removing.join()
    assert sorted(os.listdir(tmp_path / "versions")) == sorted(names[3:])


def test_remove_old_never_removes_the_current_one(tmp_path: Path) -> None:
    names = [version(tmp_path, day) for day in range(1, 5)]
    rollback(tmp_path, names[0])
    remove_old(tmp_path, 1)
    assert list_versions(tmp_path) == [names[3], names[0]]
    assert current_version(tmp_path) == names[0]


def test_a_version_that_cannot_be_removed_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a reader's open file holds its folder fast."""
    names = [version(tmp_path, day) for day in range(1, 5)]
    rename = Path.rename

    def held(self: Path, target: Path) -> Path:
        if self.name == names[0]:
            raise PermissionError(13, "The process cannot access the file because it is being used by another process")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    remove_old(tmp_path, 2)
    assert list_versions(tmp_path) == [names[3], names[2], names[0]]
    assert (tmp_path / "versions" / names[0] / "warehouse.duckdb").read_text() == "day 1"


def test_a_version_half_removed_is_no_way_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A removal cut short left a folder that rollback offered."""
    names = [version(tmp_path, day) for day in range(1, 4)]
    monkeypatch.setattr(versions.shutil, "rmtree", lambda folder, ignore_errors: None)
    remove_old(tmp_path, 2)
    assert list_versions(tmp_path) == names[:0:-1]


def test_rollback_goes_one_back_each_time(tmp_path: Path) -> None:
    names = [version(tmp_path, day) for day in range(1, 4)]
    assert rollback(tmp_path) == names[1] == current_version(tmp_path)
    assert (tmp_path / "current" / "warehouse.duckdb").read_text() == "day 2"
    assert rollback(tmp_path) == names[0] == current_version(tmp_path)
    with pytest.raises(NoSuchVersion, match=f"{names[0]} is the oldest"):
        rollback(tmp_path)
    assert current_version(tmp_path) == names[0]


def test_rollback_to_a_name_also_forward(tmp_path: Path) -> None:
    names = [version(tmp_path, day) for day in range(1, 4)]
    assert rollback(tmp_path, names[0]) == names[0]
    assert rollback(tmp_path, names[2]) == names[2] == current_version(tmp_path)


def test_the_version_just_replaced_stays(tmp_path: Path) -> None:
    """A reader that had followed the link found no file, because the publish had removed it meanwhile."""
    names = [version(tmp_path, day) for day in range(1, 5)]
    remove_old(tmp_path, 1, replaced=names[2])
    assert list_versions(tmp_path) == [names[3], names[2]]


@pytest.mark.parametrize("name", ["20270101T000000Z", "../../etc", ".building-20261102T060000Z", ""])
def test_rollback_to_what_is_no_version(tmp_path: Path, name: str) -> None:
    kept = version(tmp_path, 1)
    (tmp_path / "versions" / ".building-20261102T060000Z").mkdir()
    with pytest.raises(NoSuchVersion, match=f"There is no version .*{kept}"):
        rollback(tmp_path, name)
    assert current_version(tmp_path) == kept


def test_rollback_when_the_current_version_is_gone(tmp_path: Path) -> None:
    kept = version(tmp_path, 1)
    point_current(tmp_path, "20261102T060000Z")
    assert current_version(tmp_path) is None
    with pytest.raises(NoSuchVersion, match=f"Name one of: {kept}"):
        rollback(tmp_path)
    assert rollback(tmp_path, kept) == kept


def test_current_that_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    with pytest.raises(ServingError, match="not a link"):
        current_version(tmp_path)
