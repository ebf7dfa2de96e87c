"""Fixtures for tests of every tier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.landing_zone import LandingZone, landing_zone


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[LandingZone]:
    """An empty landing area with a warehouse of its own."""
    with landing_zone(tmp_path / "data") as made:
        yield made
