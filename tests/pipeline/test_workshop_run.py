"""One run of a company with a workshop and customers abroad: from its files to the marts that readers see."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from tests.company import Company
from tests.landing_zone import text
from tests.pipeline.test_production import AUTUMN, BDE, ENERGY, ORDERS, SHDR, WINCC
from tests.pipeline.test_reference import ECB

SOURCES = {
    "ecb": ("exchange_rates", "reference"),
    "erp": ("sales_lines", "sales"),
    "ads": ("ad_costs", "web"),
    "bde": ("bde_bookings", "production"),
    "orders": ("work_orders", "production"),
    "downtimes": ("downtimes", "production"),
    "power": ("energy_readings", "production"),
    "lathe": ("mtconnect_shdr", "production"),
    "press": ("wincc_tag_log", "production"),
}
FILES = {
    "ecb": ECB,
    "erp": text(
        "R1;20.11.2026;A;2;100,00;USD",
        # A Sunday: Friday's rate holds.
        "R2;22.11.2026;A;1;50,00;USD",
        "R3;22.11.2026;A;1;10,00;EUR",
        # Long after the last rate.
        "R4;22.12.2026;A;1;50,00;USD",
        headings="Belegnr;Belegdatum;Artikelnr;Menge;Nettobetrag;Währung",
    ),
    "ads": text("2026-11-19,google,x,10.79,USD", headings="date,platform,campaign,cost,currency"),
    "bde": BDE,
    "orders": ORDERS,
    "downtimes": text("M1;25.10.2026;Werkzeugbruch;12,5", headings="Maschine;Datum;Grund;Minuten"),
    "power": text(*AUTUMN, "Z1;26.10.2026;00:00;1", headings=ENERGY),
    "lathe": SHDR,
    "press": WINCC,
}
SETTINGS = """
[company]
name = "Werkstatt"
country = "DE"
state = "BW"
currency = "EUR"
time_zone = "Europe/Berlin"
"""


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The company after its run."""
    folder = tmp_path_factory.mktemp("workshop")
    config = folder / "kontor.toml"
    entries = [
        f'[[source]]\nname = "{name}"\nkind = "{kind}"\nfiles = "{name}/*"\nrole = "{role}"\n'
        for name, (kind, role) in SOURCES.items()
    ]
    config.write_text("\n".join([SETTINGS, *entries]), encoding="utf-8")
    company = Company(folder / "data", config)
    for name, content in FILES.items():
        path = company.inbox / name / "file.txt"
        path.parent.mkdir(parents=True)
        path.write_text(content, encoding="utf-8")
    said = company.kontor("run")
    assert said.returncode == 0, said.stdout + said.stderr
    return company


@pytest.fixture
def marts(workshop: Company) -> duckdb.DuckDBPyConnection:
    return workshop.published()


def test_sales_abroad_are_valued_at_the_rate_of_their_day(marts: duckdb.DuckDBPyConnection) -> None:
    """Revenue in dollars added to euros, lost over the weekend, or valued at a rate of weeks ago."""
    found = marts.execute(
        "select document_number, exchange_rate, net_amount from fct_sales_line order by document_number"
    ).fetchall()
    rate = Decimal("0.92464170")
    assert found == [
        ("R1", rate, Decimal("92.46")),
        ("R2", rate, Decimal("46.23")),
        ("R3", Decimal(1), Decimal("10.00")),
        ("R4", None, None),
    ]
    assert marts.execute("select cost_amount, document_cost_amount from fct_ad_cost").fetchall() == [
        (Decimal("10.00"), Decimal("10.79"))
    ]


def test_orders_bookings_and_scrap(marts: duckdb.DuckDBPyConnection) -> None:
    """Good rows that get lost behind the loader; names of workers that get out."""
    assert marts.execute(
        "select work_order_number, lead_time_minutes, is_late from fct_work_order order by 1"
    ).fetchall() == [("FA-1", None, None), ("FA-2", Decimal(1665), False)]
    bookings = marts.execute(
        "select booking_date::varchar, employee_group_key from fct_production_booking order by 1"
    ).fetchall()
    assert bookings == [("2026-01-05", "unknown"), ("2026-10-25", "unknown")], "two persons are no group"
    assert marts.execute("select scrap_reason, scrap_quantity, scrap_origin from fct_scrap").fetchall() == [
        ("Kratzer", Decimal(2), "booking")
    ]


def test_machines_energy_and_downtimes(marts: duckdb.DuckDBPyConnection) -> None:
    """States that run on while nothing was known; a day of 25 hours with the energy of 24."""
    states = marts.execute(
        """select machine_key, state, sum(duration_minutes)::decimal(18, 2) from fct_machine_state
        group by all order by all"""
    ).fetchall()
    # From 8:10 until the machine was UNAVAILABLE at 8:30; the key with a device in front is another machine.
    assert states == [
        ("lathe", "idle", Decimal("10.00")),
        ("lathe", "running", Decimal("20.00")),
        ("lathe2", "running", Decimal("0.00")),
    ]
    assert marts.execute("select machine_key, parts from fct_part_count").fetchall() == [("lathe", Decimal(1))]
    assert marts.execute(
        """select count(*), max(quarter_number), sum(energy_kwh), count(distinct local_started_at)
        from fct_energy_quarter where energy_date = date '2026-10-25'"""
    ).fetchall() == [(100, 100, Decimal(5000), 96)]
    assert marts.execute("select machine_key, minutes from fct_downtime").fetchall() == [("M1", Decimal("12.5"))]
