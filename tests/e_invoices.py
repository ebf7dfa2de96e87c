"""E-invoices as tests need them: one description, written in UBL, in CII or as ZUGFeRD 1, alone or attached to a PDF.

After EN 16931-1 and its bindings CEN/TS 16931-3-2 (UBL) and 3-3 (CII); only the terms that tests ask for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from xml.sax.saxutils import escape

from pypdf import PdfWriter

OURS, THEIRS = "DE 123 456 789", "DE987654321"


@dataclass(frozen=True)
class Line:
    """One line; `allowance` is taken off its amount."""

    amount: str
    quantity: str = "1"
    price: str = "0"
    base: str = ""
    rate: str = "19"
    category: str = "S"
    allowance: str = ""
    name: str = "Messingrohr"


@dataclass(frozen=True)
class Invoice:
    """What an invoice says; amounts as they are printed. `taxes` holds category, rate, base and tax."""

    number: str = "R-1"
    day: str = "2026-03-02"
    code: str = "380"
    seller: str = THEIRS
    buyer: str = OURS
    currency: str = "EUR"
    lines: tuple[Line, ...] = (Line("100", "4", "25"),)
    allowance: str = ""
    charge: str = ""
    taxes: tuple[tuple[str, str, str, str], ...] = (("S", "19", "100", "19"),)
    tax_in_euros: str = ""
    line_total: str = "100"
    net: str = "100"
    tax: str = "19"
    gross: str = "119"
    prepaid: str = ""
    payable: str = "119"
    due: str = "2026-04-01"

    def with_(self, **changes: object) -> Invoice:
        """The same with other terms."""
        return replace(self, **changes)


def ubl(invoice: Invoice) -> bytes:
    """As UBL 2.1; types of credit notes as CreditNote."""
    kind = "CreditNote" if invoice.code in ("381", "396", "261") else "Invoice"
    quantity = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    money = f'currencyID="{invoice.currency}"'

    def party(vat_id: str, name: str) -> str:
        number = f"<cac:PartyTaxScheme><cbc:CompanyID>{vat_id}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>"
        number += "</cac:TaxScheme></cac:PartyTaxScheme>"
        return f"""<cac:Party><cac:PostalAddress><cbc:PostalZone>80333</cbc:PostalZone><cac:Country>
            <cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
            {number if vat_id else ""}<cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName>
            </cac:PartyLegalEntity></cac:Party>"""

    def allowance(amount: str, is_charge: str, tax: bool = True) -> str:
        category = (
            "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19.00</cbc:Percent></cac:TaxCategory>" if tax else ""
        )
        return f"""<cac:AllowanceCharge><cbc:ChargeIndicator>{is_charge}</cbc:ChargeIndicator>
            <cbc:Amount {money}>{amount}</cbc:Amount>{category}</cac:AllowanceCharge>"""

    def line(number: int, one: Line) -> str:
        base = f"<cbc:BaseQuantity>{one.base}</cbc:BaseQuantity>" if one.base else ""
        return f"""<cac:{kind}Line><cbc:ID>{number}</cbc:ID>
            <cbc:{quantity} unitCode="H87">{one.quantity}</cbc:{quantity}>
            <cbc:LineExtensionAmount {money}>{one.amount}</cbc:LineExtensionAmount>
            {allowance(one.allowance, "false", tax=False) if one.allowance else ""}
            <cac:Item><cbc:Name>{escape(one.name)}</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>{one.category}</cbc:ID>
            <cbc:Percent>{one.rate}</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>
            <cac:Price><cbc:PriceAmount {money}>{one.price}</cbc:PriceAmount>{base}</cac:Price></cac:{kind}Line>"""

    taxes = "".join(
        f"""<cac:TaxSubtotal><cbc:TaxableAmount {money}>{base}</cbc:TaxableAmount>
        <cbc:TaxAmount {money}>{tax}</cbc:TaxAmount>
        <cac:TaxCategory><cbc:ID>{category}</cbc:ID><cbc:Percent>{rate}</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal>"""
        for category, rate, base, tax in invoice.taxes
    )
    due = f"<cbc:DueDate>{invoice.due}</cbc:DueDate>" if kind == "Invoice" else ""
    means = (
        "" if due else f"<cac:PaymentMeans><cbc:PaymentDueDate>{invoice.due}</cbc:PaymentDueDate></cac:PaymentMeans>"
    )
    euros = f'<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{invoice.tax_in_euros}</cbc:TaxAmount></cac:TaxTotal>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <{kind} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
        xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
        xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
        <cbc:ID>{escape(invoice.number)}</cbc:ID><cbc:IssueDate>{invoice.day}</cbc:IssueDate>{due}
        <cbc:{kind}TypeCode>{invoice.code}</cbc:{kind}TypeCode>
        <cbc:DocumentCurrencyCode>{invoice.currency}</cbc:DocumentCurrencyCode>
        {"<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>" if invoice.tax_in_euros else ""}
        <cac:AccountingSupplierParty>{party(invoice.seller, "Metallhandel Huber")}</cac:AccountingSupplierParty>
        <cac:AccountingCustomerParty>{party(invoice.buyer, "Lampenwerk Lindner GmbH")}</cac:AccountingCustomerParty>
        {means}
        {allowance(invoice.allowance, "false") if invoice.allowance else ""}
        {allowance(invoice.charge, "true") if invoice.charge else ""}
        <cac:TaxTotal><cbc:TaxAmount {money}>{invoice.tax}</cbc:TaxAmount>{taxes}</cac:TaxTotal>
        {euros if invoice.tax_in_euros else ""}
        <cac:LegalMonetaryTotal>{_totals(invoice, "cbc", _UBL_TOTALS, money)}</cac:LegalMonetaryTotal>
        {"".join(line(number, one) for number, one in enumerate(invoice.lines, start=1))}
    </{kind}>""".encode()


