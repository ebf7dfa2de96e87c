"""The published copy as the pages see it: one connection per version, one result per question.

Whoever asks begins with `open_copy`, at each interaction, and so gets the version that is current then. SQL stands with
the pages; that only sums come out of the database, never a whole fact, is theirs to see to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from serving.metrics import Metric, load_metrics
from serving.read import connect_published
from serving.versions import current_version


@dataclass(frozen=True)
class Copy:
    """One published version. It stays what it is when a new one is published."""

    connection: duckdb.DuckDBPyConnection
    run_id: str
    published_at: datetime
    """UTC, without zone."""
    rows: dict[str, int]
    """Rows by mart."""
    metrics: dict[str, Metric]
    """The catalogue, by name."""
    first_days: dict[str, date]
    """The first day with data, by semantic model; those without data are left out."""

    def has(self, *marts: str) -> bool:
        """Whether each of these marts is there and holds something."""
        return all(self.rows.get(mart) for mart in marts)

    def ask(self, sql: str, values: Sequence[Any] = ()) -> pd.DataFrame:
        """The result of a query, in which marts are called `marts.<name>`.

        DECIMAL comes as a float: all sums are made in the database, exactly, and what comes is only written or drawn.
        """
        return _answer(self.connection, f"{self.run_id} {self.published_at}", sql, tuple(values))

    def one(self, sql: str, values: Sequence[Any] = ()) -> dict[str, Any]:
        """The only row of a result, by column; NULL is None."""
        frame = self.ask(sql, values)
        row = frame.iloc[0].to_dict()
        return {name: None if pd.isna(value) else value for name, value in row.items()}


def open_copy(serve: Path) -> Copy:
    """The version that is current now. Raises NotPublished."""
    return _open(str(serve), current_version(serve))


# Two: the current one, and the one before, in which somebody's question may still be running.
@st.cache_resource(max_entries=2, show_spinner=False)
def _open(serve: str, version: str | None) -> Copy:
    connection = connect_published(Path(serve))
    run_id, published_at = connection.execute("select run_id, published_at from publication").fetchall()[0]
    rows = dict(connection.execute("select table_name, row_count from publication_table").fetchall())
    metrics, first_days = {}, {}
    # A copy may be older than the catalogue.
    if {"metric", "metric_daily"} <= rows.keys():
        metrics = load_metrics(connection)
        first_days = dict(
            connection.execute("select semantic_model, min(metric_date) from metric_daily group by all").fetchall()
        )
    return Copy(connection, run_id, published_at, rows, metrics, first_days)


@st.cache_data(max_entries=500, show_spinner=False)
def _answer(_connection: duckdb.DuckDBPyConnection, version: str, sql: str, values: tuple[Any, ...]) -> pd.DataFrame:
    with _connection.cursor() as cursor:
        return cursor.execute(sql, list(values)).df()
