"""SQL on the published copy and how its result looks."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from serving.errors import NotPublished, QueryError, sentence
from serving.publish import publish
from serving.sql import QueryResult, is_number, print_result, query, write_csv


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sql")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.fct_sale as
            select
                i as sale_id,
                case when i % 2 = 0 then 'Lampe "Süd", 40 W' end as article,
                (i * 1.5)::decimal(18, 4) as net_amount,
                i = 0 as is_first,
                timestamp '2026-10-25 00:30:00' as sold_at
            from range(25000) t(i)
            """
        )
    publish(folder / "warehouse.duckdb", folder / "serve", keep=1, run_id="run", now=datetime(2026, 11, 22, tzinfo=UTC))
    return folder / "serve"


def printed(result: QueryResult, width: int = 100) -> str:
    out = io.StringIO()
    print_result(result, Console(file=out, width=width))
    return out.getvalue()


def test_query_gives_columns_types_rows(serve: Path) -> None:
    result = query(serve, "select sale_id, net_amount from fct_sale order by sale_id desc limit 2")
    assert (result.columns, result.types) == (["sale_id", "net_amount"], ["BIGINT", "DECIMAL(18,4)"])
    assert [tuple(map(str, row)) for row in result.rows] == [("24999", "37498.5000"), ("24998", "37497.0000")]
    assert result.more == 0


def test_limit_counts_what_it_leaves_out(serve: Path) -> None:
    result = query(serve, "from fct_sale order by sale_id", limit=3)
    assert [row[0] for row in result.rows] == [0, 1, 2]
    assert result.more == 24_997
    assert "3 of 25,000 rows shown, 24,997 more." in printed(result)


def test_limit_that_just_fits(serve: Path) -> None:
    result = query(serve, "from fct_sale limit 3", limit=3)
    assert (len(result.rows), result.more) == (3, 0)
    assert "more" not in printed(result)


def test_table_sets_numbers_right_and_shows_null(serve: Path) -> None:
    lines = printed(query(serve, "from fct_sale order by sale_id limit 2")).splitlines()
    (first,) = [line for line in lines if "Süd" in line]
    (second,) = [line for line in lines if "∅" in line]
    assert [cell.strip() for cell in first.split("│")[1:-1]] == [
        "0",
        'Lampe "Süd", 40 W',
        "0.00",
        "true",
        "2026-10-25 00:30:00",
    ]
    assert "│       0 │" in first
    assert "│       1 │ ∅ " in second


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("3103.8500::decimal(18, 4), -2::decimal(18, 4)", ["3103.85", "-2.00"]),
        ("0.0001::decimal(18, 4), 7::decimal(18, 4)", ["0.0001", "7.0000"]),
        ("1::decimal(18, 8), null", ["1.00", "∅"]),
        ("5::decimal(5, 1), 6::decimal(5, 1)", ["5.0", "6.0"]),
        ("12345678901234.5678::decimal(18, 4), 0", ["12345678901234.5678", "0.0000"]),
        ("1 / 3.0::double, 2::double", ["0.333333", "2.000000"]),
        ("12.5::double, 'nan'::double", ["12.5", "nan"]),
        ("100, 20", ["100", "20"]),
    ],
)
def test_places_of_a_column(serve: Path, values: str, expected: list[str]) -> None:
    """3103.8500 for an amount of money, or points that do not stand below each other; a place that is not shown."""
    result = query(serve, f"select unnest([{values}]) as v")
    lines = [line.split("│")[1].strip() for line in printed(result).splitlines() if "│" in line]
    assert lines == expected


