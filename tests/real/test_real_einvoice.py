"""E-invoices that others wrote: each case in both syntaxes, from the test suites of XRechnung and ZUGFeRD."""

from __future__ import annotations

import json
from decimal import Decimal

import duckdb

from ingestion.readers.invoice_terms import FIELDS
from tests.real.conftest import EurRun

# What says how the file is written, not what the invoice says.
WRITING = {"syntax", "profile", "process"}


def terms(con: duckdb.DuckDBPyConnection, source: str) -> list[dict[str, object]]:
    """The invoices of a source, their lists parsed, in the order of their content."""
    fields = [field for field in FIELDS if field not in WRITING]
    rows = con.execute(f"select {', '.join(fields)} from raw.e_invoices where _source = '{source}'").fetchall()
    lists = {"invoice_lines", "tax_breakdown", "allowances_charges", "preceding_invoices"}
    found = [
        {field: json.loads(value) if field in lists else value for field, value in zip(fields, row, strict=True)}
        for row in rows
    ]
    return sorted(found, key=lambda invoice: [str(invoice[field]) for field in ("document_number", *fields)])


def test_every_file_is_loaded(eur_run: EurRun, eur_raw: duckdb.DuckDBPyConnection) -> None:
    """A case that is refused, quarantined or taken for another one with the same number."""
    assert "Traceback" not in eur_run.said.stdout + eur_run.said.stderr
    assert eur_raw.execute("select _source, count(*) from raw.e_invoices group by 1 order by 1").fetchall() == [
        ("xrechnung_cii", 10),
        ("xrechnung_ubl", 10),
        ("zugferd_cii", 5),
        ("zugferd_ubl", 5),
    ]
    assert (
        eur_raw.execute("select file_name, reason from ops.quarantine where table_name = 'e_invoices'").fetchall() == []
    )


def test_twins_are_equal_in_every_field(eur_raw: duckdb.DuckDBPyConnection) -> None:
    """A term looked for in the wrong place of one syntax, or written in another notation."""
    for suite, count in (("xrechnung", 10), ("zugferd", 5)):
        ubl, cii = terms(eur_raw, f"{suite}_ubl"), terms(eur_raw, f"{suite}_cii")
        assert len(ubl) == len(cii) == count
        for one, other in zip(ubl, cii, strict=True):
            assert one == other


def test_each_invoice_counts_once_with_its_sign(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Both syntaxes of a case counted, or payable taken for revenue; 389 is issued by the buyer and stays
    positive; one case has the same VAT id on both sides."""
    assert eur_marts.execute(
        """select direction, count(*), sum(delivery_count), bool_or(has_deviating_totals)
        from fct_invoice group by 1 order by 1"""
    ).fetchall() == [("internal", 1, 2, False), ("sale", 14, 28, False)]
    sums = """select sum(net_amount), sum(tax_amount), sum(gross_amount), sum(payable_amount) from fct_invoice
        where source_name like '{}%'"""
    assert eur_marts.execute(sums.format("zugferd")).fetchall() == [
        (Decimal("2085.7700"), Decimal("248.7800"), Decimal("2334.5500"), Decimal("1224.8100"))
    ]
    assert eur_marts.execute(
        """select type_code, direction, is_self_billed, is_credit, document_gross_amount from fct_invoice
        where type_code <> '380'"""
    ).fetchall() == [("389", "sale", True, False, Decimal("529.8700"))]


def test_totals_and_lines_agree_to_the_cent(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Allowances, charges or base quantities left out; VAT lost when it is shared out over lines."""
    assert (
        eur_marts.execute(
            """select document_number from fct_invoice left join (
            select invoice_key, sum(net_amount) as net, sum(tax_amount) as tax from fct_invoice_line group by 1
        ) using (invoice_key)
        where net is distinct from net_amount or tax is distinct from tax_amount"""
        ).fetchall()
        == []
    )
    assert eur_marts.execute(
        """select line_kind, count(*), sum(net_amount) from fct_invoice_line
        where document_date = date '2018-06-05' group by 1 order by 1"""
    ).fetchall() == [
        ("allowance", 2, Decimal("-14.7300")),
        ("charge", 1, Decimal("5.8000")),
        ("item", 4, Decimal("202.7000")),
    ]


def test_names_do_not_leave_the_restricted_schema(
    eur_raw: duckdb.DuckDBPyConnection, eur_marts: duckdb.DuckDBPyConnection
) -> None:
    """Sellers and buyers may be persons; readers of the published copy see keys."""
    assert eur_raw.execute(
        "select count(*) > 0 from restricted.business_partner where partner_name = 'Kunden AG Mitte'"
    ).fetchall() == [(True,)]
    for (table,) in eur_marts.execute("select table_name from duckdb_tables()").fetchall():
        found = eur_marts.execute(f"select count(*) from {table} as t where t::varchar like '%Kunden AG%'").fetchall()
        assert found == [(0,)], table
