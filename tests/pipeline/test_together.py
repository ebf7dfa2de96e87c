"""Small files go together, and end as if each had been loaded by itself."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
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
# Of what a file may hold, the ordinary far more often than the rest.
PLAIN = st.builds(
    lambda receipt, day, article: f"B{receipt};{day:02}.11.2026;{article};1,00;{day},50",
    st.integers(1, 40),
    st.integers(1, 28),
    st.sampled_from(["Lampe", "", "Tür", '"Birne; klar"', '"12"" Rohr"', '5" Rohr', 'a "b', "-"]),
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
HEADS = st.sampled_from(
    [HEADINGS] * 6 + [f"{HEADINGS};Kasse", "Bon;Datum;Artikel;Menge", "Bon;Datum", "Kasse 1\n" + HEADINGS]
)
FILES = st.tuples(
    HEADS,
    st.lists(st.one_of(PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, ODD), max_size=4),
    st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    st.sampled_from(["\n", "\n", "\r\n", "cut"]),
    st.sampled_from(["csv"] * 8 + ["gz"]),
).map(lambda drawn: content_of(*drawn))
MORNINGS = st.lists(st.lists(FILES, min_size=1, max_size=7), min_size=1, max_size=2)


def content_of(head: str, rows: list[str], encoding: str, end: str, suffix: str) -> tuple[bytes, str]:
    """A file's bytes and the ending of its name."""
    whole = text(*rows, headings=head, end="\n" if end == "cut" else end)
    data = whole.removesuffix("\n" if end == "cut" else "").encode(encoding)
    return (gzip.compress(data, mtime=0) if suffix == "gz" else data), suffix


def ended(zone: LandingZone) -> dict[str, Any]:
    """All that is left of what was loaded, but how long it took."""
    tables = {
        "raw.till_lines": "* order by _source, _file_id, _line",
        "ops.file": "* order by sequence",
        "ops.load": "* exclude (seconds) order by load_id",
        "ops.quarantine": "* order by all",
        "ops.drift": "* order by all",
    }
    found: dict[str, Any] = {
        table: zone.all(f"from {table} select {what}".replace(" order by", " order by"))
        for table, what in tables.items()
    }
    for folder in (zone.areas.inbox, zone.areas.archive, zone.areas.refused):
        found[folder.name] = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
    return found


def loaded(folder: Path, contract: Contract, mornings: list[list[tuple[bytes, str]]], *, again: bool) -> list[Any]:
    """Load mornings of files, whose names come again, and perhaps read all anew; what was said and what is left."""
    with landing_zone(folder) as zone:
        zone._clock = 1_700_000_000
        told: list[list[LoadResult]] = []
        for files in mornings:
            for number, (content, suffix) in enumerate(files):
                zone.drop(f"{number}.{suffix}", content)
            told.append(zone.load(contract))
        if again:
            source = Source(name="till", kind=contract.kind, files="*", role="sales")
            told.append(replay(zone.con, Run(zone.areas, "again", zone.now), contract, source, ZONE))
        said = [[(*vars(result).values(),)[:-1] for result in results] for results in told]
        return [said, ended(zone)]


@pytest.fixture(params=CONTRACTS)
def contract(request: pytest.FixtureRequest) -> Contract:
    return CONTRACTS[request.param]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(mornings=MORNINGS, again=st.booleans())
def test_together_is_as_one_by_one(contract: Contract, mornings: list[list[tuple[bytes, str]]], again: bool) -> None:
    """Rows under another file or line, figures of a file that count another's rows, a newer delivery that loses."""
    with TemporaryDirectory() as folder:
        together = loaded(Path(folder, "together"), contract, mornings, again=again)
        with patch.object(bundle, "_READERS", {}):
            one_by_one = loaded(Path(folder, "alone"), contract, mornings, again=again)
    assert together == one_by_one
