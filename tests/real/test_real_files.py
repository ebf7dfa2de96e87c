"""Files that nobody on this project wrote, through the same road as a company's own, to published marts.

The facts asserted are those that the files' own README states. Skipped where the files are not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).parents[2]
REAL_DATA = Path(os.environ.get("KONTOR_REAL_DATA", PROJECT.parent / "shared" / "data"))

pytestmark = pytest.mark.skipif(
    not (REAL_DATA / "README.md").is_file(), reason=f"the real files are not in {REAL_DATA} (KONTOR_REAL_DATA)"
)


def kontor(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, on the settings of the real files, with all state in `data`."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("kontor")), *arguments, "--config", "examples/real/kontor.toml"],
        cwd=PROJECT,
        env={**os.environ, "KONTOR_REAL_DATA": str(REAL_DATA), "KONTOR_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=500,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """One run over all the real files: the data folder and what the command said."""
    data = tmp_path_factory.mktemp("real")
    return data, kontor(data, "run")


@pytest.fixture
def raw(run: tuple[Path, subprocess.CompletedProcess[str]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The pipeline's own database, for what was loaded."""
    with duckdb.connect(str(run[0] / "warehouse.duckdb"), read_only=True) as con:
        yield con


@pytest.fixture
def marts(run: tuple[Path, subprocess.CompletedProcess[str]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published copy, for what readers see."""
    with duckdb.connect(str(run[0] / "serve" / "current" / "warehouse.duckdb"), read_only=True) as con:
        con.execute("set search_path = 'marts'")
        yield con


def one(con: duckdb.DuckDBPyConnection, sql: str) -> tuple:
    return con.execute(sql).fetchall()[0]


def test_the_run_succeeds_and_says_what_it_loaded(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """A change that only works on the demo company's files."""
    _, said = run
    assert said.returncode == 0, said.stdout + said.stderr
    assert "22,523 rows" in said.stdout
    assert "Traceback" not in said.stdout + said.stderr


def test_the_files_stay_where_they_are(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Emptying a folder that belongs to somebody else; the archive holds exact copies."""
    archived = sorted(path.name.split("_", 2)[2] for path in (run[0] / "archive" / "gift_shop").rglob("*.csv"))
    originals = sorted(path.name for path in (REAL_DATA / "sales_online_retail").glob("*.csv"))
    assert archived == originals
    for path in (run[0] / "archive" / "gift_shop").rglob("*.csv"):
        assert path.read_bytes() == (REAL_DATA / "sales_online_retail" / path.name.split("_", 2)[2]).read_bytes()


def test_every_row_is_accounted_for(raw: duckdb.DuckDBPyConnection) -> None:
    """Rows that are read and then neither loaded nor quarantined nor skipped."""
    assert one(
        raw, "select count(*) from ops.load where rows_read <> rows_loaded + rows_quarantined + rows_skipped"
    ) == (0,)
    assert one(raw, "select count(*) from ops.quarantine") == (0,)


def test_gift_shop_rows_and_totals_to_the_penny(raw: duckdb.DuckDBPyConnection) -> None:
    """Lines lost, doubled or rounded on the way in."""
    assert one(
        raw,
        """select count(*), count(distinct document_number), sum(quantity * unit_price)::decimal(18, 2)
        from raw.sales_lines""",
    ) == (22523, 1088, Decimal("377488.45"))
    assert one(
        raw,
        """select count(*), sum(quantity * unit_price)::decimal(18, 2) from raw.sales_lines
        where document_type = 'cancellation'""",
    ) == (329, Decimal("-61364.20"))


def test_gift_shop_identities(raw: duckdb.DuckDBPyConnection) -> None:
    """Customers read as floating point (17850.0), articles told apart by the case of a letter."""
    assert one(
        raw,
        """select count(distinct customer_number), count(*) filter (where customer_number is null),
            count(*) filter (where not regexp_full_match(customer_number, '[0-9]+')),
            count(distinct lower(article_number)), count(*) filter (where unit_price = 0)
        from raw.sales_lines""",
    ) == (622, 7720, 0, 2434, 178)


def test_gift_shop_marts_hold_every_line_and_count_only_sales(marts: duckdb.DuckDBPyConnection) -> None:
    """Write-offs or fees counted as revenue; real duplicate lines removed; cancellations with the wrong sign."""
    assert one(marts, "select count(*) from fct_sales_line") == (22523,)
    assert one(marts, "select count(*), bool_or(is_revenue) from fct_sales_line where line_kind = 'write_off'") == (
        64,
        False,
    )
    assert one(marts, "select count(*) > 0, bool_or(is_revenue) from fct_sales_line where line_kind = 'fee'") == (
        True,
        False,
    )
    assert one(
        marts,
        """select count(*), max(net_amount) <= 0, sum(net_amount)::decimal(18, 2)
        from fct_sales_line where document_type = 'cancellation'""",
    ) == (329, True, Decimal("-61364.20"))
    assert one(marts, "select count(*) from fct_sales_line where isodow(document_date) = 6") == (0,)


def test_gift_shop_articles_are_one_dimension_row_each(marts: duckdb.DuckDBPyConnection) -> None:
    """An article that stands twice in the product dimension because a letter is written large once."""
    assert one(
        marts,
        "select count(*) - count(distinct upper(article_number)) from dim_product where article_number is not null",
    ) == (0,)


def test_workshop_activities(raw: duckdb.DuckDBPyConnection, marts: duckdb.DuckDBPyConnection) -> None:
    """Repeated activities dropped in silence, or hours lost where activities overlap."""
    assert one(
        raw,
        """select count(*), count(distinct work_order_number), count(distinct machine_code),
            count(distinct operation_name), min(started_at)::varchar, max(ended_at)::varchar
        from raw.work_order_operations""",
    ) == (4503, 225, 46, 24, "2012-01-02 05:00:00", "2012-03-31 10:45:00")
    assert one(
        marts,
        """select count(*), (sum(duration_minutes) / 60)::decimal(18, 2), count(*) filter (where is_repeated)
        from fct_operation""",
    ) == (4503, Decimal("13743.75"), 51)


def test_all_lines_of_the_web_log(raw: duckdb.DuckDBPyConnection, marts: duckdb.DuckDBPyConnection) -> None:
    """Lines of a real server that the pattern does not read; bots taken for visitors; addresses in the marts.

    The folder's README says that one request in seven is a bot's. In these first 1,000 lines it is one in four: 252
    agents call themselves bot, spider, crawler or slurp (msnbot alone 92), and one more is a script.
    """
    assert one(raw, "select count(*) from raw.access_log") == (1000,)
    assert one(marts, "select count(*) from fct_web_event where event_source = 'access_log' and is_bot") == (253,)
    addresses = {row[0] for row in raw.execute("select distinct client_address from raw.access_log").fetchall()}
    for column, kind in marts.execute(
        "select column_name, data_type from information_schema.columns where table_name = 'fct_web_event'"
    ).fetchall():
        if kind == "VARCHAR":
            values = {row[0] for row in marts.execute(f'select distinct "{column}" from fct_web_event').fetchall()}
            assert not values & addresses, column


def test_ga4_events(raw: duckdb.DuckDBPyConnection, marts: duckdb.DuckDBPyConnection) -> None:
    """64-bit numbers written as text, and parameters nested as key and one of four values."""
    assert one(raw, "select count(*), count(event_at), count(event_params) from raw.ga4_events") == (7, 7, 7)
    assert one(marts, "select count(*), count(page_path) > 0 from fct_web_event where event_source = 'ga4'") == (
        7,
        True,
    )


def test_a_second_run_loads_nothing_and_changes_no_mart(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Rows doubled by the next night's run over files that stay in their folder."""
    data, _ = run

    def rows() -> dict[str, int]:
        with duckdb.connect(str(data / "serve" / "current" / "warehouse.duckdb"), read_only=True) as con:
            return dict(con.execute("select table_name, row_count from marts.publication_table").fetchall())

    before = rows()
    said = kontor(data, "run")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Nothing new was loaded" in said.stdout
    assert rows() == before
