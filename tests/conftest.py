"""Fixtures for tests of every tier."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.landing_zone import LandingZone, landing_zone

TESTS = Path(__file__).parent
# What takes minutes: several whole runs, or the run that other files wait for. Longest first.
LONGEST = (
    "pipeline/test_commands.py",
    "faults/test_kill.py",
    "upgrade/test_upgrade.py",
    "pipeline/test_incremental.py",
    "pipeline/test_daily_run.py",
    "browser/test_pages.py",
    "real/test_real_datev.py",
    "faults/test_disk_full.py",
    "pipeline/test_postgres.py",
    "pipeline/test_backup.py",
    "real/test_real_files.py",
    "pipeline/test_publishing_gate.py",
    "pipeline/test_dbt_unit_tests.py",
    "pipeline/test_secrets.py",
    "faults/test_damage.py",
    "pipeline/test_bad_input.py",
    "pipeline/test_shops.py",
    "pipeline/test_workshop_run.py",
    "pipeline/test_web_marketing.py",
    "pipeline/test_publish_killed.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What fails fast comes first, then what takes longest: of several processes, none is left with it at the end."""
    places = {TESTS / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: -1 if item.path.is_relative_to(TESTS / "unit") else places.get(item.path, len(LONGEST)))


@pytest.fixture(autouse=True)
def environment_stays() -> Iterator[None]:
    """What a test leaves in the environment, such as the key of its pseudonyms, is not there for the next one."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[LandingZone]:
    """An empty landing area with a warehouse of its own."""
    with landing_zone(tmp_path / "data") as made:
        yield made
