"""The terms of an e-invoice, whichever syntax it is in, and the one notation in which they come out.

Numbers without needless zeros, dates as 2025-12-31, VAT ids without blanks, what is absent as the standard reads it
(no allowances are 0). EN 16931-1 is the source; its numbers stand behind the terms.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ingestion.readers.xmltree import Node
from ingestion.vat import plain_vat_id

_PARTY = (
    "name",  # BT-27, BT-44
    "trading_name",  # BT-28, BT-45
    "party_id",  # BT-29, BT-46, behind its scheme if it has one; for a buyer often the seller's number of the customer
    "legal_id",  # BT-30, BT-47
    "vat_id",  # BT-31, BT-48
    "tax_number",  # BT-32
    "street",
    "postal_code",
    "city",
    "country",
    "identity",  # the strongest of these, marked as which
)
_AMOUNTS = (
    "line_total",  # BT-106
    "allowance_total",  # BT-107
    "charge_total",  # BT-108
    "net_total",  # BT-109
    "tax_total",  # BT-110
    "tax_total_accounting",  # BT-111
    "gross_total",  # BT-112
    "prepaid_total",  # BT-113
    "rounding_amount",  # BT-114
    "payable",  # BT-115
)
LISTS = (
    "invoice_lines",  # BG-25
    "tax_breakdown",  # BG-23
    "allowances_charges",  # BG-20, BG-21
    "preceding_invoices",  # BG-3
)
FIELDS = (
    "syntax",
    "profile",  # BT-24
    "process",  # BT-23
    "document_number",  # BT-1
    "issue_date",  # BT-2
    "type_code",  # BT-3
    "document_type",  # the same, for the contract to say what it means
    "issuer_identity",
    "currency",  # BT-5
    "tax_currency",  # BT-6
    "due_date",  # BT-9
    "buyer_reference",  # BT-10
    "project_number",  # BT-11
    "contract_number",  # BT-12
    "order_number",  # BT-13
    "sales_order_number",  # BT-14
    "despatch_number",  # BT-16
    "payment_terms",  # BT-20
    "notes",  # BG-1
    "delivery_date",  # BT-72
    "delivery_country",  # BT-80
    "period_start",  # BT-73
    "period_end",  # BT-74
    *(f"seller_{part}" for part in _PARTY),  # BG-4
    *(f"buyer_{part}" for part in _PARTY),  # BG-7
    "payment_means_code",  # BT-81
    "remittance",  # BT-83
    "iban",  # BT-84
    *_AMOUNTS,  # BG-22
    *LISTS,
)
# UBL demands the number of an order even where there is only that of the seller's; Peppol has NA written then.
_PLACEHOLDERS = frozenset({"na", "n/a", "dummy", "dummywert"})
# UNTDID 1001: who issues these is the buyer.
SELF_BILLED = frozenset({"261", "389", "471", "473", "500", "501", "502", "527"})
_NUMBERS = frozenset(
    {
        *_AMOUNTS,
        "amount",
        "base_amount",
        "base_quantity",
        "gross_price",
        "net_amount",
        "pct",
        "price_discount",
        "quantity",
        "tax_amount",
        "tax_rate_pct",
        "taxable_amount",
        "unit_price",
    }
)
# Fourteen digits before the mark are what the warehouse keeps of money.
_NUMBER = re.compile(r"[+-]?(?:\d{1,14}(?:\.\d*)?|\.\d+)")
_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,13})(?:\.\d*[1-9])?")


class Unreadable(ValueError):
    """A value of an invoice that cannot be read; its text says which, as a sentence part."""


def complete(found: dict[str, Any]) -> dict[str, Any]:
    """The terms that a syntax's reader found, in one notation and with what follows from them.

    Raises Unreadable for a number that is none.
    """
    _write_numbers_plainly(found, "the document")
    for place, part in (
        ("line", "invoice_lines"),
        ("tax", "tax_breakdown"),
        ("allowance or charge", "allowances_charges"),
    ):
        for number, entry in enumerate(found[part], start=1):
            _write_numbers_plainly(entry, f"{place} {number}")
            for allowance in entry.get("allowances", ()):
                _write_numbers_plainly(allowance, f"{place} {number}")
    for total in ("allowance_total", "charge_total", "prepaid_total", "rounding_amount"):
        found[total] = found[total] or "0"
    for line in found["invoice_lines"]:
        _complete_line(line)
    found["tax_breakdown"].sort(key=lambda tax: (tax["tax_category"] or "", Decimal(tax["tax_rate_pct"] or 0)))
    for side in ("seller", "buyer"):
        _complete_party(found, side)
    found["document_type"] = found["type_code"]
    found["issuer_identity"] = found["buyer_identity" if found["type_code"] in SELF_BILLED else "seller_identity"]
    if (found["order_number"] or "").casefold() in _PLACEHOLDERS:
        found["order_number"] = None
    return found


def is_true(text: str | None) -> bool:
    """A truth value of XML; what is absent is false."""
    return text in ("true", "1")


def scheme_and_number(node: Node) -> str:
    """A number of a party behind the scheme it is from, if it has one: 0088:4000001123452."""
    return ":".join(part for part in (node.attribute("schemeID"), node.value) if part)


def joined(texts: list[str | None]) -> str | None:
    """Several texts as one."""
    return " ".join(text for text in texts if text) or None


def _write_numbers_plainly(terms: dict[str, Any], where: str) -> None:
    for term in terms.keys() & _NUMBERS:
        text = terms[term]
        if text is None or _PLAIN.fullmatch(text):
            continue
        if not _NUMBER.fullmatch(text):
            raise Unreadable(f'{where}: {term}: "{text[:60]}" is no number')
        terms[term] = format(Decimal(text).normalize(), "f")


def _complete_line(line: dict[str, Any]) -> None:
    line["base_quantity"] = line["base_quantity"] or "1"
    # One syntax writes the price before its discount even where there is none, the other only the discount.
    if line["price_discount"] in (None, "0"):
        line["price_discount"] = line["gross_price"] = None
    elif line["gross_price"] is None and line["unit_price"] is not None:
        gross_price = Decimal(line["unit_price"]) + Decimal(line["price_discount"])
        line["gross_price"] = format(gross_price.normalize(), "f")


def _complete_party(found: dict[str, Any], side: str) -> None:
    def term(part: str) -> str | None:
        return found[f"{side}_{part}"]

    if term("vat_id"):
        found[f"{side}_vat_id"] = plain_vat_id(term("vat_id")) or None
    if term("trading_name") == term("name"):
        found[f"{side}_trading_name"] = None
    name = term("name") or term("trading_name")
    marked = {
        "vat": term("vat_id"),
        "tax": term("tax_number"),
        "name": name and f"{name} {term('postal_code') or ''}".strip().casefold(),
    }
    found[f"{side}_identity"] = next((f"{mark}:{value}" for mark, value in marked.items() if value), None)
