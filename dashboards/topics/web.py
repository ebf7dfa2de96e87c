"""Web and marketing: visits and what becomes of them, campaigns and what they bring."""

from __future__ import annotations

import pandas as pd

from dashboards import charts
from dashboards.comparing import beside, beside_last_year
from dashboards.filters import Period, choose_period, filter_row, whole_note
from dashboards.measures import available, by_name, first_day, label, over_time, totals
from dashboards.parts import figures, nothing_here, section
from dashboards.tables import Column, table
from dashboards.view import View

_FIGURES = ("web_sessions", "web_purchases", "conversion_rate", "ad_cost")
_EARNED = ("attributed_revenue", "return_on_ad_spend", "contribution_after_ad_cost", "cost_per_order")
_FUNNEL = ("web_sessions", "product_view_sessions", "add_to_cart_sessions", "checkout_sessions", "web_purchases")
_CAMPAIGN = ("ad_cost", "ad_impressions", "ad_clicks", "cost_per_click")
_CAMPAIGN_EARNED = ("attributed_orders", "attributed_revenue", "contribution_after_ad_cost")


def show(view: View) -> None:
    """The page."""
    measured = [name for name in ("web_sessions", "ad_cost") if available(view, name)]
    if not measured:
        nothing_here(view.say("no_web"))
        return
    with filter_row():
        period = choose_period(view, min(first_day(view, name) for name in measured))
    figures(beside_last_year(view, _FIGURES, period))
    if available(view, "web_sessions"):
        _visits(view, period)
    if available(view, "ad_cost"):
        _campaigns(view, period)
    _attribution(view)


def _visits(view: View, period: Period) -> None:
    # Shorter where the web's history is shorter than the period.
    shown = Period(max(period.first, first_day(view, "web_sessions")), period.last)
    frame = over_time(view, ["web_sessions"], shown.grain, *shown.whole.bounds, by=["web_channel"])
    if frame.empty:
        return
    frame["web_channel"] = [view.name_of("web_channel", name) for name in frame["web_channel"]]
    section(view.say("visits"), view.say("visits_note"), whole_note(view, shown))
    charts.stacked(view, frame, shown.grain, "web_sessions", "web_channel")
    steps = totals(view, _FUNNEL, period.first, period.last)
    funnel = pd.DataFrame({"step": [label(view, name) for name in steps], "count": list(steps.values())})
    section(view.say("funnel"), view.say("funnel_note"))
    charts.bars(view, funnel, "step", "count")


def _campaigns(view: View, period: Period) -> None:
    """What they cost, and where visits are known, what they brought: both of the days with visits only."""
    names, since = _CAMPAIGN, ""
    if available(view, "web_sessions"):
        names += _CAMPAIGN_EARNED
        if (first := first_day(view, "web_sessions")) > period.first:
            period = Period(min(first, period.last), period.last)
            since = view.say("since_visits", day=view.formats.date(first))
    frame = by_name(view, names, "campaign", period.first, period.last)
    section(view.say("campaigns"), view.say("campaigns_note"), since)
    if names != _CAMPAIGN:
        before = period.year_before
        known = first_day(view, "web_sessions") <= before.first
        figures(beside(view, _EARNED, period, before if known else None, view.say("previous_year")))
    kinds = {"ad_cost": "money", "cost_per_click": "cents", "attributed_revenue": "money",
             "contribution_after_ad_cost": "money"}  # fmt: skip
    table(
        view,
        "campaigns",
        frame,
        [Column("campaign", "campaign"), *(Column(name, name, kinds.get(name, "number")) for name in names)],
    )


def _attribution(view: View) -> None:
    if not view.copy.has("mart_channel_attribution"):
        return
    frame = view.copy.ask(
        """select web_channel, sum(first_touch_orders) as first_touch_orders,
            sum(first_touch_revenue_amount) as first_touch_revenue_amount,
            sum(last_touch_orders) as last_touch_orders, sum(last_touch_revenue_amount) as last_touch_revenue_amount
        from marts.mart_channel_attribution group by all order by last_touch_revenue_amount desc"""
    )
    frame["web_channel"] = [view.name_of("web_channel", name) for name in frame["web_channel"]]
    section(view.say("attribution"), view.say("attribution_note"))
    table(
        view,
        "attribution",
        frame,
        [
            Column("web_channel", "web_channel"),
            Column("first_touch_orders", "first_touch_orders", "number"),
            Column("first_touch_revenue_amount", "first_touch_revenue", "money"),
            Column("last_touch_orders", "last_touch_orders", "number"),
            Column("last_touch_revenue_amount", "last_touch_revenue", "money"),
        ],
    )
