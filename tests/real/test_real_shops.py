"""Orders and refunds that nobody on this project wrote: what their README states must come out, to the cent."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import duckdb

from tests.real.conftest import EurRun

SHOPS = "source_name in ('shopify_orders', 'shopify_refunds', 'woocommerce_orders', 'woocommerce_refunds')"


def lines_of(con: duckdb.DuckDBPyConnection, number: str) -> list[tuple[object, ...]]:
    """Time (UTC), kind, article, quantity and the signed net, tax and gross of a document's lines."""
    return con.execute(
        f"""select document_at, line_kind, product_key, quantity::int, document_net_amount::decimal(18, 2)::varchar,
            document_tax_amount::decimal(18, 2)::varchar, document_gross_amount::decimal(18, 2)::varchar
        from fct_sales_line where {SHOPS} and document_number = ?
        order by is_refund, is_derived, document_at, line_kind, product_key""",
        [number],
    ).fetchall()


def test_all_documents_arrive_as_one_row_each(eur_raw: duckdb.DuckDBPyConnection) -> None:
    """An order around its lists, a bare list and a bare object are three shapes of the same."""
    counts = eur_raw.execute(
        """select (select count(*) from raw.shopify_orders), (select count(*) from raw.shopify_refunds),
            (select count(*) from raw.woocommerce_orders), (select count(*) from raw.woocommerce_refunds)"""
    ).fetchall()
    assert counts == [(1, 1, 2, 1)]
    assert eur_raw.execute(f"select count(*) from ops.quarantine where {SHOPS}").fetchall() == [(0,)]
    assert eur_raw.execute(f"select count(*) from ops.drift where {SHOPS}").fetchall() == [(0,)]


def test_the_shopify_order_adds_up_to_its_total(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Three lines of 199.00 in an order of 398.00 and 11.94 tax: what the lines have too much is a line of its own."""
    ordered = datetime(2008, 1, 10, 16)
    assert [row for row in lines_of(eur_marts, "#1001") if row[0] == ordered] == [
        (ordered, "product", "IPOD2008BLACK", 1, "199.00", "3.98", "202.98"),
        (ordered, "product", "IPOD2008GREEN", 1, "199.00", "3.98", "202.98"),
        (ordered, "product", "IPOD2008RED", 1, "199.00", "3.98", "202.98"),
        (ordered, "discount", "none", 0, "-199.00", "0.00", "-199.00"),
        (ordered, "shipping", "none", 0, "0.00", "0.00", "0.00"),
    ]
    total = f"select sum(document_gross_amount), sum(document_tax_amount) from fct_sales_line where {SHOPS}"
    assert eur_marts.execute(f"{total} and document_number = '#1001' and not is_refund").fetchall() == [
        (Decimal("409.94"), Decimal("11.94"))
    ]


def test_the_shopify_refund_is_what_was_paid_back(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Two articles came back, 405.96 with tax; 209.00 were paid, on the day of the refund in UTC."""
    refunded = datetime(2016, 6, 20, 17, 35, 6)
    assert [row for row in lines_of(eur_marts, "#1001") if row[0] == refunded] == [
        (refunded, "product", "IPOD2008BLACK", -1, "-199.00", "-3.98", "-202.98"),
        (refunded, "product", "IPOD2008GREEN", -1, "-199.00", "-3.98", "-202.98"),
        (refunded, "discount", "none", 0, "193.10", "3.86", "196.96"),
    ]


def test_woocommerce_totals_are_unchanged_by_refunds(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Order 723 stays at 39.00; 726 without lines has its own day, 724 is only mentioned and takes the last change."""
    assert lines_of(eur_marts, "723") == [
        (datetime(2017, 3, 21, 19, 16), "product", "WOOCOMMERCE-34", 1, "20.00", "0.00", "20.00"),
        (datetime(2017, 3, 21, 19, 16), "product", "WOOCOMMERCE-87", 1, "9.00", "0.00", "9.00"),
        (datetime(2017, 3, 21, 19, 16), "shipping", "none", 0, "10.00", "0.00", "10.00"),
        (datetime(2017, 3, 21, 19, 54, 51), "discount", "none", 0, "-9.00", "0.00", "-9.00"),
        (datetime(2017, 3, 21, 20, 7, 11), "discount", "none", 0, "-10.00", "0.00", "-10.00"),
    ]
    assert lines_of(eur_marts, "727") == [
        (datetime(2017, 3, 22, 19, 28, 2), "product", "BAR3", 1, "12.00", "0.90", "12.90"),
        (datetime(2017, 3, 22, 19, 28, 2), "product", "WOOCOMMERCE-93", 2, "6.00", "0.45", "6.45"),
        (datetime(2017, 3, 22, 19, 28, 2), "shipping", "none", 0, "10.00", "0.00", "10.00"),
    ]


def test_each_variant_is_an_article(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """One product with four variants in Shopify, two products without a number in WooCommerce."""
    found = eur_marts.execute(
        """select product_key, article_name, stock_quantity::int from dim_product
        where not is_unlisted and (product_key like 'IPOD%' or product_key like 'WOOCOMMERCE-%') order by product_key"""
    ).fetchall()
    assert found == [
        ("IPOD2008BLACK", "IPod Nano - 8GB - Black", 40),
        ("IPOD2008GREEN", "IPod Nano - 8GB - Green", 30),
        ("IPOD2008PINK", "IPod Nano - 8GB - Pink", 10),
        ("IPOD2008RED", "IPod Nano - 8GB - Red", 20),
        ("WOOCOMMERCE-794", "Premium Quality", None),
        ("WOOCOMMERCE-799", "Ship Your Idea", None),
    ]


def test_no_buyer_is_named_in_the_marts(eur_run: EurRun, eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Bob Norman and João Silva are known by pseudonyms, each by one for his orders and his refunds."""
    keys = eur_marts.execute(
        f"select document_number, count(distinct customer_key), max(length(customer_key)) from fct_sales_line "
        f"where {SHOPS} group by all order by all"
    ).fetchall()
    assert keys == [("#1001", 1, 32), ("723", 1, 32), ("727", 1, 32)]
    with eur_run.company.warehouse() as con:
        names = con.execute("select customer_name from restricted.customer_identity").fetchall()
    assert {("Bob Norman",), ("João Silva",), ("John Doe",)} <= set(names)


def test_orders_in_dollars_have_a_value_only_where_there_is_a_rate(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Dollars counted as euros."""
    found = eur_marts.execute(
        f"select distinct document_currency, exchange_rate = 1 from fct_sales_line where {SHOPS}"
    ).fetchall()
    assert found == [("USD", None)]
