"""Words that companies write above their columns, beyond the headings that the kinds know.

A heading found here is a proposal that a person confirms. The loader never looks at this list: what it accepts stands
in the kinds and mappings alone.
"""

import re
from functools import lru_cache

# By the column's name, the same in every kind. What counts is the word itself: case, umlauts, blanks, dots and
# "Nummer", "No" or "ID" for "Nr" make no difference.
_USUAL_HEADINGS = {
    "article_name": (
        "Artikeltext, Artikelname, Positionstext, Produkt, Produktname, Product, Product Name, Item Name, Item "
        "Description, Text"
    ),
    "article_number": (
        "Art-Nr, Artikel, Produktnr, Item, Item No, Item Code, Material, Materialnr, Product No, Product Code"
    ),
    "campaign": "Kampagnenname, Campaign Name",
    "changed_date": "Änderungsdatum, Letzte Änderung, Modified, Modified Date",
    "channel": "Verkaufskanal, Absatzkanal, Filiale, Store, Shop",
    "characteristic": "Prüfmerkmal, Messgröße, Feature, Parameter",
    "city": "Wohnort, Town",
    "clicks": "Link Clicks",
    "company_name": "Firmenname, Kundenname, Name 1, Customer, Customer Name, Company Name",
    "contact_name": "Kontaktperson, Contact Person",
    "conversions": "Conv, Results, Käufe",
    "cost": "Ausgaben, Spend, Amount Spent, Werbekosten",
    "country": "Ländercode, Lieferland, Country Code, ISO-Land",
    "currency": "Whg, Currency Code",
    "customer_group": "Kundenkategorie, Kundentyp, Segment",
    "customer_name": "Name, Name 1, Client, Company",
    "customer_number": "Kd-Nr, Debitor, Debitorennr, Client No, Cust No",
    "customer_since_date": "Angelegt am, Anlagedatum, Seit, Created",
    "cycle_minutes": "Stückzeit, Vorgabezeit, Cycle Time",
    "discount_pct": "Rabattsatz, Nachlass, Nachlass %, Discount",
    "document_at": (
        "Re-Datum, Rg-Datum, Verkaufsdatum, Bestelldatum, Auftragsdatum, Verkauft am, Order Date, Sale Date, "
        "Document Date"
    ),
    "document_number": (
        "Beleg, Rechnung, Re-Nr, Rg-Nr, Bon-Nr, Bestellnr, Vorgangsnr, Invoice, Order, Order No, Receipt No"
    ),
    "document_type": "Belegtyp, Dokumentart, Vorgangsart, Type",
    "ean": "EAN-Code, Barcode",
    "email": "E-Mail-Adresse, Mailadresse, Email Address",
    "employee_number": "Mitarbeiter, Mitarbeiternr, Werker, Bediener, Operator, Worker",
    "ended_at": "Endzeit, Endzeitpunkt, Fertig am, Stop, Stop Time",
    "good_quantity": "Gut, Gutteile, Gutstück, IO-Menge, Good, Good Parts",
    "gross_amount": "Gesamt brutto, Summe brutto, Betrag brutto, Umsatz brutto, Gross, Total Gross",
    "impressions": "Impr, Einblendungen",
    "inspected_at": "Prüfdatum, Messzeit, Messzeitpunkt, Zeitstempel, Timestamp, Datum/Zeit",
    "inspection_number": "Prüflos, Prüfung, Messung, Inspection",
    "is_own_make": "Eigenproduktion, Eigenfertiger",
    "line_number": "Zeile, Zeilennr, Posten",
    "list_price_net": "Listenpreis, VK, VK-Preis, Verkaufspreis, Preis, Price",
    "lower_limit": "USG, UTL, UGW, Untere Grenze, Untergrenze, Lower Limit, Min",
    "machine_code": "Maschinennr, Maschinenname, Anlagennr, Equipment, Machine No, Asset",
    "measured_value": "Istwert, Ist, Wert, Messergebnis, Measurement, Actual",
    "net_amount": (
        "Umsatz, Umsatz netto, Nettoumsatz, Nettowert, Gesamt netto, Summe netto, Betrag netto, Gesamtpreis, "
        "Positionsbetrag, Betrag, Line Total, Amount, Net, Revenue"
    ),
    "nominal_value": "Soll, Nennwert, Target",
    "operation_name": "Arbeitsgangtext, Vorgangstext, Process, Process Step",
    "operation_number": "AVO, AFO, Arbeitsfolge, Vorgang, Vorgangsnr, Step",
    "phone": "Telefonnr, Mobil, Phone Number",
    "planned_quantity": "Soll, Planmenge, Auftragsmenge, Target Quantity, Planned",
    "platform": "Werbenetzwerk, Netzwerk, Ad Platform",
    "postal_code": "Zip Code, Postal Code, Postcode",
    "product_group": "Artikelgruppe, Kategorie, Category",
    "quantity": "Stück, Stk, Stückzahl, Absatz, Verkaufte Menge, Pieces, Units, Units Sold",
    "reason": "Störgrund, Stillstandsgrund, Ursache, Fault",
    "region": "Vertriebsgebiet, Sales Region",
    "result": "Bewertung, Prüfergebnis, Entscheid",
    "sales_person": "Vertriebsmitarbeiter, Außendienst, Sales Rep, Salesperson",
    "scrap_quantity": "Ausschussmenge, Schlechtmenge, Schlechtteile, NIO-Menge, Scrap, Rejects",
    "scrap_reason": "Fehlergrund, Fehler, Defect",
    "setup_minutes": "Rüstzeit, Rüsten min, Setup Time",
    "started_at": "Anfang, Anfangszeit, Startzeit, Startzeitpunkt, Begin, Begonnen am",
    "state": "Maschinenzustand, Maschinenstatus, Betriebszustand, Machine State",
    "stock_quantity": "Lagermenge, Stock on Hand",
    "street": "Adresse, Anschrift, Address",
    "tax_amount": "VAT, VAT Amount, Tax, Steuerbetrag",
    "tax_rate_pct": "USt, MwSt, Steuersatz, VAT %, VAT Rate",
    "unit": "Mengeneinheit, UOM",
    "unit_cost": "EK-Preis, Einstandspreis, Selbstkosten, Cost",
    "unit_price": "EP, E-Preis, Stückpreis, VK, VK-Preis, Verkaufspreis, Price",
    "upper_limit": "OSG, OTL, OGW, Obere Grenze, Obergrenze, Upper Limit, Max",
    "vat_id": "UID, UID-Nr",
    "work_order_number": "FA, Fertigungsauftrag, Betriebsauftrag, BA-Nr, Job, Job No, Production Order, WO",
}

