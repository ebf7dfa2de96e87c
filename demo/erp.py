"""The ERP's list of outgoing invoices (Rechnungsausgangsbuch).

What belongs here: the notation. What does not: the invoices.
Format: `;`, cp1252, CRLF, a title above the heading, `1.234,56`, `31.12.2025`, a footer with the sums as printed.
"""

from dataclasses import dataclass, replace
from datetime import date

from demo import dirty
from demo.dates import month_end
from demo.money import german
from demo.output import Content, semicolons
from demo.sales import Document, InvoiceLine

COLUMNS = (
    "Belegnr", "Belegart", "Belegdatum", "Kundennr", "Kunde", "Pos", "Artikelnr", "Bezeichnung", "Menge", "Einheit",
    "Einzelpreis", "Rabatt %", "Nettobetrag", "USt %", "USt-Betrag", "Bruttobetrag", "Währung", "Vertreter",
)  # fmt: skip
_DATE, _NAME, _NET, _VAT, _GROSS = (COLUMNS.index(name) for name in (
    "Belegdatum", "Bezeichnung", "Nettobetrag", "USt-Betrag", "Bruttobetrag"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class ErpFile:
    """A month's file, and the net amount of what is valid in it, credit notes negative."""

    content: Content
    invoice_net_cents: int
    credit_net_cents: int
    """Positive."""


def _fields(document: Document, position: int, line: InvoiceLine) -> list[str]:
    return [
        document.number,
        "Gutschrift" if document.is_credit_note else "Rechnung",
        f"{document.day:%d.%m.%Y}",
        str(document.customer.number),
        document.customer.name,
        str(position),
        line.article_number,
        line.article_name,
        german(line.quantity * 100),
        line.unit,
        german(line.price_cents),
        german(line.discount_pct * 100),
        german(line.net_cents),
        german(line.vat_pct * 100),
        german(line.vat_cents),
        german(line.net_cents + line.vat_cents),
        "EUR",
        document.sales_person,
    ]


def _broken(kind: str, document: Document, position: int) -> tuple[list[str], InvoiceLine | None]:
    """A broken additional position, and what it adds to the printed sums (None: it prints no amount)."""
    line = document.lines[0]
    if kind == dirty.BAD_NUMBER:
        line = replace(line, quantity=5, price_cents=250, discount_pct=0)
    if kind == dirty.UNKNOWN_ARTICLE:
        line = replace(
            line, article_number=dirty.UNKNOWN_ARTICLE_NUMBER, article_name="Musterleuchte Messe", quantity=2
        )
    fields = _fields(document, position, line)
    if kind == dirty.BAD_DATE:
        fields[_DATE] = f"31.02.{document.day.year}"
    elif kind == dirty.BAD_NUMBER:
        fields[_NET] = "12.50"
    elif kind == dirty.BROKEN_QUOTES:
        fields[_NAME] = f'"{fields[_NAME]} Sonderlänge'
    elif kind == dirty.SHORT_ROW:
        return fields[:6], None
    return fields, line


def invoices_file(documents: list[Document], path: str) -> ErpFile:
    """The list of one month's documents, at least one, in the order given."""
    month = documents[0].day
    rows: list[list[str]] = []
    broken: list[dirty.Dirty] = []
    printed: list[InvoiceLine] = []
    net = {False: 0, True: 0}
    for place, document in enumerate(documents, 1):
        for position, line in enumerate(document.lines, 1):
            rows.append(_fields(document, position, line))
            printed.append(line)
            net[document.is_credit_note] += line.net_cents
        kind = dirty.ERP_DIRT.get(place) if dirty.is_dirty_month(month) else None
        if kind:
            fields, extra = _broken(kind, document, len(document.lines) + 1)
            rows.append(fields)
            # Title and heading are lines 1 and 2.
            broken.append(dirty.found("erp", path, len(rows) + 2, kind))
            if extra:
                printed.append(extra)
                if broken[-1].loads:
                    net[document.is_credit_note] += extra.net_cents
    footer = [""] * len(COLUMNS)
    footer[0] = "Summe"
    footer[_NET] = german(sum(line.net_cents for line in printed))
    footer[_VAT] = german(sum(line.vat_cents for line in printed))
    footer[_GROSS] = german(sum(line.net_cents + line.vat_cents for line in printed))
    title = f"Rechnungsausgangsbuch {month.replace(day=1):%d.%m.%Y} - {month_end(month):%d.%m.%Y}"
    text = semicolons([[title], COLUMNS, *rows, footer], "\r\n")
    return ErpFile(Content(text.encode("cp1252"), len(rows), tuple(broken)), net[False], net[True])


def order_of(document: Document) -> tuple[date, bool, str]:
    """Sort key: as the ERP lists documents."""
    return document.day, document.is_credit_note, document.number
