"""What a workshop's systems export: orders, bookings at terminals, logs of machines, downtimes, energy."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingestion.contract import load_contract_file
from tests.landing_zone import LandingZone, shipped, text

BDE_HEADINGS = (
    "VE-Nummer;Karton-Nr.;Buchungsdatum;Status;Anwender;Gutmenge;Ausschuss;Fehlerart;Fehlerart-Bez.;Gesamt;Teilenummer;"
    "WE-/FA-Nr.;Prod.Zeit(Min.);Rüst.Zeit(Min.);Stillst.Zeit(Min.);Freigabebenutzer;Freigabedatum;Sperrbenutzer;"
    "Sperrdatum;Fehlerursache;Fehlerursache-Bez."
)
# Made up after the headings of a real system. Scrap has no packing unit; 12 × 0.0416… minutes in forty digits.
BDE = text(
    "700001;K1;20260105073015;OK;Musterfrau;12;0;;;12;T-100;FA-1;.4999999999999999999999999999999999999997;0;0;;;;;;",
    ";;20261025023000;AU;Mustermann;0;2;17;Kratzer;2;T-100;FA-1;1.25;.5;0;Chef;20261025120000;;;3;Werkzeug stumpf",
    ";;20260105080000;AU;Mustermann;0;1;17;Kratzer;1;T-100;FA-1;-1;0;0;;;;;;",
    headings=BDE_HEADINGS,
)


def test_bookings_of_a_terminal_system(zone: LandingZone) -> None:
    """Forty digits and numbers without a leading zero taken for no numbers; a negative time that adds up unseen."""
    result = zone.load_one_of("bde.csv", BDE, shipped()["bde_bookings"])
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined, result.drift) == (3, 2, 1, ())
    assert zone.raw(
        "booked_at::varchar, production_minutes, setup_minutes, scrap_quantity, worker", "production_bookings"
    ) == [
        ("2026-01-05 06:30:15", Decimal("0.5000"), Decimal("0.0000"), Decimal("0.0000"), "Musterfrau"),
        ("2026-10-25 01:30:00", Decimal("1.2500"), Decimal("0.5000"), Decimal("2.0000"), "Mustermann"),
    ]
    assert zone.quarantine() == [(4, "Prod.Zeit(Min.)", "Prod.Zeit(Min.): a time is not less than 0")]


@pytest.mark.parametrize("damaged", ["Rst.Zeit(Min.)", "R?st.Zeit(Min.)", "R\ufffdst.Zeit(Min.)", "RÃ¼st.Zeit(Min.)"])
def test_headings_are_found_when_their_umlauts_are_lost(zone: LandingZone, damaged: str) -> None:
    """Setup times that are empty from the day on which somebody copied the file through another system."""
    content = BDE.replace("Rüst.Zeit(Min.)", damaged)
    assert zone.load_one_of("bde.csv", content, shipped()["bde_bookings"]).rows_loaded == 2
    assert zone.raw("setup_minutes", "production_bookings")[1] == (Decimal("0.5000"),)


def test_a_booking_that_comes_again_replaces_itself(zone: LandingZone) -> None:
    """Overlapping exports that double what was made; two scrap bookings in one second that become one."""
    twice = BDE + BDE.splitlines(keepends=True)[2]
    assert zone.load_one_of("montag.csv", twice, shipped()["bde_bookings"]).rows_loaded == 3
    result = zone.load_one_of("dienstag.csv", twice + "\n", shipped()["bde_bookings"])
    assert (result.rows_loaded, result.rows_replaced) == (3, 3)


ORDERS = text(
    "FA-1;T-100;freigegeben;100;;;01.07.2026 06:00;10.07.2026;;;-",
    "FA-2;T-200;Fertig;50;48;2;01.07.2026 06:00;10.07.2026;02.07.2026 07:15;03.07.2026 11:00;03.07.2026 11:05",
    "FA-3;T-200;in Arbeit;50;48;2;;;02.07.2026 07:15;01.07.2026 11:00;",
    "FA-4;T-200;halb fertig;50;48;2;;;;;",
    headings=(
        "Auftrag;Teilenummer;Status;Sollmenge;Gutmenge;Ausschuss;Start Soll;Endtermin;Start Ist;Ende Ist;Geändert am"
    ),
)


def test_work_orders_and_their_newest_version(zone: LandingZone) -> None:
    """An order that ends before it begins; a status nobody has explained; an older export that undoes a newer one."""
    result = zone.load_one_of("auftraege.csv", ORDERS, shipped()["work_orders"])
    assert (result.rows_loaded, result.rows_quarantined) == (2, 2)
    assert [(line, column) for line, column, _ in zone.quarantine()] == [(4, "Ende Ist"), (5, "Status")]
    assert zone.raw("work_order_number, status, started_at::varchar, due_date::varchar", "work_orders") == [
        ("FA-1", "released", None, "2026-07-10"),
        ("FA-2", "finished", "2026-07-02 05:15:00", "2026-07-10"),
    ]
    older = text("FA-2;T-200;begonnen;50;;;;;;;02.07.2026 08:00", headings=ORDERS.splitlines()[0])
    assert dict(zone.load_one_of("alt.csv", older, shipped()["work_orders"]).skipped) == {"superseded": 1}
    assert zone.all("select status from raw.work_orders where work_order_number = 'FA-2'") == [("finished",)]


MATRIX = """kind: scrap_matrix
extends: scrap_records
reader:
  unpivot: {keep: [Datum, Auftrag, Summe], name: Grund, value: Menge}
known_extra: [Summe]
"""


def test_scrap_with_a_column_for_each_reason(zone: LandingZone) -> None:
    """A new reason is a new column: with fixed columns its pieces would be lost."""
    (zone.root / "scrap_matrix.yaml").write_text(MATRIX, encoding="utf-8")
    contract = load_contract_file(zone.root / "scrap_matrix.yaml")
    content = text(
        "01.07.2026;FA-1;3;;5;8", "02.07.2026;FA-1;-;1,5;;1,5", headings="Datum;Auftrag;Riss;Kratzer;Lunker;Summe"
    )
    result = zone.load_one_of("ausschuss.csv", content, contract)
    assert (result.rows_read, result.rows_loaded, dict(result.skipped)) == (6, 3, {"empty cell": 3})
    assert zone.raw("scrap_date::varchar, scrap_reason, scrap_quantity", "scrap_records") == [
        ("2026-07-01", "Riss", Decimal("3.0000")),
        ("2026-07-01", "Lunker", Decimal("5.0000")),
        ("2026-07-02", "Kratzer", Decimal("1.5000")),
    ]
