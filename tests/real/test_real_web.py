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


def test_sessions_and_where_they_came_from(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Visits cut up or run together; the browser's first source taken for that of the session; an advertisement that
    Google's own tagging passes off as organic."""
    assert eur_marts.execute(
        """select event_count, page_view_count, channel, source, medium, first_channel, session_number
        from fct_web_session where event_source = 'ga4' order by started_at"""
    ).fetchall() == [
        (1, 1, "paid search", "google", "cpc", "organic search", 1),
        (2, 0, "direct", "(direct)", "(none)", "organic search", 1),
        (4, 0, "organic search", "bing", "organic", "organic search", 1),
    ]


def test_nobody_bought(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """A form that was sent, or an empty list of articles, taken for a purchase."""
    assert eur_marts.execute("select sum(purchases), sum(sessions) from mart_web_funnel_daily").fetchall() == [(0, 3)]
    assert eur_marts.execute("select count(*) from fct_web_item").fetchall() == [(0,)]


def test_all_requests_of_the_log_arrive(eur_raw: duckdb.DuckDBPyConnection) -> None:
    """Equal requests of one file taken for one, or lines that do not parse."""
    assert eur_raw.execute("select count(*) from raw.access_log").fetchall() == [(1000,)]
    assert eur_raw.execute("select count(*) from ops.quarantine where source_name = 'weblog'").fetchall() == [(0,)]
