"""Movements at payment providers, in files written here after the providers' own exports."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.landing_zone import LandingZone, shipped

OLD = (
    '"Datum","Uhrzeit","Zeitzone","Name","Typ","Status","Währung","Brutto","Gebühr","Netto","Absender E-Mail-Adresse",'
    '"Empfänger E-Mail-Adresse","Transaktionscode","Zugehöriger Transaktionscode","Rechnungsnummer","Guthaben",'
    '"Auswirkung auf Guthaben"\r\n'
)
NEW = (
    '"Datum","Uhrzeit","Zeitzone","Beschreibung","Währung","Brutto","Entgelt","Netto","Guthaben","Transaktionscode",'
    '"Absender E-Mail-Adresse","Name","Name der Bank","Bankkonto","Versand- und Bearbeitungsgebühr","Umsatzsteuer",'
    '"Rechnungsnummer","Zugehöriger Transaktionscode"\r\n'
)


def old(kind: str, status: str, gross: str, code: str, *, impact: str = "Haben", zone: str = "CEST") -> str:
    return (
        f'"07.06.2025","19:54:41","{zone}","Eva Muster","{kind}","{status}","EUR","{gross}","0,00","{gross}",'
        f'"eva@example.com","shop@example.com","{code}","","R1","","{impact}"\r\n'
    )


def new(kind: str, gross: str, fee: str, net: str, code: str, related: str = "", currency: str = "EUR") -> str:
    return (
        f'"07.06.2025","19:54:41","Europe/Berlin","{kind}","{currency}","{gross}","{fee}","{net}","0,00","{code}",'
        f'"eva@example.com","Eva Muster","","","0,00","0,00","#1001","{related}"\r\n'
    )


def test_both_sets_of_columns_are_read(zone: LandingZone) -> None:
    """PayPal renamed its columns, and from that day on nothing was loaded; of 1.190,00 only 1,19 was left."""
    kind = shipped()["paypal_activity"]
    zone.load_one_of("old.csv", "\ufeff" + OLD + old("Website-Zahlung", "Abgeschlossen", "1.190,00", "A1"), kind)
    result = zone.load_one_of("new.csv", NEW + new("PayPal Express-Zahlung", "-29,98", "-0,35", "-30,33", "A2"), kind)
    assert result.drift == ("column gone: status", "column gone: balance_impact", "column gone: receiver_email")
    found = zone.raw("transaction_code, movement_kind, status, gross, fee, net, invoice_number", "paypal_activity")
    assert sorted(found) == [
        ("A1", "payment", "completed", Decimal("1190"), Decimal(0), Decimal("1190"), "R1"),
        ("A2", "payment", None, Decimal("-29.98"), Decimal("-0.35"), Decimal("-30.33"), "#1001"),
    ]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Allgemeine Zahlung", "payment"),
        ("Handyzahlung", "payment"),
        ("Spendenzahlung", "payment"),
        ("Zahlung im Einzugsverfahren mit Zahlungsrechnung", "payment"),
        ("Rückzahlung", "refund"),
        ("Bankgutschrift auf PayPal-Konto", "transfer"),
        ("Von Nutzer eingeleitete Abbuchung", "transfer"),
        ("Allgemeine Abbuchung – Bankkonto", "transfer"),
        ("Allgemeine Währungsumrechnung", "conversion"),
        ("Rückbuchung", "dispute"),
        ("Gebühr für Rückbuchung", "fee"),
        ("Kontoeinbehaltung für offene Autorisierung", "hold"),
        ("Rückbuchung allgemeiner Einbehaltung", "hold"),
        ("Allgemeines Bonusguthaben", "other"),
    ],
)
def test_types_are_what_they_mean(zone: LandingZone, said: str, kind: str) -> None:
    """The transfer that pays a payment counted as a second payment; the end of a hold as a dispute."""
    zone.load_one_of("a.csv", NEW + new(said, "1,00", "0,00", "1,00", "A1"), shipped()["paypal_activity"])
    assert zone.raw("movement_kind", "paypal_activity") == [(kind,)]


def test_a_pending_payment_becomes_a_settled_one(zone: LandingZone) -> None:
    """The same payment counted as pending for ever, or twice once it was settled."""
    kind = shipped()["paypal_activity"]
    zone.load_one_of("a.csv", OLD + old("Website-Zahlung", "Ausstehend", "10,00", "A1", impact="Memo"), kind)
    result = zone.load_one_of("b.csv", OLD + old("Website-Zahlung", "Abgeschlossen", "10,00", "A1"), kind)
    assert result.rows_replaced == 1
    assert zone.raw("status, balance_impact", "paypal_activity") == [("completed", "credit")]


def test_what_is_not_known_is_quarantined(zone: LandingZone) -> None:
    """A status or zone that nobody knows was taken for a settled payment in German time."""
    rows = [
        old("Website-Zahlung", "Seltsam", "1,00", "A1"),
        old("Website-Zahlung", "Abgeschlossen", "1,00", "A2", zone="XYZ"),
        old("Website-Zahlung", "Abgelehnt", "1,00", "A3"),
        old("Website-Zahlung", "Abgeschlossen", "1.5", "A4"),
    ]
    result = zone.load_one_of("a.csv", OLD + "".join(rows), shipped()["paypal_activity"])
    assert (result.rows_loaded, result.rows_quarantined) == (1, 3)
    assert [column for _, column, _ in zone.quarantine()] == ["Status", "Zeitzone", "Brutto"]


def stripe(number: int, amount: int, kind: str = "charge", **changes: object) -> dict[str, object]:
    """A balance transaction as the API lists it."""
    return {
        "id": f"txn_{number}", "object": "balance_transaction", "amount": amount, "available_on": 1750000000,
        "created": 1749319200, "currency": "eur", "description": "Order #1001", "exchange_rate": None, "fee": 30,
        "fee_details": [], "net": amount - 30, "reporting_category": kind, "source": "ch_1", "status": "available",
        "type": kind, **changes,
    }  # fmt: skip


def test_the_lists_of_stripe_are_read_page_by_page(zone: LandingZone) -> None:
    """A refund with the wrong sign, a payout taken for a payment, a dispute for an adjustment of something."""
    rows = [
        stripe(1, 11900),
        stripe(2, -11900, "refund", fee=0, net=-11900, source={"id": "re_1", "metadata": {"order_id": "1001"}}),
        stripe(3, -5000, "payout", fee=0, net=-5000),
        stripe(4, -2000, "adjustment", reporting_category="dispute", fee=1500, net=-3500),
        stripe(5, -99, "stripe_fee", reporting_category="fee", fee=0, net=-99),
    ]
    page = {"object": "list", "data": rows, "has_more": False, "url": "/v1/balance_transactions"}
    result = zone.load_one_of("page1.json", json.dumps(page), shipped()["stripe_balance_transactions"])
    assert (result.rows_loaded, result.rows_quarantined, result.drift) == (5, 0, ())
    found = zone.raw("movement_kind, amount_minor, source_id, order_number", "stripe_balance_transactions")
    assert found == [
        ("payment", 11900, "ch_1", None),
        ("refund", -11900, "re_1", "1001"),
        ("transfer", -5000, "ch_1", None),
        ("dispute", -2000, "ch_1", None),
        ("fee", -99, "ch_1", None),
    ]


def test_a_transaction_that_does_not_add_up_is_quarantined(zone: LandingZone) -> None:
    """An amount with a fraction of a cent, or a net that is not amount less fee, was loaded as it stood."""
    page = {"data": [stripe(1, 100, net=100), stripe(2, 100, fee=0.5, net=99.5), stripe(3, 100, currency="euro")]}
    result = zone.load_one_of("a.json", json.dumps(page), shipped()["stripe_balance_transactions"])
    assert (result.rows_loaded, result.rows_quarantined) == (0, 3)


def test_the_export_of_the_dashboard_is_read(zone: LandingZone) -> None:
    """The Dashboard's amounts are whole units: read as cents, they were a hundredth."""
    heading = (
        "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description,order_id (metadata)\n"
    )
    rows = "txn_1,charge,ch_1,97.00,3.07,93.93,eur,2026-09-11 09:00,2026-09-18 00:00,Eva,1001\n"
    rows += "txn_2,payout,po_1,-93.93,0.00,-93.93,eur,2026-09-20 00:00,2026-09-20 00:00,STRIPE PAYOUT,\n"
    zone.load_one_of("a.csv", heading + rows, shipped()["stripe_balance_csv"])
    assert zone.raw("movement_kind, net, order_number, created_at::varchar", "stripe_balance_csv") == [
        ("payment", Decimal("93.93"), "1001", "2026-09-11 09:00:00"),
        ("transfer", Decimal("-93.93"), None, "2026-09-20 00:00:00"),
    ]
