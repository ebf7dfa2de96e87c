"""Invoices of suppliers: material for the lamps, once a month, as e-invoices.

What belongs here: what is bought, and how its invoice is written (Factur-X, profile EN 16931, as XML alone). The lamp
maker pays for tubes and sockets in pieces, for cable by the hundred metres; every sixth delivery has a fault, and a
credit note follows.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from demo.company import COMPANY_VAT_ID, VAT_PCT
from demo.money import dotted, rounded
from demo.output import Content
from demo.randomness import hashed, pick

# VAT numbers start with a zero, which real ones never do.
_SUPPLIERS = (
    ("Messing Brandl GmbH", "DE098765432", "90402", "Nürnberg"),
    ("Kabel Zeidler KG", "DE087654321", "86150", "Augsburg"),
)
# Name, unit (UN/ECE Recommendation 20), what the price is for, price in cents, quantities.
_MATERIALS = (
    (
        ("Messingrohr 12 mm", "MTR", 1, 745, (60, 90, 120)),
        ("Messingblech 1 mm", "KGM", 1, 1180, (40, 55, 70)),
        ("Gewindestück M10", "H87", 100, 3950, (400, 600, 800)),
    ),
    (
        ("Textilkabel 2 x 0,75", "MTR", 100, 8900, (300, 400, 500)),
        ("Fassung E27", "H87", 1, 215, (150, 200, 250)),
        ("Schnurschalter", "H87", 1, 189, (100, 150, 200)),
    ),
)
_FREIGHT_CENTS = 1450
_DAY_OF_MONTH = 5
_CREDIT_EVERY = 6


@dataclass(frozen=True, slots=True)
class PurchaseInvoice:
    """An invoice or credit note of a supplier; amounts in cents, positive as they are printed."""

    path: str
    content: Content
    net_cents: int
    tax_cents: int
    is_credit_note: bool

    @property
    def signed_net_cents(self) -> int:
        """As it counts."""
        return -self.net_cents if self.is_credit_note else self.net_cents


def purchase_invoices(month: date, seed: int) -> list[tuple[date, PurchaseInvoice]]:
    """The invoices of a month, by the day on which they came."""
    number = month.year * 12 + month.month
    day = month.replace(day=_DAY_OF_MONTH)
    supplier = number % len(_SUPPLIERS)
    lines = [
        (name, unit, base, cents, pick(quantities, seed, "purchase", f"{month}/{name}"))
        for name, unit, base, cents, quantities in _MATERIALS[supplier]
    ]
    invoices = [
        (day, _written(f"{number % 1000:03}{hashed(seed, 'number', number) % 100:02}", day, supplier, lines, False))
    ]
    if number % _CREDIT_EVERY == 0:
        name, unit, base, cents, quantity = lines[0]
        later = day + timedelta(days=9)
        back = [(name, unit, base, cents, quantity // 10)]
        invoices.append((later, _written(f"G{number % 1000:03}", later, supplier, back, True)))
    return invoices


def _written(
    number: str, day: date, supplier: int, lines: list[tuple[str, str, int, int, int]], is_credit_note: bool
) -> PurchaseInvoice:
    amounts = [rounded(quantity * cents, base) for _, _, base, cents, quantity in lines]
    freight = 0 if is_credit_note else _FREIGHT_CENTS
    net = sum(amounts) + freight
    tax = rounded(net * VAT_PCT, 100)
    name, vat_id, postal_code, city = _SUPPLIERS[supplier]
    document = _DOCUMENT.format(
        number=number,
        code=381 if is_credit_note else 380,
        day=f"{day:%Y%m%d}",
        due=f"{day + timedelta(days=30):%Y%m%d}",
        lines="".join(
            _LINE.format(place=place, name=text, unit=unit, base=base, price=dotted(cents), quantity=quantity,
                         amount=dotted(amount), vat=VAT_PCT)
            for place, ((text, unit, base, cents, quantity), amount) in enumerate(zip(lines, amounts, strict=True), 1)
        ),
        seller=name, vat_id=vat_id, postal_code=postal_code, city=city, our_vat_id=COMPANY_VAT_ID,
        charge=_CHARGE.format(amount=dotted(freight), vat=VAT_PCT) if freight else "",
        line_total=dotted(sum(amounts)), freight=dotted(freight), net=dotted(net), tax=dotted(tax),
        gross=dotted(net + tax), vat=VAT_PCT,
    )  # fmt: skip
    path = f"rechnungseingang/{day:%Y-%m-%d}_{name.split()[0]}_{number}.xml"
    return PurchaseInvoice(path, Content(document.encode(), rows=1), net, tax, is_credit_note)


_LINE = """
    <ram:IncludedSupplyChainTradeLineItem>
      <ram:AssociatedDocumentLineDocument><ram:LineID>{place}</ram:LineID></ram:AssociatedDocumentLineDocument>
      <ram:SpecifiedTradeProduct><ram:Name>{name}</ram:Name></ram:SpecifiedTradeProduct>
      <ram:SpecifiedLineTradeAgreement>
        <ram:NetPriceProductTradePrice>
          <ram:ChargeAmount>{price}</ram:ChargeAmount>
          <ram:BasisQuantity unitCode="{unit}">{base}</ram:BasisQuantity>
        </ram:NetPriceProductTradePrice>
      </ram:SpecifiedLineTradeAgreement>
      <ram:SpecifiedLineTradeDelivery>
        <ram:BilledQuantity unitCode="{unit}">{quantity}</ram:BilledQuantity>
      </ram:SpecifiedLineTradeDelivery>
      <ram:SpecifiedLineTradeSettlement>
        <ram:ApplicableTradeTax>
          <ram:TypeCode>VAT</ram:TypeCode>
          <ram:CategoryCode>S</ram:CategoryCode>
          <ram:RateApplicablePercent>{vat}</ram:RateApplicablePercent>
        </ram:ApplicableTradeTax>
        <ram:SpecifiedTradeSettlementLineMonetarySummation>
          <ram:LineTotalAmount>{amount}</ram:LineTotalAmount>
        </ram:SpecifiedTradeSettlementLineMonetarySummation>
      </ram:SpecifiedLineTradeSettlement>
    </ram:IncludedSupplyChainTradeLineItem>"""

_CHARGE = """
      <ram:SpecifiedTradeAllowanceCharge>
        <ram:ChargeIndicator><udt:Indicator>true</udt:Indicator></ram:ChargeIndicator>
        <ram:ActualAmount>{amount}</ram:ActualAmount>
        <ram:Reason>Fracht</ram:Reason>
        <ram:CategoryTradeTax>
          <ram:TypeCode>VAT</ram:TypeCode>
          <ram:CategoryCode>S</ram:CategoryCode>
          <ram:RateApplicablePercent>{vat}</ram:RateApplicablePercent>
        </ram:CategoryTradeTax>
      </ram:SpecifiedTradeAllowanceCharge>"""

_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
  <rsm:ExchangedDocumentContext>
    <ram:GuidelineSpecifiedDocumentContextParameter>
      <ram:ID>urn:cen.eu:en16931:2017</ram:ID>
    </ram:GuidelineSpecifiedDocumentContextParameter>
  </rsm:ExchangedDocumentContext>
  <rsm:ExchangedDocument>
    <ram:ID>{number}</ram:ID>
    <ram:TypeCode>{code}</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString format="102">{day}</udt:DateTimeString></ram:IssueDateTime>
  </rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>{lines}
    <ram:ApplicableHeaderTradeAgreement>
      <ram:SellerTradeParty>
        <ram:Name>{seller}</ram:Name>
        <ram:PostalTradeAddress>
          <ram:PostcodeCode>{postal_code}</ram:PostcodeCode>
          <ram:CityName>{city}</ram:CityName>
          <ram:CountryID>DE</ram:CountryID>
        </ram:PostalTradeAddress>
        <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{vat_id}</ram:ID></ram:SpecifiedTaxRegistration>
      </ram:SellerTradeParty>
      <ram:BuyerTradeParty>
        <ram:Name>Lampenwerk Lindner GmbH</ram:Name>
        <ram:PostalTradeAddress><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
        <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{our_vat_id}</ram:ID></ram:SpecifiedTaxRegistration>
      </ram:BuyerTradeParty>
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeDelivery/>
    <ram:ApplicableHeaderTradeSettlement>
      <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
      <ram:ApplicableTradeTax>
        <ram:CalculatedAmount>{tax}</ram:CalculatedAmount>
        <ram:TypeCode>VAT</ram:TypeCode>
        <ram:BasisAmount>{net}</ram:BasisAmount>
        <ram:CategoryCode>S</ram:CategoryCode>
        <ram:RateApplicablePercent>{vat}</ram:RateApplicablePercent>
      </ram:ApplicableTradeTax>{charge}
      <ram:SpecifiedTradePaymentTerms>
        <ram:DueDateDateTime><udt:DateTimeString format="102">{due}</udt:DateTimeString></ram:DueDateDateTime>
      </ram:SpecifiedTradePaymentTerms>
      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        <ram:LineTotalAmount>{line_total}</ram:LineTotalAmount>
        <ram:ChargeTotalAmount>{freight}</ram:ChargeTotalAmount>
        <ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>
        <ram:TaxTotalAmount currencyID="EUR">{tax}</ram:TaxTotalAmount>
        <ram:GrandTotalAmount>{gross}</ram:GrandTotalAmount>
        <ram:DuePayableAmount>{gross}</ram:DuePayableAmount>
      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""
