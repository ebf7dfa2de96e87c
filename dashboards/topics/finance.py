"""Finance: sales beside the books and the e-invoices, month by month, and what explains the difference."""

from __future__ import annotations

import pandas as pd

from dashboards import charts
from dashboards.parts import Figure, figures, nothing_here, section
from dashboards.tables import Column, table
from dashboards.view import View


def show(view: View) -> None:
    """The page."""
    if not view.copy.has("mart_revenue_reconciliation"):
        nothing_here(view.say("no_finance"))
        return
    frame = view.copy.ask(
        """select *, month_date < date_trunc('month', ?::date) as is_over from marts.mart_revenue_reconciliation
        where month_date <= ? order by month_date desc""",
        [view.day, view.day],
    )
    if frame.empty:
        nothing_here(view.say("no_finance"))
        return
    _last_month(view, frame)
    section(view.say("sales_and_books"), view.say("sales_and_books_note"))
    names = {"sales_net_amount": view.say("sales_side"), "ledger_net_amount": view.say("books_side")}
    long = frame.rename(columns={"month_date": "period"}).melt("period", list(names), "side", "amount")
    charts.pairs(view, long.assign(side=long["side"].map(names)).dropna(), "amount", "side", tuple(names.values()))
    section(view.say("differences"), view.say("differences_note"))
    columns = ("sales_net_amount", "ledger_net_amount", "ledger_difference_amount", "only_in_sales_amount",
               "only_in_ledger_amount", "other_month_amount", "differing_amount")  # fmt: skip
    headings = ("sales_side", "books_side", "difference", "only_in_sales", "only_in_books", "other_month", "differing")
    table(
        view,
        "differences",
        frame,
        [
            Column("month_date", "month", "month"),
            *(Column(name, heading, "money") for name, heading in zip(columns, headings, strict=True)),
            Column("only_in_sales_documents", "documents_only_in_sales", "number"),
        ],
        rows=24,
    )


def _last_month(view: View, frame: pd.DataFrame) -> None:
    over = frame[frame["is_over"]]
    if over.empty:
        return
    month, money = over.iloc[0], view.formats.money
    name = view.formats.month(month["month_date"])
    figures(
        [
            Figure(f"{view.say('sales_side')}, {name}", money(month["sales_net_amount"])),
            Figure(f"{view.say('books_side')}, {name}", money(month["ledger_net_amount"])),
            Figure(
                view.say("difference"),
                money(month["ledger_difference_amount"]),
                (
                    (view.say("only_in_sales"), money(month["only_in_sales_amount"]), None),
                    (view.say("only_in_books"), money(month["only_in_ledger_amount"]), None),
                    (view.say("other_month"), money(month["other_month_amount"]), None),
                    (view.say("differing"), money(month["differing_amount"]), None),
                ),
            ),
        ],
        large=True,
    )
