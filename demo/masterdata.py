"""The article list and the customer list, as spreadsheets that people keep.

What belongs here: their layout. What does not: articles and customers.
"""

import io
from datetime import date, datetime

import xlsxwriter

from demo.company import (
    VAT_PCT,
    articles,
    business_customers,
    changed_on,
    net_price_cents,
    place_on,
    unit_cost_cents,
    unit_on,
)
from demo.output import Content

ARTICLE_COLUMNS = ("Artikelnummer", "Bezeichnung", "Warengruppe", "Einheit", "EAN", "Herstellkosten",
                   "Listenpreis netto", "USt %", "Vorgabezeit min/Stück", "Bestand", "Eigenfertigung",
                   "Geändert am")  # fmt: skip
CUSTOMER_COLUMNS = ("Kundennummer", "Firma", "Ansprechpartner", "E-Mail", "Telefon", "Straße", "PLZ", "Ort", "Land",
                    "Kundengruppe", "Region", "USt-IdNr.", "Kunde seit")  # fmt: skip


class _Sheet:
    """A workbook with one sheet whose bytes depend on its content alone."""

    def __init__(self, name: str, widths: tuple[int, ...]) -> None:
        self._bytes = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._bytes, {"in_memory": True})
        self._book.set_properties({"author": "Lampenwerk Lindner GmbH", "created": datetime(2024, 1, 1)})
        self.heading = self._book.add_format({"bold": True, "bottom": 1})
        self.title = self._book.add_format({"bold": True, "font_size": 14})
        self.date = self._book.add_format({"num_format": "dd.mm.yyyy"})
        self.money = self._book.add_format({"num_format": "#,##0.00"})
        self.sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)

    def data(self) -> bytes:
        self._book.close()
        return self._bytes.getvalue()


def articles_file(day: date, stock: list[int]) -> Content:
    """The article list as it stands on `day` with the given stock, by index of the article."""
    book = _Sheet("Artikel", (14, 36, 16, 8, 16, 14, 16, 8, 20, 10, 14, 13))
    book.sheet.merge_range(0, 0, 0, len(ARTICLE_COLUMNS) - 1, "Artikelstamm Lampenwerk Lindner GmbH", book.title)
    book.sheet.write_row(2, 0, ARTICLE_COLUMNS, book.heading)
    for row, entry in enumerate(articles(), 3):
        book.sheet.write_row(row, 0, (entry.number, entry.name, entry.group, unit_on(entry, day)))
        book.sheet.write_string(row, 4, entry.ean)
        book.sheet.write_number(row, 5, unit_cost_cents(entry, day) / 100, book.money)
        book.sheet.write_number(row, 6, net_price_cents(entry, day) / 100, book.money)
        book.sheet.write_number(row, 7, VAT_PCT)
        if entry.own_make:
            book.sheet.write_number(row, 8, entry.cycle_minutes)
        book.sheet.write_number(row, 9, stock[entry.index])
        book.sheet.write_string(row, 10, "ja" if entry.own_make else "nein")
        book.sheet.write_datetime(row, 11, datetime.combine(changed_on(entry, day), datetime.min.time()), book.date)
    return Content(book.data(), len(articles()))


def customers_file(day: date) -> Content:
    """The list of those who are customers on `day`."""
    book = _Sheet("Kunden", (14, 42, 28, 44, 18, 22, 8, 20, 7, 14, 12, 16, 12))
    book.sheet.write_row(0, 0, CUSTOMER_COLUMNS, book.heading)
    listed = [entry for entry in business_customers() if entry.since <= day]
    for row, entry in enumerate(listed, 1):
        country, postal_code, city, _, region = place_on(entry, day)
        book.sheet.write_number(row, 0, entry.number)
        texts = (entry.name, entry.contact, entry.email, entry.phone or "", entry.street, postal_code, city, country,
                 entry.group, region, entry.vat_id)  # fmt: skip
        for column, text in enumerate(texts, 1):
            if text:
                book.sheet.write_string(row, column, text)
        book.sheet.write_datetime(row, 12, datetime.combine(entry.since, datetime.min.time()), book.date)
    return Content(book.data(), len(listed))