def test_columns_that_do_not_fit_are_listed_below_each_other(serve: Path) -> None:
    """A wide fact in a narrow window came out as columns of one letter each."""
    result = query(serve, "select * exclude (is_first) from fct_sale order by sale_id limit 2")
    lines = [line.strip() for line in printed(result, width=60).splitlines()]
    assert lines == [
        "row 1",
        "sale_id     0",
        'article     Lampe "Süd", 40 W',
        "net_amount  0.00",
        "sold_at     2026-10-25 00:30:00",
        "row 2",
        "sale_id     1",
        "article     ∅",
        "net_amount  1.50",
        "sold_at     2026-10-25 00:30:00",
    ]


def test_data_cannot_steer_the_terminal(serve: Path) -> None:
    """A browser's name in a web log may hold terminal codes, and square brackets are rich's markup."""
    result = query(serve, r"select chr(27) || '[31m' || '[red]x[/red]' || chr(10) as agent")
    assert r"\x1b[31m[red]x[/red]\n" in printed(result)


def test_no_rows(serve: Path) -> None:
    result = query(serve, "from fct_sale where false")
    assert result.rows == []
    assert "net_amount" in printed(result)


def test_csv(serve: Path) -> None:
    out = io.StringIO()
    assert write_csv(serve, "from fct_sale order by sale_id", out) == 25_000
    lines = out.getvalue().splitlines()
    assert lines[:3] == [
        "sale_id,article,net_amount,is_first,sold_at",
        '0,"Lampe ""Süd"", 40 W",0.0000,true,2026-10-25 00:30:00',
        "1,,1.5000,false,2026-10-25 00:30:00",
    ]
    assert len(lines) == 25_001


def test_csv_of_a_zero_with_many_decimals(serve: Path) -> None:
    """Python writes Decimal("0.00000000") as 0E-8, which a spreadsheet takes for text."""
    out = io.StringIO()
    write_csv(serve, "select 0::decimal(18, 8) as rate, 'a\nb' as text", out)
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [["rate", "text"], ["0.00000000", "a\nb"]]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select * form fct_sale", "syntax error at or near"),
        ("from fct_sales", 'Table with name fct_sales does not exist! Did you mean "fct_sale"?'),
        ("select nett from fct_sale", 'Referenced column "nett" not found'),
        ("select 'x'::integer", "Could not convert string 'x' to INT32."),
        ("insert into fct_sale (sale_id) values (1)", "read-only"),
        ("", "There is no SQL statement in this text."),
        ("-- only a comment", "There is no SQL statement in this text."),
    ],
)
def test_errors_are_one_sentence(serve: Path, sql: str, message: str) -> None:
    with pytest.raises(QueryError) as error:
        query(serve, sql)
    assert message in str(error.value)
    assert str(error.value).endswith((".", "?", "!"))
    assert not any(part in str(error.value) for part in ("\n", "LINE 1", "^", "Error:", "Traceback"))


def test_error_while_rows_are_fetched(serve: Path) -> None:
    """DuckDB 2.0 streams: a bad value in the last row is met when the first ones have been given out."""
    with pytest.raises(QueryError, match="Could not convert"):
        query(serve, "select case when sale_id = 24999 then 'x' else '1' end::integer from fct_sale", limit=1)


def test_sentence_of_an_internal_error() -> None:
    error = duckdb.InternalException("INTERNAL Error: It broke\n\nStack Trace:\n\n/lib/x.so(+0x1)")
    assert sentence(error) == "It broke."


def test_statement_without_rows(serve: Path) -> None:
    assert query(serve, "set threads = 1").rows == []


def test_nothing_published(tmp_path: Path) -> None:
    with pytest.raises(NotPublished, match="Nothing is published"):
        query(tmp_path, "select 1")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("INTEGER", True),
        ("UBIGINT", True),
        ("UHUGEINT", True),
        ("DECIMAL(18,2)", True),
        ("DOUBLE", True),
        ("INTEGER[]", False),
        ("VARCHAR", False),
        ("INTERVAL", False),
        ("UUID", False),
        ("DATE", False),
    ],
)
def test_is_number(name: str, expected: bool) -> None:
    assert is_number(name) is expected
