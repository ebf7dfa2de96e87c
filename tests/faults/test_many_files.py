"""A hundred small files at once (ten thousand of them in benchmarks/small_files.py): each is loaded once, in order."""

from __future__ import annotations

from tests.landing_zone import LandingZone, line, text

FILES = 100


def test_many_small_files_at_once(zone: LandingZone) -> None:
    """A file that falls behind among many, is loaded twice, or is entered without its original."""
    for number in range(FILES):
        zone.drop(f"{number:04}.csv", text(line(number)))
    results = zone.load()
    assert [result.file_name for result in results] == [f"{number:04}.csv" for number in range(FILES)]
    assert zone.all("select count(*), count(distinct receipt), count(distinct _file_id) from raw.till_lines") == [
        (FILES, FILES, FILES)
    ]
    assert zone.all("select max(sequence), count(distinct archive_path) from ops.file") == [(FILES, FILES)]
    assert zone.in_inbox() == [] and len(zone.archived()) == FILES
    assert zone.load() == []