def cii(invoice: Invoice, version: int = 2) -> bytes:
    """As UN/CEFACT CII, or with `version` 1 as ZUGFeRD 1."""
    names = _CII if version == 2 else _ZUGFERD_1
    rate = "RateApplicablePercent" if version == 2 else "ApplicablePercent"

    def date(day: str) -> str:
        return f'<udt:DateTimeString format="102">{day.replace("-", "")}</udt:DateTimeString>'

    def party(side: str, vat_id: str, name: str) -> str:
        number = f'<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{vat_id}</ram:ID></ram:SpecifiedTaxRegistration>'
        return f"""<ram:{side}TradeParty><ram:Name>{name}</ram:Name><ram:PostalTradeAddress>
            <ram:PostcodeCode>80333</ram:PostcodeCode><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
            {number if vat_id else ""}</ram:{side}TradeParty>"""

    def allowance(amount: str, is_charge: str, tax: bool = True) -> str:
        category = f"""<ram:CategoryTradeTax><ram:CategoryCode>S</ram:CategoryCode><ram:{rate}>19</ram:{rate}>
            </ram:CategoryTradeTax>"""
        return f"""<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>{is_charge}</udt:Indicator>
            </ram:ChargeIndicator><ram:ActualAmount>{amount}</ram:ActualAmount>{category if tax else ""}
            </ram:SpecifiedTradeAllowanceCharge>"""

    def line(number: int, one: Line) -> str:
        base = f"<ram:BasisQuantity>{one.base}</ram:BasisQuantity>" if one.base else ""
        return f"""<ram:IncludedSupplyChainTradeLineItem>
            <ram:AssociatedDocumentLineDocument><ram:LineID>{number}</ram:LineID>
            </ram:AssociatedDocumentLineDocument><ram:SpecifiedTradeProduct><ram:Name>{escape(one.name)}</ram:Name>
            </ram:SpecifiedTradeProduct><ram:{names["line"]}Agreement><ram:NetPriceProductTradePrice>
            <ram:ChargeAmount>{one.price}</ram:ChargeAmount>{base}</ram:NetPriceProductTradePrice></ram:{names["line"]}Agreement>
            <ram:{names["line"]}Delivery><ram:BilledQuantity unitCode="H87">{one.quantity}</ram:BilledQuantity>
            </ram:{names["line"]}Delivery><ram:{names["line"]}Settlement><ram:ApplicableTradeTax>
            <ram:CategoryCode>{one.category}</ram:CategoryCode><ram:{rate}>{one.rate}.00</ram:{rate}></ram:ApplicableTradeTax>
            {allowance(one.allowance, "false", tax=False) if one.allowance else ""}
            <ram:{names["line_sum"]}><ram:LineTotalAmount>{one.amount}</ram:LineTotalAmount></ram:{names["line_sum"]}>
            </ram:{names["line"]}Settlement></ram:IncludedSupplyChainTradeLineItem>"""

    taxes = "".join(
        f"""<ram:ApplicableTradeTax><ram:CalculatedAmount>{tax}</ram:CalculatedAmount><ram:BasisAmount>{base}</ram:BasisAmount>
        <ram:CategoryCode>{category}</ram:CategoryCode><ram:{rate}>{percent}</ram:{rate}></ram:ApplicableTradeTax>"""
        for category, percent, base, tax in invoice.taxes
    )
    euros = f'<ram:TaxTotalAmount currencyID="EUR">{invoice.tax_in_euros}</ram:TaxTotalAmount>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <rsm:{names["root"]} xmlns:rsm="{names["namespace"]}" xmlns:ram="{names["ram"]}" xmlns:udt="{names["udt"]}">
        <rsm:{names["header"]}><ram:ID>{escape(invoice.number)}</ram:ID><ram:TypeCode>{invoice.code}</ram:TypeCode>
        <ram:IssueDateTime>{date(invoice.day)}</ram:IssueDateTime></rsm:{names["header"]}>
        <rsm:{names["trade"]}>
        {"".join(line(number, one) for number, one in enumerate(invoice.lines, start=1))}
        <ram:{names["part"]}Agreement>{party("Seller", invoice.seller, "Metallhandel Huber")}
        {party("Buyer", invoice.buyer, "Lampenwerk Lindner GmbH")}</ram:{names["part"]}Agreement>
        <ram:{names["part"]}Settlement>
        {"<ram:TaxCurrencyCode>EUR</ram:TaxCurrencyCode>" if invoice.tax_in_euros else ""}
        <ram:InvoiceCurrencyCode>{invoice.currency}</ram:InvoiceCurrencyCode>{taxes}
        {allowance(invoice.allowance, "false") if invoice.allowance else ""}
        {allowance(invoice.charge, "true") if invoice.charge else ""}
        <ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>{date(invoice.due)}</ram:DueDateDateTime>
        </ram:SpecifiedTradePaymentTerms>
        <ram:{names["sum"]}>{_totals(invoice, "ram", _CII_TOTALS, "")}
        <ram:TaxTotalAmount currencyID="{invoice.currency}">{invoice.tax}</ram:TaxTotalAmount>
        {euros if invoice.tax_in_euros else ""}
        </ram:{names["sum"]}></ram:{names["part"]}Settlement></rsm:{names["trade"]}>
    </rsm:{names["root"]}>""".encode()


def pdf(xml: bytes | None, attachment: str = "factur-x.xml", password: str | None = None) -> bytes:
    """A page with nothing on it, and the XML attached."""
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    if xml is not None:
        writer.add_attachment(attachment, xml)
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _totals(invoice: Invoice, prefix: str, names: dict[str, str], money: str) -> str:
    values = {term: getattr(invoice, term) for term in names}
    return "".join(
        f"<{prefix}:{name} {money}>{values[term]}</{prefix}:{name}>" for term, name in names.items() if values[term]
    )


_UBL_TOTALS = {
    "line_total": "LineExtensionAmount",
    "net": "TaxExclusiveAmount",
    "gross": "TaxInclusiveAmount",
    "allowance": "AllowanceTotalAmount",
    "charge": "ChargeTotalAmount",
    "prepaid": "PrepaidAmount",
    "payable": "PayableAmount",
}
_CII_TOTALS = {
    "line_total": "LineTotalAmount",
    "charge": "ChargeTotalAmount",
    "allowance": "AllowanceTotalAmount",
    "net": "TaxBasisTotalAmount",
    "gross": "GrandTotalAmount",
    "prepaid": "TotalPrepaidAmount",
    "payable": "DuePayableAmount",
}
_CII = {
    "root": "CrossIndustryInvoice",
    "namespace": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "header": "ExchangedDocument",
    "trade": "SupplyChainTradeTransaction",
    "part": "ApplicableHeaderTrade",
    "line": "SpecifiedLineTrade",
    "sum": "SpecifiedTradeSettlementHeaderMonetarySummation",
    "line_sum": "SpecifiedTradeSettlementLineMonetarySummation",
}
_ZUGFERD_1 = {
    "root": "CrossIndustryDocument",
    "namespace": "urn:ferd:CrossIndustryDocument:invoice:1p0",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15",
    "header": "HeaderExchangedDocument",
    "trade": "SpecifiedSupplyChainTradeTransaction",
    "part": "ApplicableSupplyChainTrade",
    "line": "SpecifiedSupplyChainTrade",
    "sum": "SpecifiedTradeSettlementMonetarySummation",
    "line_sum": "SpecifiedTradeSettlementMonetarySummation",
}
