"""The reader of e-invoices: what it finds, and what it refuses."""

from __future__ import annotations

import json
import resource
import time
from typing import Any

import pytest

from ingestion.errors import FileRefused
from ingestion.readers.einvoice import read_document
from ingestion.readers.invoice_terms import FIELDS
from ingestion.vat import check_vat_id, plain_vat_id
from tests.e_invoices import OURS, Invoice, Line, cii, pdf, ubl

FULL = Invoice(
    number="2026/17 & Söhne",
    currency="CHF",
    lines=(
        Line("100", "40", "250.50", base="100", name="Rohr  Ø 12\n mm", allowance="0.20"),
        Line("50", "2", "25.0000", rate="7"),
        Line("10", "1", "10", rate="0", category="E"),
    ),
    allowance="5",
    charge="2.50",
    taxes=(("S", "19", "97.5", "18.53"), ("E", "0", "10", "0"), ("S", "7", "50", "3.5")),
    tax_in_euros="23.1",
    line_total="160.00",
    net="157.5",
    tax="22.03",
    gross="179.53",
    prepaid="200",
    payable="-20.47",
)


def terms(data: bytes) -> dict[str, Any]:
    """The terms of an invoice by name, lists parsed."""
    found = read_document(data, "invoice.xml")
    assert found.values is not None, found.problem
    lists = {"invoice_lines", "tax_breakdown", "allowances_charges", "preceding_invoices"}
    return {
        field: json.loads(value) if field in lists and value else value
        for field, value in zip(FIELDS, found.values, strict=True)
    }


def without_syntax(found: dict[str, Any]) -> dict[str, Any]:
    return {term: value for term, value in found.items() if term != "syntax"}


@pytest.mark.parametrize("invoice", [FULL, FULL.with_(code="381"), Invoice(), Invoice(buyer="", code="384")])
def test_all_syntaxes_say_the_same(invoice: Invoice) -> None:
    """A term looked for in the wrong place of one syntax, or in another notation."""
    one = without_syntax(terms(ubl(invoice)))
    assert one == without_syntax(terms(cii(invoice)))
    assert one == without_syntax(terms(cii(invoice, version=1)))


def test_terms_come_out_in_one_notation() -> None:
    """Values of two invoices that cannot be compared: 19.00 and 19, DE 123 456 789 and DE123456789."""
    found = terms(ubl(FULL))
    assert (found["document_number"], found["issue_date"]) == ("2026/17 & Söhne", "2026-03-02")
    assert (found["line_total"], found["payable"], found["rounding_amount"]) == ("160", "-20.47", "0")
    assert (found["tax_total"], found["tax_total_accounting"]) == ("22.03", "23.1")
    assert found["buyer_vat_id"] == "DE123456789"
    assert found["issuer_identity"] == "vat:DE987654321"
    line = found["invoice_lines"][0]
    assert (line["article_name"], line["base_quantity"], line["unit_price"]) == ("Rohr Ø 12 mm", "100", "250.5")
    assert line["allowances"][0]["amount"] == "0.2"
    assert [tax["tax_rate_pct"] for tax in found["tax_breakdown"]] == ["0", "7", "19"]
    assert [entry["is_charge"] for entry in found["allowances_charges"]] == [False, True]


def test_self_billed_invoices_are_numbered_by_the_buyer() -> None:
    """Two customers who both number their self-billing from 1 would replace each other's."""
    assert terms(cii(Invoice(code="389")))["issuer_identity"] == "vat:" + plain_vat_id(OURS)


