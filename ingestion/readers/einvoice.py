"""E-invoices: XRechnung and ZUGFeRD/Factur-X, as XML alone or embedded in a PDF; one row per document.

What both syntaxes say comes out in the same columns and in the same notation, lines, taxes and allowances as JSON.
Where each syntax has it stands in `invoice_ubl` and `invoice_cii`; EN 16931 numbers the terms (BT-1, BG-25).
Signs, direction and totals belong to the models.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from ingestion.content import TextFacts
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.readers import invoice_cii, invoice_ubl, xmltree
from ingestion.readers.incoming import Incoming, Part, RejectedRows, column_names, land_rows, make_rejected
from ingestion.readers.invoice_terms import FIELDS, LISTS, Unreadable, complete
from ingestion.readers.pdf import embedded_invoice
from ingestion.readers.xmltree import Node

_SYNTAXES: dict[str, Callable[[Node], dict[str, object]]] = {
    "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": invoice_ubl.read,
    "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": invoice_ubl.read,
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": invoice_cii.read,
    "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument": invoice_cii.read,
}
# What else comes by the same roads, by root element.
_OTHER_DOCUMENTS = {
    "Order": "an order",
    "OrderChange": "a change of an order",
    "OrderResponse": "an order confirmation",
    "SCRDMCCBDACIOMessageStructure": "an order (Order-X)",
    "DespatchAdvice": "a despatch advice",
    "SCRDMCCBDACIDAMessageStructure": "a despatch advice (Deliver-X)",
    "ReceiptAdvice": "a receipt advice",
    "Reminder": "a reminder",
    "Statement": "a statement of account",
    "Quotation": "a quotation",
    "Catalogue": "a catalogue",
    "ApplicationResponse": "a response to a document",
}
_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# So much of a document is kept in the quarantine; the whole of it lies in the archive.
_KEPT_OF_REJECTED = 2_000
# With pages and pictures; an invoice seldom has more than one.
MAX_BYTES = 256 << 20


@dataclass(frozen=True)
class Document:
    """One invoice: its values in the order of FIELDS, or why it has none and how it begins."""

    values: tuple[str | None, ...] | None
    problem: str = ""
    beginning: str = ""


def read(con: duckdb.DuckDBPyConnection, path: Path, contract: Contract, work: Path, name: str) -> Incoming:
    """One file as one row of text columns. Raises FileRefused as `read_document` does."""
    if path.stat().st_size > MAX_BYTES:
        raise FileRefused(f"{name} has {path.stat().st_size >> 20} MB, more than an invoice has. Ask for it again.")
    document = read_document(path.read_bytes(), name)
    if document.values is not None:
        return read_parts(con, [Part((), (document.values,))], contract, work)
    incoming = read_parts(con, [], contract, work)
    with RejectedRows(work) as rejected:
        rejected.add(1, document.beginning, document.problem)
        rejected.land(con)
    return replace(incoming, records=1)


def part_of(data: bytes, facts: TextFacts | None, contract: Contract, name: str) -> Part | None:
    """The one row of a file; None where it has no values. Raises FileRefused as `read_document` does."""
    document = read_document(data, name)
    return None if document.values is None else Part((), (document.values,))


def read_parts(con: duckdb.DuckDBPyConnection, parts: Sequence[Part], contract: Contract, work: Path) -> Incoming:
    """Documents as rows of text columns, `_line` being their number from 1."""
    make_rejected(con)
    rows = [row for part in parts for row in part.rows]
    land_rows(con, enumerate(rows, start=1), len(FIELDS), work)
    return Incoming(FIELDS, column_names(len(FIELDS)), "select * from incoming", records=len(rows), is_trimmed=True)


def read_document(data: bytes, name: str) -> Document:
    """The invoice that a file holds, as XML or embedded in a PDF.

    Raises FileRefused when it is neither, is encrypted, damaged or cut off, or holds no invoice.
    """
    xml = embedded_invoice(data, name) if b"%PDF-" in data[:1024] else data
    root = xmltree.parse(xml, name)
    reads = _SYNTAXES.get(root.tag)
    if reads is None:
        raise FileRefused(_explain_root(root.tag, name))
    try:
        found = complete(reads(Node(root)))
    except Unreadable as problem:
        return Document(None, str(problem), xml[:_KEPT_OF_REJECTED].decode("utf-8", "replace"))
    for part in LISTS:
        found[part] = _AS_JSON(found[part])
    return Document(tuple(map(found.__getitem__, FIELDS)))


def _explain_root(tag: str, name: str) -> str:
    namespace, _, local = tag.rpartition("}")
    what = _OTHER_DOCUMENTS.get(local)
    if what is not None:
        return f"{name} is {what} (root element {local}), no invoice. Put it where orders and deliveries are kept."
    where = f" in the namespace {namespace[1:]}" if namespace else ""
    return (
        f"{name} is no invoice that is read here: its root element is {local}{where}. An e-invoice begins with "
        "Invoice or CreditNote (UBL 2.1), or with CrossIndustryInvoice or CrossIndustryDocument (ZUGFeRD, Factur-X)."
    )
