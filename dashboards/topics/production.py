"""Production: OEE with its factors and losses, lead times, scrap, inspections out of control."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import charts
from dashboards.comparing import beside_last_year
from dashboards.filters import Period, choose, choose_period, filter_row, whole_note
from dashboards.measures import Where, available, by_name, first_day, label, options, over_time
from dashboards.parts import figures, nothing_here, section
from dashboards.tables import Column, table
from dashboards.view import View

_FACTORS = ("oee", "availability", "performance", "quality_rate")
_FIGURES = (*_FACTORS, "good_pieces", "scrap_rate", "average_lead_time", "flow_rate", "on_time_rate")
_MACHINE = ("good_pieces", "scrap_rate", "downtime", "setup_time")


def show(view: View) -> None:
    """The page."""
    measured = [name for name in ("oee", "average_lead_time", "inspections") if available(view, name)]
    if not measured:
        nothing_here(view.say("no_production"))
        return
    with filter_row():
        period = choose_period(view, min(first_day(view, name) for name in measured))
        machine = choose(view, "machine", options(view, "machine_key", "planned_time"))
    where = {"machine_key": machine}
    figures(beside_last_year(view, _FIGURES, period, where))
    if available(view, "oee"):
        _oee(view, period, where)
        _losses(view, period, machine)
    if available(view, "average_lead_time", where):
        _lead_times(view, period)
    _scrap(view, period, machine)
    _inspections(view, period)


def _oee(view: View, period: Period, where: Where) -> None:
    grain = period.grain
    wide = over_time(view, _FACTORS, grain, *period.whole.bounds, where=where)
    lines = [wide[["period"]].assign(factor=label(view, name), oee=wide[name]) for name in _FACTORS]
    section(view.say("oee_over_time"), view.say("oee_note"), whole_note(view, period))
    order = tuple(label(view, name) for name in _FACTORS)
    charts.course(view, pd.concat(lines).dropna(), grain, "oee", colour="factor", order=order)
    machines = by_name(view, [*_FACTORS, *_MACHINE], "machine_key", period.first, period.last, where)
    machines[[*_FACTORS, "scrap_rate"]] *= 100
    machines[["downtime", "setup_time"]] /= 60
    section(view.say("machines"))
    table(
        view,
        "machines",
        machines,
        [
            Column("machine_key", "machine"),
            *(Column(name, name, "percent") for name in _FACTORS),
            Column("good_pieces", "good_pieces", "number"),
            Column("scrap_rate", "scrap_rate", "percent"),
            Column("downtime", "downtime_hours", "number"),
            Column("setup_time", "setup_hours", "number"),
        ],
    )


def _losses(view: View, period: Period, machine: str | None) -> None:
    if not view.copy.has("mart_oee_loss_daily"):
        return
    frame = view.copy.ask(
        """select loss_kind, reason, sum(lost_minutes) / 60 as hours from marts.mart_oee_loss_daily
        where production_date between ? and ? and (? is null or machine_key = ?) and lost_minutes > 0
        group by all order by hours desc""",
        [*period.bounds, machine, machine],
    )
    if frame.empty:
        return
    kinds = [view.name_of("loss", kind) for kind in frame["loss_kind"]]
    frame["loss"] = [
        kind if pd.isna(reason) or reason == "unknown" else f"{reason} ({kind})"
        for kind, reason in zip(kinds, frame["reason"], strict=True)
    ]
    section(view.say("losses"), view.say("losses_note"))
    charts.bars(view, frame, "loss", "hours", limit=15)


def _lead_times(view: View, period: Period) -> None:
    frame = over_time(view, ["average_lead_time"], period.grain, *period.whole.bounds).dropna()
    if len(frame) < 2:
        return
    frame["average_lead_time"] /= 1440
    section(view.say("lead_time"), view.say("lead_time_note"), whole_note(view, period))
    charts.course(view, frame, period.grain, "average_lead_time", format=charts.DECIMAL)


def _scrap(view: View, period: Period, machine: str | None) -> None:
    if not view.copy.has("fct_scrap"):
        return
    frame = view.copy.ask(
        """select coalesce(scrap_reason, ?) as reason, sum(scrap_quantity) as pieces from marts.fct_scrap
        where scrap_date between ? and ? and (? is null or machine_key = ?)
        group by all order by pieces desc, reason""",
        [view.say("without_reason"), *period.bounds, machine, machine],
    )
    if not frame.empty:
        section(view.say("scrap_by_reason"), view.say("pieces"))
        charts.bars(view, frame, "reason", "pieces")


def _inspections(view: View, period: Period) -> None:
    if not view.copy.has("mart_quality_daily"):
        return
    frame = view.copy.ask(
        """select quality_date, characteristic, inspected, failed, failure_rate_pct, usual_rate_pct, upper_limit_pct
        from marts.mart_quality_daily where quality_date between ? and ? and is_out_of_control
        order by quality_date desc, failure_rate_pct desc""",
        period.bounds,
    )
    section(view.say("out_of_control"), view.say("out_of_control_note"))
    if frame.empty:
        st.caption(view.say("in_control"))
        return
    table(
        view,
        "out_of_control",
        frame,
        [
            Column("quality_date", "day", "date"),
            Column("characteristic", "characteristic"),
            Column("inspected", "inspected", "number"),
            Column("failed", "failed", "number"),
            Column("failure_rate_pct", "failure_rate", "percent"),
            Column("usual_rate_pct", "usual_rate", "percent"),
            Column("upper_limit_pct", "limit", "percent"),
        ],
        rows=10,
    )
