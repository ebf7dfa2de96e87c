"""A clock that was set back between two runs: order comes from what was published, not from what the clock says."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from serving.versions import current_version, list_versions
from tests.faults.conftest import Mornings
from tests.faults.machine import clock_set_back


def test_a_run_after_the_clock_was_set_back(mornings: Mornings) -> None:
    """A new version that counts as the oldest and is removed; newer files that lose against older ones."""
    company = mornings.again()
    serve = company.data / "serve"
    before = current_version(serve)
    said = company.kontor("run", around=partial(clock_set_back, timedelta(days=400)))
    assert "Traceback" not in said.stdout + said.stderr, said.stdout + said.stderr
    assert list_versions(serve) == [current_version(serve), before]
    now = company.contents()
    # What it says of ages is right by the clock that it has.
    for contents in (now, second := {**mornings.second, "marts": dict(mornings.second["marts"])}):
        del contents["marts"]["mart_data_asset"]
    assert now == second

    status = company.kontor("status", around=partial(clock_set_back, timedelta(days=400)))
    assert "yet to come" in status.stdout and status.returncode == 1, status.stdout + status.stderr
    assert "yet to come" not in company.kontor("status").stdout

    company.succeed("publish")
    versions = list_versions(serve)
    assert versions[0] == current_version(serve) and len(set(versions)) == len(versions) == 3
    assert company.marts() == mornings.second["marts"]
