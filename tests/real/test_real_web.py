"""Web data that nobody on this project wrote: what its README states must come out."""

from __future__ import annotations

import duckdb

from tests.real.conftest import EurRun


def test_the_run_ends_well(eur_run: EurRun) -> None:
    """A file of the real world that stops the run, or leaves a Python traceback at a user."""
    assert eur_run.said.returncode == 0, eur_run.said.stdout + eur_run.said.stderr
    assert "Traceback" not in eur_run.said.stdout + eur_run.said.stderr


def test_all_ga4_events_arrive(eur_raw: duckdb.DuckDBPyConnection) -> None:
    """Seven events in three files."""
    assert eur_raw.execute("select count(*) from raw.ga4_events").fetchall() == [(7,)]
