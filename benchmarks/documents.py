"""Loading many small files of one document each, against the library that opens them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from lxml import etree
from pypdf import PdfReader, PdfWriter

from benchmarks.loading import MEMORY_GB, NOW, THREADS
from benchmarks.measure import Result, alternate, ratio
from ingestion import ledger
from ingestion.contract import Contract
from ingestion.contract_files import load_contracts
from ingestion.landing import Areas, Run, load_source
from ingestion.source import Source
from ingestion.warehouse import open_warehouse

_ROUNDS = 3
_LINES = 5


def xml(work: Path, scale: float) -> list[Result]:
    """1,000 e-invoices in XML against lxml's parsing of the same files."""
    paths = _written(work / "files", int(1000 * scale), "xml", _invoice)

    def theirs() -> None:
        for path in paths:
            etree.parse(str(path))

    contract = load_contracts()["e_invoices"]
    ours_times, theirs_times = alternate(lambda: _load(work / "company", paths, contract), theirs, _ROUNDS)
    what = f"{len(paths):,} XML invoices against lxml's parsing"
    return [ratio("load_einvoice_xml", ours_times, theirs_times, 3.0, what)]


def pdf(work: Path, scale: float) -> list[Result]:
    """1,000 e-invoices in PDF against pypdf's extraction of their attachments."""
    paths = _written(work / "files", int(1000 * scale), "pdf", _embedded)

    def theirs() -> None:
        for path in paths:
            (content,) = PdfReader(path).attachments["factur-x.xml"]
            assert content

    contract = load_contracts()["e_invoices"]
    ours_times, theirs_times = alternate(lambda: _load(work / "company", paths, contract), theirs, _ROUNDS)
    what = f"{len(paths):,} PDF invoices against pypdf's extraction"
    return [ratio("load_einvoice_pdf", ours_times, theirs_times, 1.5, what)]


def _load(folder: Path, paths: list[Path], contract: Contract) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    areas = Areas(folder / "inbox", folder / "archive", folder / "refused", folder / "work")
    areas.prepare()
    for path in paths:
        os.link(path, areas.inbox / path.name)
    source = Source(name="bench", kind="e_invoices", files="*", role="purchases")
    con = open_warehouse(folder / "warehouse.duckdb", work=areas.work, memory_gb=MEMORY_GB, threads=THREADS)
    try:
        # The tables of the other kinds would take as long as the files.
        ledger.prepare(con, [contract])
        results = list(load_source(con, Run(areas, "bench", NOW), contract, source, "Europe/Berlin"))
    finally:
        con.close()
    assert sum(result.rows_loaded for result in results) == len(paths), results[:3]


