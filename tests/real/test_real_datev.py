"""Real DATEV files: what two programs wrote stands in the ledger, to the cent, with debits equal to credits."""

from __future__ import annotations

from decimal import Decimal

import duckdb

from tests.real.conftest import EurRun

BOOKS = ("books", "books_minimal", "books_utf8", "books_cp1252")


def test_every_file_loads_whole(eur_run: EurRun, eur_raw: duckdb.DuckDBPyConnection) -> None:
    """A file of another program, in UTF-8 with a mark or with its first line shifted by a field, was refused."""
    assert "Traceback" not in eur_run.said.stdout + eur_run.said.stderr
    rows = dict(eur_raw.execute("select _source, count(*) from raw.datev_bookings group by all").fetchall())
    assert rows == {"books": 2, "books_minimal": 10, "books_utf8": 2, "books_cp1252": 2}
    assert eur_raw.execute("select count(*) from ops.quarantine where kind like 'datev%'").fetchall() == [(0,)]
    texts = eur_raw.execute(
        "select posting_text from raw.datev_bookings where _source in ('books', 'books_cp1252') order by _source, _line"
    ).fetchall()
    assert texts[0] == ("Fachbuch: Controlling für Dummies",) and "Büromaterial" in texts[2][0]


def test_the_metadata_line_gives_client_year_and_period(eur_raw: duckdb.DuckDBPyConnection) -> None:
    """Bookings of one client or year counted for another, because a number stood a field further on."""
    found = eur_raw.execute(
        """select distinct consultant_number, client_number, fiscal_year_start::varchar, period_from::varchar,
            period_to::varchar, account_length, base_currency from raw.datev_bookings order by all"""
    ).fetchall()
    assert found == [
        (1, 2, "2025-01-01", "2025-01-01", "2025-12-31", 4, "EUR"),
        (1001, 456, "2018-01-01", "2018-02-01", "2018-02-28", 4, "EUR"),
    ]


def test_debits_equal_credits(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """One side of a booking lost, doubled, or with the wrong sign."""
    sums = eur_marts.execute(
        """select source_name, count(*), sum(debit_amount), sum(credit_amount), sum(amount)
        from fct_ledger_entry group by all order by all"""
    ).fetchall()
    both = {
        source: (count, Decimal(total))
        for source, count, total in (
            ("books", 4, "5974.95"),
            ("books_minimal", 20, "3209.18"),
            ("books_utf8", 4, "350.50"),
            ("books_cp1252", 4, "350.50"),
        )
    }
    assert {source: (count, debit) for source, count, debit, _, _ in sums} == both
    assert all(debit == credit and balance == 0 for _, _, debit, credit, balance in sums)


def test_signs_dates_and_tax_of_the_two_bookings(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """A day taken for January, a side turned round, the VAT of an automatic account or of a tax key left in revenue."""
    entries = eur_marts.execute(
        """select account_number, account_name, account_class, posting_date::varchar, amount, net_amount, tax_amount,
            tax_kind, document_number, fiscal_year, fiscal_period
        from fct_ledger_entry where source_name = 'books' order by posting_date, account_number"""
    ).fetchall()
    amounts = [tuple(map(str, entry[4:7])) for entry in entries]
    assert [entry[:4] for entry in entries] == [
        (1200, "Girokonto", "cash", "2018-02-21"),
        (4940, "Betriebliche Aufwendungen", "expense", "2018-02-21"),
        (8400, "Erlöse 19 % USt", "revenue", "2018-02-22"),
        (10000, None, "debtor", "2018-02-22"),
    ]
    assert amounts == [
        ("-24.9500", "-24.9500", "0.0000"),
        ("24.9500", "23.3200", "1.6300"),
        ("-5950.0000", "-5000.0000", "-950.0000"),
        ("5950.0000", "5950.0000", "0.0000"),
    ]
    assert [entry[7:] for entry in entries][1:3] == [("input", None, 2018, 2), ("output", "RE201802-135", 2018, 2)]


def test_bookings_are_no_sales(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Revenue doubled: once by the shop's lines, once by the books."""
    sources = eur_marts.execute("select distinct source_name from fct_sales_line").fetchall()
    assert not {source for (source,) in sources} & set(BOOKS)


def test_names_of_debtors_stay_restricted(
    eur_raw: duckdb.DuckDBPyConnection, eur_marts: duckdb.DuckDBPyConnection
) -> None:
    """The names of customers and suppliers published with the accounts."""
    names = eur_raw.execute(
        "select account_number, partner_name, partner_type from restricted.ledger_partner order by 1"
    ).fetchall()
    assert [name for _, name, _ in names] == ["Sabine Mustermann", "Meyer GmbH", "Schulze GmbH", "Scary Kitten  AG"]
    shown = eur_marts.execute("select count(*) from dim_account where account_class = 'debtor' and account_name <> ''")
    assert shown.fetchall() == [(0,)]
