"""Where UBL 2.1 has the terms of an invoice or credit note.

Format: docs.oasis-open.org/ubl/UBL-2.1.html, bound to EN 16931 by CEN/TS 16931-3-2.
"""

from __future__ import annotations

import re
from typing import Any

from ingestion.readers.invoice_terms import is_true, joined, scheme_and_number
from ingestion.readers.xmltree import Node

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?")


def read(root: Node) -> dict[str, Any]:
    """The terms of an Invoice or CreditNote, as its texts."""
    currency = root.text("DocumentCurrencyCode")
    taxes = root.all("TaxTotal")
    # One total in the currency of the document, with the breakdown, and where they differ one in that of accounting.
    own = next((tax for tax in taxes if _currency(tax) in (currency, None)), None)
    accounting = next((tax for tax in taxes if tax is not own and _currency(tax) != currency), None)
    totals = root.one("LegalMonetaryTotal") or root
    is_credit_note = "CreditNoteTypeCode" in root.children or "CreditNoteLine" in root.children
    return {
        "syntax": "UBL",
        "profile": root.text("CustomizationID"),
        "process": root.text("ProfileID"),
        "document_number": root.text("ID"),
        "issue_date": _date(root.text("IssueDate")),
        "type_code": root.text("InvoiceTypeCode")
        or root.text("CreditNoteTypeCode")
        or ("381" if is_credit_note else None),
        "currency": currency,
        "tax_currency": root.text("TaxCurrencyCode"),
        "due_date": _date(root.text("DueDate") or root.text("PaymentMeans", "PaymentDueDate")),
        "buyer_reference": root.text("BuyerReference"),
        "project_number": root.text("ProjectReference", "ID"),
        "contract_number": root.text("ContractDocumentReference", "ID"),
        "order_number": root.text("OrderReference", "ID"),
        "sales_order_number": root.text("OrderReference", "SalesOrderID"),
        "despatch_number": root.text("DespatchDocumentReference", "ID"),
        "payment_terms": joined([note.value for note in root.all("PaymentTerms", "Note")]),
        "notes": joined([_note(note.value) for note in root.all("Note")]),
        "delivery_date": _date(root.text("Delivery", "ActualDeliveryDate")),
        "delivery_country": root.text("Delivery", "DeliveryLocation", "Address", "Country", "IdentificationCode"),
        "period_start": _date(root.text("InvoicePeriod", "StartDate")),
        "period_end": _date(root.text("InvoicePeriod", "EndDate")),
        **_party(root.one("AccountingSupplierParty", "Party"), "seller"),
        **_party(root.one("AccountingCustomerParty", "Party"), "buyer"),
        "payment_means_code": root.text("PaymentMeans", "PaymentMeansCode"),
        "remittance": root.text("PaymentMeans", "PaymentID"),
        "iban": root.text("PaymentMeans", "PayeeFinancialAccount", "ID"),
        "line_total": totals.text("LineExtensionAmount"),
        "allowance_total": totals.text("AllowanceTotalAmount"),
        "charge_total": totals.text("ChargeTotalAmount"),
        "net_total": totals.text("TaxExclusiveAmount"),
        "tax_total": None if own is None else own.text("TaxAmount"),
        "tax_total_accounting": None if accounting is None else accounting.text("TaxAmount"),
        "gross_total": totals.text("TaxInclusiveAmount"),
        "prepaid_total": totals.text("PrepaidAmount"),
        "rounding_amount": totals.text("PayableRoundingAmount"),
        "payable": totals.text("PayableAmount"),
        "invoice_lines": list(_lines(root.all("InvoiceLine") + root.all("CreditNoteLine"), None)),
        "tax_breakdown": [] if own is None else [_tax(tax) for tax in own.all("TaxSubtotal")],
        "allowances_charges": [_allowance(found) for found in root.all("AllowanceCharge")],
        "preceding_invoices": [
            {"document_number": reference.text("ID"), "issue_date": _date(reference.text("IssueDate"))}
            for billing in root.all("BillingReference")
            for kind in ("InvoiceDocumentReference", "CreditNoteDocumentReference")
            for reference in billing.all(kind)
        ],
    }


def _currency(tax: Node) -> str | None:
    amount = tax.one("TaxAmount")
    return None if amount is None else amount.attribute("currencyID")


def _date(text: str | None) -> str | None:
    """The day without the time zone that dates of XML may have; any other text stays, for the loader to refuse."""
    found = _DATE.fullmatch(text) if text else None
    return found[1] if found else text


def _note(text: str | None) -> str | None:
    """A note behind its subject code, which stands in front of it between two #."""
    return re.sub(r"^(#[A-Z]{3}#) ", r"\1", text) if text else None