def _written(folder: Path, count: int, suffix: str, make: Callable[[int], bytes]) -> list[Path]:
    folder.mkdir(parents=True)
    paths = [folder / f"invoice-{number:05}.{suffix}" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(make(number))
        # A file just written could still be growing, and is waited for.
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return paths


def _embedded(number: int) -> bytes:
    writer = PdfWriter()
    for _ in range(2):
        writer.add_blank_page(width=595, height=842)
    writer.add_attachment("factur-x.xml", _invoice(number))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _invoice(number: int) -> bytes:
    """A Factur-X invoice in the profile EN 16931 with a handful of lines."""
    amounts = [1250 * line + number % 700 for line in range(1, _LINES + 1)]
    lines = "".join(_LINE.format(line=line, amount=_money(cents)) for line, cents in enumerate(amounts, start=1))
    net = sum(amounts)
    tax = (net * 19 + 50) // 100
    document = _DOCUMENT.format(number=number, lines=lines, net=_money(net), tax=_money(tax), gross=_money(net + tax))
    return document.encode()


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


_LINE = """
    <ram:IncludedSupplyChainTradeLineItem>
      <ram:AssociatedDocumentLineDocument><ram:LineID>{line}</ram:LineID></ram:AssociatedDocumentLineDocument>
      <ram:SpecifiedTradeProduct>
        <ram:GlobalID schemeID="0160">426098700001{line}</ram:GlobalID>
        <ram:SellerAssignedID>RB-20{line}</ram:SellerAssignedID>
        <ram:Name>Registerblätter, Farbe {line}</ram:Name>
      </ram:SpecifiedTradeProduct>
      <ram:SpecifiedLineTradeAgreement>
        <ram:GrossPriceProductTradePrice><ram:ChargeAmount>{amount}</ram:ChargeAmount></ram:GrossPriceProductTradePrice>
        <ram:NetPriceProductTradePrice><ram:ChargeAmount>{amount}</ram:ChargeAmount></ram:NetPriceProductTradePrice>
      </ram:SpecifiedLineTradeAgreement>
      <ram:SpecifiedLineTradeDelivery>
        <ram:BilledQuantity unitCode="H87">1.0000</ram:BilledQuantity>
      </ram:SpecifiedLineTradeDelivery>
      <ram:SpecifiedLineTradeSettlement>
        <ram:ApplicableTradeTax>
          <ram:TypeCode>VAT</ram:TypeCode>
          <ram:CategoryCode>S</ram:CategoryCode>
          <ram:RateApplicablePercent>19.00</ram:RateApplicablePercent>
        </ram:ApplicableTradeTax>
        <ram:SpecifiedTradeSettlementLineMonetarySummation>
          <ram:LineTotalAmount>{amount}</ram:LineTotalAmount>
        </ram:SpecifiedTradeSettlementLineMonetarySummation>
      </ram:SpecifiedLineTradeSettlement>
    </ram:IncludedSupplyChainTradeLineItem>"""

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
    <ram:ID>R{number:06}</ram:ID>
    <ram:TypeCode>380</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString format="102">20260305</udt:DateTimeString></ram:IssueDateTime>
    <ram:IncludedNote><ram:Content>Geliefert am 4. März 2026, wie bestellt.</ram:Content></ram:IncludedNote>
  </rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>{lines}
    <ram:ApplicableHeaderTradeAgreement>
      <ram:SellerTradeParty>
        <ram:Name>Bürobedarf Berger</ram:Name>
        <ram:PostalTradeAddress>
          <ram:PostcodeCode>93047</ram:PostcodeCode>
          <ram:LineOne>Am Mühlbach 7</ram:LineOne>
          <ram:CityName>Regensburg</ram:CityName>
          <ram:CountryID>DE</ram:CountryID>
        </ram:PostalTradeAddress>
        <ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">101/815/08154</ram:ID></ram:SpecifiedTaxRegistration>
        <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE098765432</ram:ID></ram:SpecifiedTaxRegistration>
      </ram:SellerTradeParty>
      <ram:BuyerTradeParty>
        <ram:ID>K-1007</ram:ID>
        <ram:Name>Lampenwerk Lindner GmbH</ram:Name>
        <ram:PostalTradeAddress>
          <ram:PostcodeCode>84028</ram:PostcodeCode>
          <ram:LineOne>Werkweg 3</ram:LineOne>
          <ram:CityName>Landshut</ram:CityName>
          <ram:CountryID>DE</ram:CountryID>
        </ram:PostalTradeAddress>
      </ram:BuyerTradeParty>
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeDelivery>
      <ram:ActualDeliverySupplyChainEvent>
        <ram:OccurrenceDateTime><udt:DateTimeString format="102">20260305</udt:DateTimeString></ram:OccurrenceDateTime>
      </ram:ActualDeliverySupplyChainEvent>
    </ram:ApplicableHeaderTradeDelivery>
    <ram:ApplicableHeaderTradeSettlement>
      <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
      <ram:ApplicableTradeTax>
        <ram:CalculatedAmount>{tax}</ram:CalculatedAmount>
        <ram:TypeCode>VAT</ram:TypeCode>
        <ram:BasisAmount>{net}</ram:BasisAmount>
        <ram:CategoryCode>S</ram:CategoryCode>
        <ram:RateApplicablePercent>19.00</ram:RateApplicablePercent>
      </ram:ApplicableTradeTax>
      <ram:SpecifiedTradePaymentTerms>
        <ram:Description>Binnen 30 Tagen ohne Abzug, binnen 10 Tagen mit 3 % Skonto</ram:Description>
        <ram:DueDateDateTime><udt:DateTimeString format="102">20260404</udt:DateTimeString></ram:DueDateDateTime>
      </ram:SpecifiedTradePaymentTerms>
      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        <ram:LineTotalAmount>{net}</ram:LineTotalAmount>
        <ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>
        <ram:TaxTotalAmount currencyID="EUR">{tax}</ram:TaxTotalAmount>
        <ram:GrandTotalAmount>{gross}</ram:GrandTotalAmount>
        <ram:DuePayableAmount>{gross}</ram:DuePayableAmount>
      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""
