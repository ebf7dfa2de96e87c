"""Where UN/CEFACT's Cross Industry Invoice has the terms: Factur-X and ZUGFeRD 2 (:100), and ZUGFeRD 1 before them.

Format: unece.org/trade/uncefact/xml-schemas, bound to EN 16931 by CEN/TS 16931-3-3; ZUGFeRD 1.0 as FeRD published it
(ferd-net.de). ZUGFeRD 1 has other names for some elements; both are asked for.
"""

from __future__ import annotations

import re
from typing import Any

from ingestion.readers.invoice_terms import is_true, joined, scheme_and_number
from ingestion.readers.xmltree import Node

_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")


def read(root: Node) -> dict[str, Any]:
    """The terms of a CrossIndustryInvoice or CrossIndustryDocument, as its texts."""
    context = _part(root, "ExchangedDocumentContext", "SpecifiedExchangedDocumentContext")
    header = _part(root, "ExchangedDocument", "HeaderExchangedDocument")
    trade = _part(root, "SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
    agreement = _part(trade, "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
    delivery = _part(trade, "ApplicableHeaderTradeDelivery", "ApplicableSupplyChainTradeDelivery")
    settlement = _part(trade, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
    totals = _part(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    currency = settlement.text("InvoiceCurrencyCode")
    taxes = totals.all("TaxTotalAmount")
    own = next((tax for tax in taxes if tax.attribute("currencyID") in (currency, None)), None)
    accounting = next((tax for tax in taxes if tax.attribute("currencyID") not in (currency, None)), None)
    return {
        "syntax": "CII" if "ExchangedDocument" in root.children else "ZUGFeRD 1",
        "profile": context.text("GuidelineSpecifiedDocumentContextParameter", "ID"),
        "process": context.text("BusinessProcessSpecifiedDocumentContextParameter", "ID"),
        "document_number": header.text("ID"),
        "issue_date": _date(header.one("IssueDateTime")),
        "type_code": header.text("TypeCode"),
        "currency": currency,
        "tax_currency": settlement.text("TaxCurrencyCode"),
        # Terms may stand in several parts, of which only one names the day.
        "due_date": next(
            (
                _date(due)
                for terms in settlement.all("SpecifiedTradePaymentTerms")
                for due in terms.all("DueDateDateTime")
            ),
            None,
        ),
        "buyer_reference": agreement.text("BuyerReference"),
        "project_number": agreement.text("SpecifiedProcuringProject", "ID"),
        "contract_number": _number(agreement.one("ContractReferencedDocument")),
        "order_number": _number(agreement.one("BuyerOrderReferencedDocument")),
        "sales_order_number": _number(agreement.one("SellerOrderReferencedDocument")),
        "despatch_number": _number(delivery.one("DespatchAdviceReferencedDocument")),
        "payment_terms": joined([terms.text("Description") for terms in settlement.all("SpecifiedTradePaymentTerms")]),
        "notes": joined([_note(note) for note in header.all("IncludedNote")]),
        "delivery_date": _date(delivery.one("ActualDeliverySupplyChainEvent", "OccurrenceDateTime")),
        "delivery_country": delivery.text("ShipToTradeParty", "PostalTradeAddress", "CountryID"),
        "period_start": _date(settlement.one("BillingSpecifiedPeriod", "StartDateTime")),
        "period_end": _date(settlement.one("BillingSpecifiedPeriod", "EndDateTime")),
        **_party(agreement.one("SellerTradeParty"), "seller"),
        **_party(agreement.one("BuyerTradeParty"), "buyer"),
        "payment_means_code": settlement.text("SpecifiedTradeSettlementPaymentMeans", "TypeCode"),
        "remittance": settlement.text("PaymentReference"),
        "iban": _account(settlement.one("SpecifiedTradeSettlementPaymentMeans", "PayeePartyCreditorFinancialAccount")),
        "line_total": totals.text("LineTotalAmount"),
        "allowance_total": totals.text("AllowanceTotalAmount"),
        "charge_total": totals.text("ChargeTotalAmount"),
        "net_total": totals.text("TaxBasisTotalAmount"),
        "tax_total": None if own is None else own.value,
        "tax_total_accounting": None if accounting is None else accounting.value,
        "gross_total": totals.text("GrandTotalAmount"),
        "prepaid_total": totals.text("TotalPrepaidAmount"),
        "rounding_amount": totals.text("RoundingAmount"),
        "payable": totals.text("DuePayableAmount"),
        "invoice_lines": [_line(line) for line in trade.all("IncludedSupplyChainTradeLineItem")],
        "tax_breakdown": [_tax(tax) for tax in settlement.all("ApplicableTradeTax")],
        "allowances_charges": [_allowance(found) for found in settlement.all("SpecifiedTradeAllowanceCharge")]
        + [_logistics(found) for found in settlement.all("SpecifiedLogisticsServiceCharge")],
        "preceding_invoices": [
            {"document_number": _number(found), "issue_date": _date(found.one("FormattedIssueDateTime"))}
            for found in settlement.all("InvoiceReferencedDocument")
        ],
    }


def _part(node: Node, *names: str) -> Node:
    """The first child under one of these names; where there is none the node itself, which has none of its terms."""
    for name in names:
        found = node.children.get(name)
        if found is not None:
            return found[0]
    return node


def _date(moment: Node | None) -> str | None:
    """The day: YYYYMMDD in format 102, or the beginning of longer ones. Any other text stays, to be refused."""
    if moment is None:
        return None
    text = moment.text("DateTimeString") or moment.text("DateTime") or moment.text("DateString") or moment.value
    found = _DAY.match(text) if text else None
    return "-".join(found.groups()) if found else text


def _number(reference: Node | None) -> str | None:
    return None if reference is None else reference.text("IssuerAssignedID") or reference.text("ID")


def _note(note: Node) -> str | None:
    subject, content = note.text("SubjectCode"), joined([part.value for part in note.all("Content")])
    return f"#{subject}#{content or ''}" if subject else content


def _account(account: Node | None) -> str | None:
    return None if account is None else account.text("IBANID") or account.text("ProprietaryID")


def _party(party: Node | None, side: str) -> dict[str, str | None]:
    def text(*path: str) -> str | None:
        return None if party is None else party.text(*path)

    def parts(*path: str) -> list[Node]:
        return [] if party is None else party.all(*path)

    numbers = [node for found in reversed(parts("SpecifiedTaxRegistration")) if (node := found.one("ID"))]
    registrations = {node.attribute("schemeID"): node.value for node in numbers}
    terms = {
        "name": text("Name"),
        "trading_name": text("SpecifiedLegalOrganization", "TradingBusinessName"),
        "party_id": next((scheme_and_number(node) for node in parts("GlobalID")), text("ID")),
        "legal_id": text("SpecifiedLegalOrganization", "ID"),
        "vat_id": registrations.get("VA"),
        "tax_number": registrations.get("FC"),
        "street": text("PostalTradeAddress", "LineOne"),
        "postal_code": text("PostalTradeAddress", "PostcodeCode"),
        "city": text("PostalTradeAddress", "CityName"),
        "country": text("PostalTradeAddress", "CountryID"),
    }
    return {f"{side}_{term}": value for term, value in terms.items()}


def _line(line: Node) -> dict[str, Any]:
    document = _part(line, "AssociatedDocumentLineDocument")
    agreement = _part(line, "SpecifiedLineTradeAgreement", "SpecifiedSupplyChainTradeAgreement")
    delivery = _part(line, "SpecifiedLineTradeDelivery", "SpecifiedSupplyChainTradeDelivery")
    settlement = _part(line, "SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement")
    article = _part(line, "SpecifiedTradeProduct")
    totals = _part(
        settlement, "SpecifiedTradeSettlementLineMonetarySummation", "SpecifiedTradeSettlementMonetarySummation"
    )
    quantity = delivery.one("BilledQuantity")
    return {
        "line_id": document.text("LineID"),
        "parent_line_id": document.text("ParentLineID"),
        "line_status": document.text("LineStatusReasonCode"),
        "note": joined([content.value for note in document.all("IncludedNote") for content in note.all("Content")]),
        "article_name": article.text("Name"),
        "article_description": article.text("Description"),
        "article_number": article.text("SellerAssignedID"),
        "buyer_article_number": article.text("BuyerAssignedID"),
        "global_article_number": article.text("GlobalID"),
        "origin_country": article.text("OriginTradeCountry", "ID"),
        "quantity": None if quantity is None else quantity.value,
        "unit": None if quantity is None else quantity.attribute("unitCode"),
        "unit_price": agreement.text("NetPriceProductTradePrice", "ChargeAmount"),
        "base_quantity": agreement.text("NetPriceProductTradePrice", "BasisQuantity"),
        "gross_price": agreement.text("GrossPriceProductTradePrice", "ChargeAmount"),
        "price_discount": agreement.text("GrossPriceProductTradePrice", "AppliedTradeAllowanceCharge", "ActualAmount"),
        "net_amount": totals.text("LineTotalAmount"),
        "tax_category": settlement.text("ApplicableTradeTax", "CategoryCode"),
        "tax_rate_pct": _rate(settlement.one("ApplicableTradeTax")),
        "period_start": _date(settlement.one("BillingSpecifiedPeriod", "StartDateTime")),
        "period_end": _date(settlement.one("BillingSpecifiedPeriod", "EndDateTime")),
        "order_line": agreement.text("BuyerOrderReferencedDocument", "LineID"),
        "allowances": [_allowance(found) for found in settlement.all("SpecifiedTradeAllowanceCharge")],
    }


def _rate(tax: Node | None) -> str | None:
    return None if tax is None else tax.text("RateApplicablePercent") or tax.text("ApplicablePercent")


def _tax(tax: Node) -> dict[str, Any]:
    return {
        "tax_category": tax.text("CategoryCode"),
        "tax_rate_pct": _rate(tax),
        "taxable_amount": tax.text("BasisAmount"),
        "tax_amount": tax.text("CalculatedAmount"),
        "exemption_code": tax.text("ExemptionReasonCode"),
        "exemption_reason": tax.text("ExemptionReason"),
    }


def _allowance(found: Node) -> dict[str, Any]:
    return {
        "is_charge": is_true(found.text("ChargeIndicator", "Indicator") or found.text("ChargeIndicator")),
        "amount": found.text("ActualAmount"),
        "base_amount": found.text("BasisAmount"),
        "pct": found.text("CalculationPercent"),
        "reason_code": found.text("ReasonCode"),
        "reason": found.text("Reason"),
        "tax_category": found.text("CategoryTradeTax", "CategoryCode"),
        "tax_rate_pct": _rate(found.one("CategoryTradeTax")),
    }


def _logistics(found: Node) -> dict[str, Any]:
    """Freight as ZUGFeRD has it apart from other charges."""
    return {
        "is_charge": True,
        "amount": found.text("AppliedAmount"),
        "base_amount": None,
        "pct": None,
        "reason_code": None,
        "reason": found.text("Description"),
        "tax_category": found.text("AppliedTradeTax", "CategoryCode"),
        "tax_rate_pct": _rate(found.one("AppliedTradeTax")),
    }