@pytest.mark.parametrize(
    "name", ["factur-x.xml", "zugferd-invoice.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "XRECHNUNG.XML", "r17.xml"]
)
def test_the_attachment_is_found_under_all_its_names(name: str) -> None:
    """ZUGFeRD changed the name with each version; some programs take one of their own."""
    assert terms(pdf(cii(Invoice()), name)) == terms(cii(Invoice()))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (pdf(None), "is a PDF without an e-invoice: attached to it is nothing"),
        (pdf(b"...", "terms.docx"), "attached to it is only terms.docx"),
        (pdf(cii(Invoice()), password="secret"), "is encrypted"),
        (pdf(cii(Invoice()))[:600], "is a damaged PDF"),
        (b"%PDF-1.7\n" + bytes(2000), "is a damaged PDF"),
        (pdf(b"<a>"), "is no complete XML"),
        (ubl(Invoice())[:900], "is no complete XML"),
        (b"no XML at all", "is no complete XML"),
        (b"   ", "is no complete XML"),
        (b"<html><body/></html>", "its root element is html"),
        (
            b'<Invoice xmlns="http://www.ebinterface.at/schema/4p3/"/>',
            "Invoice in the namespace http://www.ebinterface",
        ),
        (b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', "is an order (root element Order)"),
        (b'<DespatchAdvice xmlns="urn:oasis"/>', "is a despatch advice"),
        (b"<a>" * 300 + b"</a>" * 300, "is no complete XML"),
        (b"<a>" + b"<b/>" * 1_100_000 + b"</a>", "is larger than an invoice can be"),
        (b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "declares a document type"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "declares a document type"),
        (b"<!-- " + b"x" * 70_000 + b"--><!DOCTYPE a><a/>", "declares a document type"),
    ],
)
def test_what_is_no_invoice_is_refused_with_a_sentence(data: bytes, says: str) -> None:
    """A bookkeeper must be told what lies there; a traceback or a silent skip tells nothing."""
    with pytest.raises(FileRefused) as refusal:
        read_document(data, "r17.xml")
    assert says in str(refusal.value) and str(refusal.value).startswith("r17.xml") and str(refusal.value).endswith(".")


def test_a_bomb_is_refused_at_once_in_bounded_memory() -> None:
    """A billion laughs: a kilobyte that unfolds to gigabytes, in the text or in an attribute."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "lol">{levels}]><a b="&l9;">&l9;</a>'
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    # Hidden behind more than the beginning that is looked at, the parser itself must hold.
    for text in (bomb, bomb.replace("<!DOCTYPE", f"<!--{'x' * 70_000}--><!DOCTYPE")):
        with pytest.raises(FileRefused):
            read_document(text.encode(), "bomb.xml")
    assert time.monotonic() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize("amount", ["12,50", "1e3", "NaN", "1234567890123456", "--1"])
def test_a_number_that_is_none_is_told_with_its_place(amount: str) -> None:
    """A line whose amount silently counts as nothing."""
    found = read_document(ubl(Invoice(lines=(Line("1"), Line(amount)))), "r.xml")
    assert found.values is None
    assert found.problem == f'line 2: net_amount: "{amount}" is no number'
    assert found.beginning.startswith("<?xml")


def test_an_invoice_without_anything_has_no_values() -> None:
    """Quarantine tells what is missing; the reader must not stumble over it."""
    found = terms(b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>')
    assert found["document_number"] is None and found["issue_date"] is None and found["invoice_lines"] == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("DE 123 456 789", "DE123456789"),
        ("atu12345678", "ATU12345678"),
        ("CHE-123.456.789 MWST", "CHE123456789"),
        ("NL004495445B01", "NL004495445B01"),
    ],
)
def test_vat_ids_are_known_in_any_spelling(text: str, plain: str) -> None:
    """One company under two spellings of its number would be two."""
    assert check_vat_id(text) == plain


@pytest.mark.parametrize("text", ["DE12345678", "12/345/67890", "", "Lampenwerk", "ATU1234567"])
def test_what_is_no_vat_id_is_said(text: str) -> None:
    """A tax number in the settings would match no invoice, and all directions would be unknown."""
    with pytest.raises(ValueError, match="is no VAT id"):
        check_vat_id(text)
