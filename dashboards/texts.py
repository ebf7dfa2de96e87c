"""What the pages and the weekly report say, in German and English. Names of measures and columns stand here too."""

from __future__ import annotations

from kontor.texts import Language

TEXTS: dict[str, dict[Language, str]] = {
    # Pages
    "page_overview": {"de": "Überblick", "en": "Overview"},
    "page_sales": {"de": "Vertrieb", "en": "Sales"},
    "page_customers": {"de": "Kunden", "en": "Customers"},
    "page_products": {"de": "Produkte", "en": "Products"},
    "page_production": {"de": "Produktion", "en": "Production"},
    "page_web": {"de": "Web & Marketing", "en": "Web & Marketing"},
    "page_finance": {"de": "Finanzen", "en": "Reconciliation"},
    "page_assets": {"de": "Datenvermögen", "en": "Data assets"},
    # State of the data
    "as_of": {
        "de": "Daten bis {day} · veröffentlicht {time} ({age})",
        "en": "Data up to {day} · published {time} ({age})",
    },
    "run_failed": {
        "de": "Der Lauf vom {time} ist gescheitert; hier steht der Stand vom {seen}. Was zu tun ist, zeigt: kontor run",
        "en": "The run of {time} failed; what you see here is of {seen}. See what to do with: kontor run",
    },
    "copy_old": {
        "de": "Diese Zahlen sind alt: veröffentlicht {time}, {age}. Lief der nächtliche Lauf? Siehe: kontor status",
        "en": "These figures are old: published {time}, {age}. Did the nightly run take place? Ask: kontor status",
    },
    "data_old": {
        "de": "Seit dem {day} sind keine neuen Daten gekommen.",
        "en": "No new data have arrived since {day}.",
    },
    "ago_minutes": {"de": "vor {n} Minute|vor {n} Minuten", "en": "{n} minute ago|{n} minutes ago"},
    "ago_hours": {"de": "vor {n} Stunden", "en": "{n} hours ago"},
    "ago_days": {"de": "vor {n} Tagen", "en": "{n} days ago"},
    "not_published": {
        "de": "Noch ist nichts veröffentlicht. Dateien in den Eingang legen, dann: kontor run",
        "en": "Nothing is published yet. Put files into the inbox, then: kontor run",
    },
    "nothing_loaded": {
        "de": "Noch ist nichts geladen. Dateien in den Eingang legen, dann: kontor run",
        "en": "Nothing is loaded yet. Put files into the inbox, then: kontor run",
    },
    "went_wrong": {
        "de": "Diese Seite konnte nicht gezeigt werden: {reason}",
        "en": "This page could not be shown: {reason}",
    },
    # Access
    "password": {"de": "Passwort", "en": "Password"},
    "enter": {"de": "Öffnen", "en": "Open"},
    "wrong_password": {"de": "Das Passwort stimmt nicht.", "en": "That is not the password."},
    "no_user": {
        "de": "Diese Seiten sind nur über den Zugang der Firma zu erreichen (Kopfzeile {header} fehlt).",
        "en": "These pages are reached through the company's own entrance only (header {header} is missing).",
    },
    # Filters
    "language": {"de": "Sprache", "en": "Language"},
    "period": {"de": "Zeitraum", "en": "Period"},
    "period_d7": {"de": "7 Tage", "en": "7 days"},
    "period_d30": {"de": "30 Tage", "en": "30 days"},
    "period_d90": {"de": "90 Tage", "en": "90 days"},
    "period_m12": {"de": "52 Wochen", "en": "52 weeks"},
    "period_ytd": {"de": "Jahr", "en": "Year to date"},
    "period_all": {"de": "Alles", "en": "All"},
    "period_own": {"de": "von – bis", "en": "from – to"},
    "from_to": {"de": "Von – bis", "en": "From – to"},
    "channel": {"de": "Kanal", "en": "Channel"},
    "product_group": {"de": "Warengruppe", "en": "Product group"},
    "machine": {"de": "Maschine", "en": "Machine"},
    "all": {"de": "Alle", "en": "All"},
    "other": {"de": "Übrige", "en": "Other"},
    # Measures
    "revenue": {"de": "Umsatz", "en": "Revenue"},
    "revenue_gross": {"de": "brutto", "en": "gross"},
    "orders": {"de": "Aufträge", "en": "Orders"},
    "quantity": {"de": "Verkaufte Menge", "en": "Quantity sold"},
    "refunds": {"de": "Erstattungen", "en": "Refunds"},
    "order_value": {"de": "Umsatz je Auftrag", "en": "Revenue per order"},
    "contribution": {"de": "Deckungsbeitrag", "en": "Contribution"},
    "good_quantity": {"de": "Gutmenge", "en": "Good parts"},
    "scrap_quantity": {"de": "Ausschuss", "en": "Scrap"},
    "scrap_rate": {"de": "Ausschussquote", "en": "Scrap rate"},
    "availability": {"de": "Verfügbarkeit der Maschinen", "en": "Machine availability"},
    "sessions": {"de": "Besuche der Webseite", "en": "Website sessions"},
    "purchases": {"de": "Käufe im Web", "en": "Web purchases"},
    "conversion": {"de": "Käufe je Besuch", "en": "Conversion"},
    "ad_cost": {"de": "Werbekosten", "en": "Advertising cost"},
    "new_customers": {"de": "Neukunden", "en": "New customers"},
    # Comparisons
    "value": {"de": "Wert", "en": "Value"},
    "plan": {"de": "Plan", "en": "Plan"},
    "reached": {"de": "{share} erreicht", "en": "{share} reached"},
    "attainment": {"de": "Planerfüllung", "en": "Plan attained"},
    "previous_year": {"de": "Vorjahr", "en": "Year before"},
    "same_weekday": {"de": "Vorjahr, gleicher Wochentag", "en": "Year before, same weekday"},
    "week_before": {"de": "Woche davor", "en": "week before"},
    "year_to_date": {"de": "Geschäftsjahr bisher", "en": "fiscal year to date"},
    "growth": {"de": "Wachstum", "en": "Growth"},
    "day": {"de": "Tag", "en": "Day"},
    "week": {"de": "Woche", "en": "Week"},
    "month": {"de": "Monat", "en": "Month"},
    # Overview
    "stands_out": {"de": "Was auffällt", "en": "What stands out"},
    "nothing_stands_out": {"de": "Nichts Ungewöhnliches.", "en": "Nothing unusual."},
    "stands_out_rule": {
        "de": "Auffällig ist, was außerhalb dessen liegt, was derselbe Wochentag in den acht Wochen davor brachte, und "
        "um mindestens ein Fünftel vom mittleren Wert abweicht; bei Maschinen gelten sieben Tage statt eines.",
        "en": "Something stands out if it lies outside of what the same weekday brought in the eight weeks before, and "
        "at least a fifth away from the middle value; for machines, seven days count instead of one.",
    },
    "stands_out_high": {
        "de": "{what}: {value}, mehr als an jedem {weekday} der acht Wochen davor ({low} bis {high}).",
        "en": "{what}: {value}, more than on any {weekday} of the eight weeks before ({low} to {high}).",
    },
    "stands_out_low": {
        "de": "{what}: {value}, weniger als an jedem {weekday} der acht Wochen davor ({low} bis {high}).",
        "en": "{what}: {value}, less than on any {weekday} of the eight weeks before ({low} to {high}).",
    },
    "machine_stands_out": {
        "de": "{machine}: Verfügbarkeit {value} in sieben Tagen, in den acht Wochen davor {low} bis {high}.",
        "en": "{machine}: availability {value} in seven days, {low} to {high} in the eight weeks before.",
    },
    "inspection_stands_out": {
        "de": "Prüfung {what}: {failed} von {inspected} nicht in Ordnung, mehr als die Regelgrenze von {limit}.",
        "en": "Inspection {what}: {failed} of {inspected} failed, more than the control limit of {limit}.",
    },
    "last_week": {"de": "Die letzten sieben Tage", "en": "The last seven days"},
    "last_week_note": {
        "de": "daneben die sieben Tage davor",
        "en": "beside them, the seven days before",
    },
    "months": {"de": "Monate", "en": "Months"},
    "months_note": {
        "de": "Der laufende Monat ist noch nicht vollständig.",
        "en": "The current month is not complete yet.",
    },
    # Sales
    "no_sales": {
        "de": "Es sind keine Verkäufe geladen. Eine Quelle mit der Rolle „sales“ in kontor.toml nennen.",
        "en": "No sales are loaded. Name a source with the role “sales” in kontor.toml.",
    },
    "revenue_by_day": {"de": "Umsatz je Tag", "en": "Revenue by day"},
    "revenue_by_week": {"de": "Umsatz je Woche", "en": "Revenue by week"},
    "revenue_by_month": {"de": "Umsatz je Monat", "en": "Revenue by month"},
    "revenue_by_week_note": {
        "de": "volle Kalenderwochen; gestrichelt dieselbe Woche im Vorjahr",
        "en": "whole ISO weeks; dashed: the same week of the year before",
    },
    "earlier_note": {
        "de": "gestrichelt: ein Jahr früher",
        "en": "dashed: a year earlier",
    },
    "revenue_by_channel": {"de": "Umsatz je Kanal", "en": "Revenue by channel"},
    "revenue_by_product_group": {"de": "Umsatz je Warengruppe", "en": "Revenue by product group"},
    "sales_days": {"de": "Verkäufe je Tag und Kanal", "en": "Sales by day and channel"},
    "rows_more": {
        "de": "und {n} weitere Zeile in den Dateien|und {n} weitere Zeilen in den Dateien",
        "en": "and {n} more row in the files|and {n} more rows in the files",
    },
}
