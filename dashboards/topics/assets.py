"""Data assets: what there is, how fresh, clean and tested it is, how it grows, what AI could learn from it."""

from __future__ import annotations

import pandas as pd

from dashboards.formats import NOTHING
from dashboards.parts import Figure, figures, nothing_here, section
from dashboards.tables import Column, table
from dashboards.view import View


def show(view: View) -> None:
    """The page."""
    if not view.copy.has("mart_data_asset"):
        nothing_here(view.say("no_assets"))
        return
    language = view.formats.language
    frame = view.copy.ask(
        f"""select *, title_{language} as title, stored_bytes / 1e6 as megabytes
        from marts.mart_data_asset order by asset_kind desc, domain, asset_name"""
    )
    frame["domain"] = [view.name_of("domain", domain) for domain in frame["domain"]]
    frame["freshness"] = [NOTHING if pd.isna(state) else view.name_of("fresh", state) for state in frame["freshness"]]
    frame["personal_class"] = [view.name_of("personal", name) for name in frame["personal_class"]]
    sources, marts = frame[frame["asset_kind"] == "source"], frame[frame["asset_kind"] == "mart"]
    _figures(view, sources, marts)
    _sources(view, sources)
    _readiness(view)
    _marts(view, marts)


def _figures(view: View, sources: pd.DataFrame, marts: pd.DataFrame) -> None:
    number = view.formats.number
    late = int((sources["freshness"] == view.say("fresh_late")).sum())
    figures(
        [
            Figure(view.say("rows_delivered"), number(sources["row_count"].sum())),
            Figure(view.say("rows_a_month"), number(sources["rows_per_month"].sum())),
            Figure(view.say("rows_quarantined"), number(sources["quarantined_rows"].sum())),
            Figure(view.say("sources_late"), f"{late} / {len(sources)}"),
            Figure(
                view.say("tests_passed"),
                f"{number(marts['tests_passed'].sum())} / {number(marts['test_count'].sum())}",
            ),
            Figure(view.say("years_of_history"), number(sources["history_days"].max() / 365.25, 1)),
        ]
    )


def _sources(view: View, frame: pd.DataFrame) -> None:
    section(view.say("sources"), view.say("sources_note"))
    table(
        view,
        "sources",
        frame,
        [
            Column("asset_name", "source"),
            Column("title", "content", "long"),
            Column("owner", "owner"),
            Column("freshness", "freshness"),
            Column("last_date", "newest", "date"),
            Column("history_days", "history_days", "number"),
            Column("row_count", "rows", "number"),
            Column("rows_per_month", "rows_a_month", "number"),
            Column("quarantined_rows", "quarantined", "number"),
            Column("personal_class", "personal"),
        ],
        rows=40,
    )


def _readiness(view: View) -> None:
    if not view.copy.has("mart_ai_readiness"):
        return
    language = view.formats.language
    frame = view.copy.ask(
        f"""select use_{language} as use, requirement_{language} as requirement, required_value, found_value, is_met,
            expected_date, is_use_ready, rule_source
        from marts.mart_ai_readiness order by is_use_ready desc, use, is_met desc, requirement"""
    )
    frame["state"] = [view.say("ready" if met else "not_ready") for met in frame["is_met"]]
    section(view.say("readiness"), view.say("readiness_note"))
    table(
        view,
        "readiness",
        frame,
        [
            Column("use", "use"),
            Column("requirement", "requirement", "long"),
            Column("required_value", "required", "number"),
            Column("found_value", "found", "number"),
            Column("state", "state"),
            Column("expected_date", "ready_from", "date"),
        ],
        rows=40,
    )


def _marts(view: View, frame: pd.DataFrame) -> None:
    section(view.say("marts"))
    table(
        view,
        "marts",
        frame,
        [
            Column("asset_name", "mart"),
            Column("title", "content", "long"),
            Column("domain", "domain"),
            Column("row_count", "rows", "number"),
            Column("megabytes", "megabytes", "decimal"),
            Column("freshness", "freshness"),
            Column("test_count", "tests", "number"),
            Column("tests_passed", "tests_passed", "number"),
            Column("reader_count", "readers", "number"),
            Column("personal_class", "personal"),
        ],
        rows=25,
    )
