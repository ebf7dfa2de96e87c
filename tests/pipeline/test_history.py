"""What lists said before is kept, in whatever order they arrive, and what became of it in the marts."""

from __future__ import annotations

import pytest

from tests.landing_zone import LandingZone, shipped, text, varied

CUSTOMERS = varied(shipped()["customers"], reader={"format": "csv"})


def customers(*rows: str) -> str:
    return text(*rows, headings="Kundennummer;Firma;Region")


# By days before today: what the list of that day says.
LISTS = {
    9: customers("7;Huber;Süd", "8;Rossi;Nord"),
    6: customers("7;Huber;Ost", "8;Rossi;Nord"),
    3: customers("7;Huber;Süd", "8;Rossi;Nord", "9;Novak;West"),
    1: customers("7;Huber;Süd", "9;Novak;West"),
}


def states(zone: LandingZone, source: str) -> list[tuple[object, ...]]:
    """Number, region, and how many days ago deliveries said so first and last."""
    ago = "round(epoch(now()::timestamp - {}) / 86400)::int"
    return zone.all(
        f"""select customer_number, region, {ago.format("_first_at")}, {ago.format("_last_at")}
        from history.customers where _source = ? order by customer_number, _first_at""",
        source,
    )


def test_states_come_out_the_same_in_every_order(zone: LandingZone) -> None:
    """A list of last year that is dropped later made last year's region hold from today on, or was forgotten."""
    for number, days in enumerate([(9, 6, 3, 1), (1, 3, 6, 9), (9, 3, 1, 6), (3, 9, 1, 6)]):
        source = f"list{number}"
        for day in days:
            zone.drop(f"{source}/Kunden_{day}.csv", LISTS[day], age=day * 86400)
            zone.load_one(CUSTOMERS, name=source, files=f"{source}/*")
        assert states(zone, source) == [
            ("7", "Süd", 9, 9), ("7", "Ost", 6, 6), ("7", "Süd", 3, 1), ("8", "Nord", 9, 3), ("9", "West", 3, 1),
        ], days  # fmt: skip


def test_history_is_kept_of_rows_that_replace_each_other() -> None:
    """A history asked of a log, of which every row stays anyhow, or of the key, which never changes."""
    with pytest.raises(ValueError, match="history is for upsert"):
        varied(shipped()["access_log"], load={"history": ("status",)})
    with pytest.raises(ValueError, match="those of the key do not"):
        varied(CUSTOMERS, load={"history": ("customer_number",)})