USUAL_HEADINGS: dict[str, tuple[str, ...]] = {
    column: tuple(headings.split(", ")) for column, headings in _USUAL_HEADINGS.items()
}

# What systems write in columns whose values have a fixed meaning.
USUAL_VALUES: dict[str, tuple[str, ...]] = {
    "invoice": ("RE", "RG", "AR", "INV", "Faktura", "Ausgangsrechnung"),
    "credit_note": ("GS", "GU", "CN", "Credit", "Credit Memo", "Rechnungsgutschrift"),
    "cancellation": ("ST", "SR", "Stornorechnung", "Cancelled", "Void"),
    "running": ("Run", "Active", "Execute", "Läuft", "Produziert", "Automatik"),
    "setup": ("Einrichten", "Umrüsten", "Set-up"),
    "down": ("Fault", "Alarm", "Error", "Fehler", "Ausfall", "Defekt"),
    "idle": ("Wartet", "Warten", "Waiting", "Ready", "Bereit", "Standby"),
    "planned_stop": ("Pause", "Wartung", "Maintenance", "Break"),
    "off": ("Ausgeschaltet", "Power Off", "Offline"),
    "pass": ("OK", "Gut", "Bestanden", "Passed"),
    "fail": ("NOK", "NIO", "Schlecht", "Nicht bestanden", "Failed"),
}

_CAMEL = re.compile(r"(?<=[a-zäöüß0-9])(?=[A-ZÄÖÜ])")
_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_SAME = {
    **dict.fromkeys(("nummer", "no", "num", "number", "id"), "nr"),
    **dict.fromkeys(("prozent", "pct", "percent"), "%"),
}
_CURRENCIES = {"eur", "euro", "chf", "usd", "gbp"}


@lru_cache(maxsize=20_000)
def normal(heading: str) -> str:
    """A heading reduced to what it means: `Beleg-Nr.`, `BELEGNUMMER` and `beleg_no` become the same word.

    Brackets (`Menge (Stk)`) and currencies (`Netto EUR`) are left out, unless nothing else is there.
    """
    text = heading.removeprefix("$.").replace("\ufeff", "").strip()
    text = _BRACKETS.sub(" ", text) if _BRACKETS.sub(" ", text).strip() else text
    text = _CAMEL.sub(" ", text).casefold().translate(_UMLAUTS).replace("%", " % ")
    tokens = [_SAME.get(token, token) for token in re.split(r"[^a-z0-9%]+", text) if token]
    tokens = [re.sub(r"(?<=[a-z]{3})(?:nummer|number)$", "nr", token) for token in tokens]
    return "".join([token for token in tokens if token not in _CURRENCIES] or tokens)
