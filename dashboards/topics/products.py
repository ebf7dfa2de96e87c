"""Products: what sells and what it leaves, what runs out, what is bought together."""

from __future__ import annotations

from dashboards import charts
from dashboards.filters import choose, filter_row
from dashboards.measures import options
from dashboards.parts import Figure, figures, nothing_here, section
from dashboards.tables import Column, table
from dashboards.view import View

_SOON_OUT_DAYS = 14


def show(view: View) -> None:
    """The page."""
    if not view.copy.has("mart_product_360"):
        nothing_here(view.say("no_products"))
        return
    with filter_row():
        group = choose(view, "product_group", options(view, "product_group", "net_revenue"))
    frame = view.copy.ask(
        """select * from marts.mart_product_360
        where ? is null or product_group = ? order by revenue_net_amount desc nulls last, article_number""",
        [group, group],
    )
    frame["name"] = frame["article_name"].fillna(frame["article_number"])
    soon_out = frame[frame["days_of_cover"] < _SOON_OUT_DAYS].sort_values("days_of_cover")
    sold = frame[frame["revenue_net_amount"] > 0]
    number = view.formats.number
    figures(
        [
            Figure(view.say("articles_sold"), number(len(sold))),
            Figure(view.say("articles_unsold"), number(int((frame["sold_quantity_90_days"].fillna(0) <= 0).sum()))),
            Figure(view.say("articles_soon_out", days=_SOON_OUT_DAYS), number(len(soon_out))),
        ]
    )
    if len(sold):
        section(view.say("best_sellers"), view.say("since", day=view.formats.date(frame["first_sale_date"].min())))
        charts.bars(view, sold, "name", "revenue_net_amount", format=charts.MONEY)
    if len(soon_out):
        section(view.say("soon_out", days=_SOON_OUT_DAYS), view.say("soon_out_note"))
        table(
            view,
            "soon_out_table",
            soon_out,
            [
                Column("article_number", "article"),
                Column("name", "name"),
                Column("stock_quantity", "stock", "number"),
                Column("sold_quantity_90_days", "sold_90_days", "number"),
                Column("days_of_cover", "days_of_cover", "number"),
            ],
            rows=10,
        )
    _together(view, group)
    section(view.say("articles"))
    table(
        view,
        "articles",
        frame,
        [
            Column("article_number", "article"),
            Column("name", "name"),
            Column("product_group", "product_group"),
            Column("sold_quantity", "quantity_sold", "number"),
            Column("revenue_net_amount", "revenue", "money"),
            Column("contribution_margin_pct", "margin_rate", "percent"),
            Column("return_rate_pct", "return_rate", "percent"),
            Column("made_quantity", "made", "number"),
            Column("stock_quantity", "stock", "number"),
        ],
        rows=20,
    )


def _together(view: View, group: str | None) -> None:
    if not view.copy.has("mart_product_affinity"):
        return
    # Each pair stands there twice, once from either side; the side with the higher confidence says more.
    frame = view.copy.ask(
        """select one.article_name as name, other.article_name as other_name, pair.orders_together,
            pair.confidence_pct, pair.lift
        from marts.mart_product_affinity as pair
        join marts.mart_product_360 as one using (product_key)
        join marts.mart_product_360 as other on other.product_key = pair.other_product_key
        where pair.lift > 1.5 and (? is null or one.product_group = ? or other.product_group = ?)
        qualify row_number() over (
            partition by least(pair.product_key, pair.other_product_key),
                greatest(pair.product_key, pair.other_product_key)
            order by pair.confidence_pct desc, pair.product_key
        ) = 1
        order by pair.lift desc""",
        [group, group, group],
    )
    if frame.empty:
        return
    section(view.say("together"), view.say("together_note"))
    table(
        view,
        "together",
        frame,
        [
            Column("name", "who_buys"),
            Column("other_name", "buys_too"),
            Column("orders_together", "orders_together", "number"),
            Column("confidence_pct", "confidence", "percent"),
            Column("lift", "lift", "decimal"),
        ],
        rows=8,
    )