def _party(party: Node | None, side: str) -> dict[str, str | None]:
    def text(*path: str) -> str | None:
        return None if party is None else party.text(*path)

    def parts(*path: str) -> list[Node]:
        return [] if party is None else party.all(*path)

    identifications = [node for found in parts("PartyIdentification") if (node := found.one("ID"))]
    # The creditor number of direct debits stands among them too.
    numbers = [scheme_and_number(node) for node in identifications if node.attribute("schemeID") != "SEPA"]
    schemes = {found.text("TaxScheme", "ID"): found.text("CompanyID") for found in reversed(parts("PartyTaxScheme"))}
    terms = {
        "name": text("PartyLegalEntity", "RegistrationName") or text("PartyName", "Name"),
        "trading_name": text("PartyName", "Name"),
        # Under a public scheme first: the other syntax may lack the number that is known to the two alone.
        "party_id": next(iter(sorted(numbers, key=lambda number: ":" not in number)), None),
        "legal_id": text("PartyLegalEntity", "CompanyID"),
        "vat_id": schemes.get("VAT"),
        "tax_number": next((number for scheme, number in schemes.items() if scheme != "VAT"), None),
        "street": text("PostalAddress", "StreetName"),
        "postal_code": text("PostalAddress", "PostalZone"),
        "city": text("PostalAddress", "CityName"),
        "country": text("PostalAddress", "Country", "IdentificationCode"),
    }
    return {f"{side}_{term}": value for term, value in terms.items()}


def _lines(found: list[Node], parent: str | None) -> Any:
    """The lines, each followed by the lines that explain it (an extension of XRechnung)."""
    for line in found:
        own = line.text("ID")
        yield {
            "line_id": own,
            "parent_line_id": parent,
            "line_status": None,
            "note": joined([note.value for note in line.all("Note")]),
            "article_name": line.text("Item", "Name"),
            "article_description": line.text("Item", "Description"),
            "article_number": line.text("Item", "SellersItemIdentification", "ID"),
            "buyer_article_number": line.text("Item", "BuyersItemIdentification", "ID"),
            "global_article_number": line.text("Item", "StandardItemIdentification", "ID"),
            "origin_country": line.text("Item", "OriginCountry", "IdentificationCode"),
            "quantity": line.text("InvoicedQuantity") or line.text("CreditedQuantity"),
            "unit": _unit(line),
            "unit_price": line.text("Price", "PriceAmount"),
            "base_quantity": line.text("Price", "BaseQuantity"),
            "gross_price": line.text("Price", "AllowanceCharge", "BaseAmount"),
            "price_discount": line.text("Price", "AllowanceCharge", "Amount"),
            "net_amount": line.text("LineExtensionAmount"),
            "tax_category": line.text("Item", "ClassifiedTaxCategory", "ID"),
            "tax_rate_pct": line.text("Item", "ClassifiedTaxCategory", "Percent"),
            "period_start": _date(line.text("InvoicePeriod", "StartDate")),
            "period_end": _date(line.text("InvoicePeriod", "EndDate")),
            "order_line": line.text("OrderLineReference", "LineID"),
            "allowances": [_allowance(allowance) for allowance in line.all("AllowanceCharge")],
        }
        yield from _lines(line.all("SubInvoiceLine") + line.all("SubCreditNoteLine"), own)


def _unit(line: Node) -> str | None:
    quantity = line.one("InvoicedQuantity") or line.one("CreditedQuantity")
    return None if quantity is None else quantity.attribute("unitCode")


def _tax(tax: Node) -> dict[str, Any]:
    return {
        "tax_category": tax.text("TaxCategory", "ID"),
        "tax_rate_pct": tax.text("TaxCategory", "Percent"),
        "taxable_amount": tax.text("TaxableAmount"),
        "tax_amount": tax.text("TaxAmount"),
        "exemption_code": tax.text("TaxCategory", "TaxExemptionReasonCode"),
        "exemption_reason": tax.text("TaxCategory", "TaxExemptionReason"),
    }


def _allowance(found: Node) -> dict[str, Any]:
    return {
        "is_charge": is_true(found.text("ChargeIndicator")),
        "amount": found.text("Amount"),
        "base_amount": found.text("BaseAmount"),
        "pct": found.text("MultiplierFactorNumeric"),
        "reason_code": found.text("AllowanceChargeReasonCode"),
        "reason": found.text("AllowanceChargeReason"),
        "tax_category": found.text("TaxCategory", "ID"),
        "tax_rate_pct": found.text("TaxCategory", "Percent"),
    }
