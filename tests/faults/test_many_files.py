"""A hundred small files at once (ten thousand of them in benchmarks/small_files.py): each is loaded once, in order."""

from __future__ import annotations

import pytest

from ingestion import landing
from ingestion.archive import journal
from tests.landing_zone import LandingZone, line, text

FILES = 100


@pytest.fixture
def zone(zone: LandingZone) -> LandingZone:
    """With the files in its inbox."""
    for number in range(FILES):
        zone.drop(f"{number:04}.csv", text(line(number)))
    return zone


def assert_all_are_loaded_once(zone: LandingZone) -> None:
    assert zone.all("select count(*), count(distinct receipt), count(distinct _file_id) from raw.till_lines") == [
        (FILES, FILES, FILES)
    ]
    assert zone.all("select count(*), max(sequence), count(distinct archive_path) from ops.file") == [
        (FILES, FILES, FILES)
    ]
    assert zone.in_inbox() == [] and len(zone.archived()) == FILES


def test_many_small_files_at_once(zone: LandingZone) -> None:
    """A file that falls behind among many, is loaded twice, or is entered without its original."""
    results = zone.load()
    assert [result.file_name for result in results] == [f"{number:04}.csv" for number in range(FILES)]
    assert_all_are_loaded_once(zone)
    assert zone.load() == []


@pytest.mark.parametrize(
    ("step", "calls"),
    [("load_together", 0), ("bring_all_to_disk", 0), ("put_into_archive", FILES // 2), ("append_journal", 0)],
)
def test_killed_among_many(zone: LandingZone, monkeypatch: pytest.MonkeyPatch, step: str, calls: int) -> None:
    """Files of a common transaction lost or doubled, because the run ended before, in or behind it."""
    take, left = getattr(landing, step), calls

    class Killed(BaseException):
        """As `kill -9`, nothing catches it."""

    def killed(*arguments: object, **options: object) -> object:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1
        return take(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(landing, step, killed)
        with pytest.raises(Killed):
            zone.load()
    zone.close()
    zone.open()
    zone.load()
    assert_all_are_loaded_once(zone)
    assert [file.sequence for file in journal(zone.areas.archive)] == list(range(1, FILES + 1))
