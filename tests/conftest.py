"""Fixtures for tests of every tier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.landing_zone import LandingZone, landing_zone

# Whole runs that tests of several files look at: made once, so all of these tests belong to one process.
SHARED_RUNS = ("first", "eur_run", "shop", "mornings")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run in several processes (`-n`): one file or one shared run stays in one of them."""
    for item in items:
        shared = [name for name in SHARED_RUNS if name in getattr(item, "fixturenames", ())]
        item.add_marker(pytest.mark.xdist_group(shared[0] if shared else item.nodeid.partition("::")[0]))


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[LandingZone]:
    """An empty landing area with a warehouse of its own."""
    with landing_zone(tmp_path / "data") as made:
        yield made
