"""Small files go together, and end as if each had been loaded by itself."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion import bundle
from ingestion.contract import Contract
from ingestion.landing import Run
from ingestion.ledger import LoadResult
from ingestion.replay import replay
from ingestion.source import Source
from tests.landing_zone import HEADINGS, ZONE, LandingZone, landing_zone, line, shipped, text, till_lines, varied

SLICE = {"mode": "replace_slice", "key": ("receipt",)}
CONTRACTS = {
    "append": till_lines(),
    "upsert": varied(till_lines(), load={"mode": "upsert", "key": ("receipt", "article")}),
    "version": varied(till_lines(), load={"mode": "upsert", "key": ("receipt",), "version": "sold_date"}),
    "slice": varied(till_lines(), load=SLICE),
    "same year": varied(till_lines(), load={**SLICE, "same_year": "sold_date"}),
}
# Ordinary files, and among them a few that are not.
PLAIN = st.builds(
    lambda receipt, day, article: f"B{receipt};{day:02}.11.2026;{article};1,00;{day},50",
    st.integers(1, 300),
    st.integers(1, 28),
    st.sampled_from(["Lampe", "", "Tür", '"Birne; klar"', '"12"" Rohr"', 'a "b', "-"]),
)
ODD = st.sampled_from(
    [
        "",
        ";;;;",
        "B1;morgen;Lampe;1,00;1,00",
        "B1;01.11.2026;Lampe;0,00;1,00",
        "B1;01.11.2025;Lampe;1,00;1,00",
        "B1;01.11.2026;Lampe;1,00",
        "Summe;;;;10,00",
        'B2;01.11.2026;"offen;1,00;1,00',
        'B2;01.11.2026; "offen;1,00;1,00',
        'B2;01.11.2026;zu";1,00;1,00',
        'B3;01.11.2026;"zwei\nZeilen";1,00;1,00',
        "B3;01.11.2026;ein\rWagenrücklauf;1,00;1,00",
    ]
)
ODD_HEADS = [f"{HEADINGS};Kasse", "Bon;Datum;Artikel;Menge", "Bon;Datum", f"Kasse 1\n{HEADINGS}"]
ORDINARY = st.builds(
    lambda rows, end, encoding: content_of(HEADINGS, rows, end, encoding),
    st.lists(PLAIN, max_size=3),
    st.sampled_from(["\n", "\n", "\r\n", ""]),
    st.sampled_from(["utf-8", "utf-8", "cp1252", "utf-8-sig"]),
)
OTHER = st.builds(
    lambda rows, head, packed, encoding: content_of(head, rows, "\n", encoding, packed=packed),
    st.lists(st.one_of(PLAIN, ODD), max_size=4),
    st.sampled_from([*[HEADINGS] * 6, *ODD_HEADS]),
    st.sampled_from([False, False, False, True]),
    st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16"]),
)
MORNINGS = st.lists(st.lists(st.one_of(*[ORDINARY] * 5, OTHER), min_size=3, max_size=9), min_size=1, max_size=2)


def content_of(head: str, rows: list[str], end: str, encoding: str, *, packed: bool = False) -> bytes:
    """A file; `end` of its lines, none for the last where it is empty."""
    whole = text(*rows, headings=head, end=end or "\n")
    data = (whole if end else whole.removesuffix("\n")).encode(encoding)
    return gzip.compress(data, mtime=0) if packed else data


def ended(zone: LandingZone, table: str) -> dict[str, Any]:
    """All that is left of what was loaded, but how long it took."""
    tables = {
        f"raw.{table}": "* order by _source, _file_id, _line",
        "ops.file": "* order by sequence",
        "ops.load": "* exclude (seconds) order by load_id",
        "ops.quarantine": "* order by all",
        "ops.drift": "* order by all",
    }
    found: dict[str, Any] = {table: zone.all(f"from {table} select {what}") for table, what in tables.items()}
    for folder in (zone.areas.inbox, zone.areas.archive, zone.areas.refused):
        found[folder.name] = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
    return found


def loaded(folder: Path, contract: Contract, mornings: list[list[bytes]], *, again: bool) -> list[Any]:
    """Load mornings of files, whose names come again, and perhaps read all anew; what was said and what is left."""
    with landing_zone(folder) as zone:
        zone._clock = 1_700_000_000
        told: list[list[LoadResult]] = []
        for files in mornings:
            for number, content in enumerate(files):
                zone.drop(f"{number}.csv", content)
            told.append(zone.load(contract))
        if again:
            source = Source(name="till", kind=contract.kind, files="*", role="sales")
            told.append(replay(zone.con, Run(zone.areas, "again", zone.now), contract, source, ZONE))
        said = [[(*vars(result).values(),)[:-1] for result in results] for results in told]
        return [said, ended(zone, contract.table)]


def assert_as_one_by_one(contract: Contract, mornings: list[list[bytes]], *, again: bool = False) -> None:
    """Load mornings together and one by one; what is said and what is left must be the same."""
    with TemporaryDirectory() as folder:
        together = loaded(Path(folder, "together"), contract, mornings, again=again)
        with patch.object(bundle, "_READERS", {}):
            one_by_one = loaded(Path(folder, "alone"), contract, mornings, again=again)
    assert together == one_by_one


def plain(*rows: str) -> bytes:
    """An ordinary file."""
    return content_of(HEADINGS, list(rows), "\n", "utf-8")


# A key of the file before, a row that does not load between two that do, a key twice, keys of the morning before.
MET = [
    [plain(line(1), line(2)), plain(line(3)), plain(line(3).replace("Lampe", "Birne"), line(4)), plain(line(5))],
    [plain(line(6)), plain("B7;morgen;;1,00;1,00", line(7)), plain(line(8), line(8)), plain(line(9), line(1)), plain()],
]
# Logs that are written on, one that was begun anew, one that is repeated under another name.
WRITTEN_ON = [
    [plain(line(1)), plain(line(2)), plain(line(3)), plain(line(4))],
    [plain(line(1), line(5)), plain(line(6)), plain(line(7)), plain(line(2))],
]


@settings(max_examples=3, deadline=None, database=None)
@example(name="version", mornings=MET, again=True)
@example(name="append", mornings=WRITTEN_ON, again=True)
@given(name=st.sampled_from(sorted(CONTRACTS)), mornings=MORNINGS, again=st.booleans())
def test_together_is_as_one_by_one(name: str, mornings: list[list[bytes]], again: bool) -> None:
    """Rows under another file or line, figures of a file that count another's rows, a newer delivery that loses."""
    assert_as_one_by_one(CONTRACTS[name], mornings, again=again)


def test_the_hour_that_comes_twice_is_told_in_each_file() -> None:
    """Readings of both passes in one file counted as two of one pass, once another file was read with it."""
    meters = varied(shipped()["energy_readings"], load={"mode": "append", "key": ()})
    passes = [("01:45", "02:15", "02:45"), ("02:15", "02:45", "02:15", "02:45"), ("02:15", "03:00"), ("03:15",)]
    files = [
        text(*(f"Z1;25.10.2026 {at};1,5" for at in times), headings="Zähler;Beginn;kWh").encode() for times in passes
    ]
    assert_as_one_by_one(meters, [files])


def test_ordinary_files_do_go_together(zone: LandingZone, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the above would hold, and ten thousand files take a quarter of an hour, if none went together."""
    alone: list[str] = []
    load = bundle.load
    monkeypatch.setattr(bundle, "load", lambda *given: (alone.append(given[2].file_name), load(*given))[1])
    monkeypatch.setattr(bundle, "MOST_FILES", 4)
    for number in range(10):
        zone.drop(f"{number}.csv", text(line(number), line(number + 100), *["Summe;;;;1,00"] * (number == 5)))
    zone.load(CONTRACTS["same year"])
    assert alone == ["5.csv"]
