"""The ERP's export of its invoices for the tax consultant: a DATEV batch of bookings for each month.

What belongs here: the notation. What does not: the invoices.
Format: DATEV-Format, Buchungsstapel (category 21, format version 9): `;`, cp1252, CRLF, a line of metadata, headings,
`1234,56` without a sign, days as DDMM.
"""

from datetime import date

from demo.dates import month_end
from demo.output import Content, semicolons
from demo.sales import Document

_COLUMNS = 120
_FIRST = (
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz",
    "Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto",
    "Buchungstext",
)  # fmt: skip
# Accounts of SKR03: revenue at the standard rate, of deliveries within the EU, and beyond it.
_HOME, _EU, _EXPORT = "8400", "8125", "8120"
_OUTSIDE_THE_EU = ("CH", "GB", "NO", "US")


def bookings_file(documents: list[Document]) -> Content:
    """The bookings of one month's documents, at least one, in the order given: one for each."""
    month = documents[0].day
    headings = [*_FIRST, *(f"Feld {place}" for place in range(len(_FIRST) + 1, _COLUMNS + 1))]
    text = semicolons([_metadata(month), headings, *map(_booking, documents)], "\r\n")
    return Content(text.encode("cp1252"), len(documents))


def _metadata(month: date) -> list[str]:
    last = month_end(month)
    fields = ['"EXTF"', "700", "21", '"Buchungsstapel"', "9", f"{last:%Y%m%d}180000000", "", '"RE"', '""', '""']
    fields += ["29098", "10042", f"{month.year}0101", "4", f"{month:%Y%m}01", f"{last:%Y%m%d}"]
    return [*fields, '"Ausgangsrechnungen"', '""', "1", "0", "0", '"EUR"', "", '""', "", "", '"03"', "", "", '""', '""']


def _booking(document: Document) -> list[str]:
    gross = sum(line.net_cents + line.vat_cents for line in document.lines)
    fields = [""] * _COLUMNS
    fields[0] = f"{gross // 100},{gross % 100:02d}"
    fields[1] = '"H"' if document.is_credit_note else '"S"'
    fields[2] = '"EUR"'
    fields[6] = str(document.customer.number)
    fields[7] = _revenue_account(document)
    fields[9] = f"{document.day:%d%m}"
    fields[10] = f'"{document.number}"'
    fields[13] = '"Gutschrift"' if document.is_credit_note else '"Ausgangsrechnung"'
    return fields


def _revenue_account(document: Document) -> str:
    if document.lines[0].vat_pct:
        return _HOME
    return _EXPORT if document.customer.place[0] in _OUTSIDE_THE_EU else _EU
