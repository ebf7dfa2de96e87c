"""What a workshop's systems export: orders, bookings at terminals, logs of machines, downtimes, energy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from ingestion.contract_files import load_contract_file
from tests.landing_zone import LandingZone, shipped, text, workbook

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


# After the description of the protocol: a restart, an asset over several lines, a condition, a message, a time series,
# a key with its device, a duration, a bar inside a value, heartbeats, and a step backward in time.
SHDR = """* shdrVersion: 2
2026-07-01T08:00:00.1234567Z|avail|AVAILABLE|execution|READY|partcount|0
2026-07-01T08:00:00.1234567Z|system|FAULT|1234|2|HIGH|Oil pressure
2026-07-01T08:00:05.5Z|@ASSET@|T1|CuttingTool|--multiline--AB
<CuttingTool assetId="T1">
</CuttingTool>
--multiline--AB
2026-07-01T08:00:06Z|@REMOVE_ASSET@|T1
* PING

2026-07-01T08:10:00.123456789Z|execution|ACTIVE|program|O1234|comment|
2026-07-01T08:09:00Z|lathe2:execution|ACTIVE
2026-07-01T10:20:00.5+02:00|partcount|1
2026-07-01T08:21:00Z@100.5|message|CHG|Change \\| insert
2026-07-01T08:22:00Z|vibration|3|100|1 2 3
2026-07-01T08:23:00Z|feed|UNAVAILABLE|load|5|speed|7
2026-07-01T08:24:00Z|block|3|path|1 2 3
2026-07-01T08:30:00Z|execution|UNAVAILABLE
"""


def test_what_an_adapter_writes_down(zone: LandingZone) -> None:
    """Nine digits of a second, several keys in a line, and what is no observation, each counted by its cause."""
    result = zone.load_one_of("adapter.txt", SHDR, shipped()["mtconnect_shdr"])
    assert dict(result.skipped) == {"blank": 1, "asset": 2, "protocol": 2}
    assert (result.rows_read, result.rows_loaded, result.drift) == (22, 17, ())
    columns = "observed_at::varchar, machine_code, signal, value, level, native_code"
    observed = zone.raw(columns, "machine_observations")
    assert observed[0] == ("2026-07-01 08:00:00.123456", None, "avail", "AVAILABLE", None, None)
    assert observed[3] == ("2026-07-01 08:00:00.123456", None, "system", "Oil pressure", "FAULT", "1234")
    assert observed[6] == ("2026-07-01 08:10:00.123456", None, "comment", None, None, None)
    assert observed[7] == ("2026-07-01 08:09:00", "lathe2", "execution", "ACTIVE", None, None)
    assert observed[8] == ("2026-07-01 08:20:00.5", None, "partcount", "1", None, None)
    assert observed[9] == ("2026-07-01 08:21:00", None, "message", "Change | insert", None, "CHG")
    assert observed[10] == ("2026-07-01 08:22:00", None, "vibration", "1 2 3", None, None)
    # What looks like a condition or a time series, and is pairs.
    assert [signal for _, _, signal, *_ in observed[11:16]] == ["feed", "load", "speed", "block", "path"]


def test_broken_lines_of_an_adapter_cost_themselves_alone(zone: LandingZone) -> None:
    """A block without an end that swallows the rest of the log; half a line taken for a key and its value."""
    broken = """2026-07-01T08:00:00Z|execution|ACTIVE
2026-07-01T08:00:01Z|@ASSET@|T1|CuttingTool|--multiline--AB
<CuttingTool>
2026-07-01T08:00:02Z|execution|READY
2026-07-01T08:00:03Z|a|1|b|2|c
2026-07-01T08:00:04Z|
hello
2026-13-01T08:00:05Z|execution|READY
2026-07-01T08:00:06Z|@ASSET@|T1|CuttingTool|--multiline--CD
<CuttingTool>
"""
    result = zone.load_one_of("adapter.txt", broken, shipped()["mtconnect_shdr"])
    assert (result.rows_loaded, result.rows_quarantined) == (2, 6)
    assert [line for line, _, _ in zone.quarantine()] == [2, 5, 6, 7, 8, 9]
    assert "has no end" in zone.quarantine()[0][2]


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        ('<?xml version="1.0"?>\n<MTConnectStreams>', "as an MTConnect agent answers"),
        ('"VarName";"TimeString";"VarValue"\n', 'kind = "wincc_tag_log"'),
        ('{"timestamp": "2026"}\n', "JSON"),
        ("1234.5|execution|ACTIVE\n", "times relative to its start"),
        ("Zeit;Tag;Wert\n01.07.2026 08:00;A;1\n", "kind: machine_observations"),
        ("just some text\n", "begins with 'just some text'"),
    ],
)
def test_a_log_in_another_dialect_is_refused_by_what_it_looks_like(zone: LandingZone, content: str, looks: str) -> None:
    """A whole log in quarantine line by line, and nobody who says what to do."""
    result = zone.load_one_of("log.txt", content, shipped()["mtconnect_shdr"])
    assert result.status == "refused"
    assert looks in str(result.message)


# The first row is the example of Siemens' manual: 35886.46032281 days after 1899-12-30.
WINCC = text(
    '"Var_107";"01.04.98 11:02:52";66,00;1;35886460322,81',
    '"M1_State";"25.10.26 02:30:00";1,00;1;46320104166,6667',
    '"M1_State";"01.07.26 09:00:00";2,00;0;46204375000',
    '"$RT_OFF$";"01.07.26 10:00:00";0,00;2;46204416666,6667',
    '"$RT_COUNT$";4',
    headings='"VarName";"TimeString";"VarValue";"Validity";"Time_ms"',
    end="\r\n",
)


def test_tag_logs_of_wincc(zone: LandingZone) -> None:
    """Days since 1900 that are taken for no time; the line that counts the rows taken for a broken one."""
    result = zone.load_one_of("log0.csv", WINCC, shipped()["wincc_tag_log"])
    assert (result.rows_read, result.rows_loaded, dict(result.skipped), result.drift) == (5, 4, {"footer": 1}, ())
    assert zone.raw("observed_at::varchar, signal, value, quality", "machine_observations") == [
        ("1998-04-01 09:02:51.891", "Var_107", "66,00", "good"),
        ("2026-10-25 01:30:00", "M1_State", "1,00", "good"),
        ("2026-07-01 07:00:00", "M1_State", "2,00", "bad"),
        ("2026-07-01 08:00:00", "$RT_OFF$", "0,00", "good"),
    ]


def test_logs_that_rotate_count_each_observation_once(zone: LandingZone) -> None:
    """The ring buffer's files overlap, and machine hours double."""
    rows = WINCC.splitlines(keepends=True)
    zone.load_one_of("log0.csv", "".join(rows[:4]), shipped()["wincc_tag_log"])
    result = zone.load_one_of("log1.csv", "".join([rows[0], *rows[2:5]]), shipped()["wincc_tag_log"])
    assert (result.rows_loaded, dict(result.skipped)) == (1, {"repeated": 2})


def quarters(day: str, hours: Sequence[int], meter: str = "Z1") -> list[str]:
    """A line for each quarter of these local hours, numbered so that each has its own value."""
    return [
        f"{meter};{day};{hour:02}:{minute:02};{number * 4 + quarter},5"
        for number, hour in enumerate(hours)
        for quarter, minute in enumerate((0, 15, 30, 45))
    ]


ENERGY = "Zähler;Datum;Uhrzeit;Verbrauch (kWh)"
AUTUMN = quarters("25.10.2026", [0, 1, 2, 2, *range(3, 24)])


@pytest.mark.parametrize("is_newest_first", [False, True])
def test_the_doubled_hour_is_told_by_the_order_of_the_file(zone: LandingZone, is_newest_first: bool) -> None:
    """A hundred quarters of which four replace four others, and an hour of energy is lost every October."""
    other = quarters("25.10.2026", [0, 1, 2, 2, *range(3, 24)], meter="Z2")
    lines = [line for pair in zip(AUTUMN, other, strict=True) for line in pair]
    content = text(*(reversed(lines) if is_newest_first else lines), headings=ENERGY)
    result = zone.load_one_of("lastgang.csv", content, shipped()["energy_readings"])
    assert (result.rows_loaded, result.rows_skipped, result.rows_quarantined, result.drift) == (200, 0, 0, ())
    for meter in ("Z1", "Z2"):
        found = zone.all(
            "select started_at::varchar, energy_kwh from raw.energy_readings where meter_code = ? order by 1", meter
        )
        assert [value for _, value in found] == [Decimal(f"{number}.5") for number in range(100)]
        assert (found[0][0], found[8][0], found[12][0], found[99][0]) == (
            "2026-10-24 22:00:00",
            "2026-10-25 00:00:00",
            "2026-10-25 01:00:00",
            "2026-10-25 22:45:00",
        )


def test_an_hour_that_stands_once_counts_as_standard_time(zone: LandingZone) -> None:
    """A guess where the file has dropped the hour: four quarters are missing, and the check of days says so."""
    content = text(*quarters("25.10.2026", range(24)), headings=ENERGY)
    assert zone.load_one_of("lastgang.csv", content, shipped()["energy_readings"]).rows_loaded == 96
    found = zone.all("select started_at::varchar from raw.energy_readings order by 1")
    assert [at for (at,) in found[7:9]] == ["2026-10-24 23:45:00", "2026-10-25 01:00:00"]


def test_the_skipped_hour_is_no_time(zone: LandingZone) -> None:
    """An export that fills the hour from two to three in March with zeros, as if it had been."""
    content = text(*quarters("29.03.2026", range(24)), headings=ENERGY)
    result = zone.load_one_of("lastgang.csv", content, shipped()["energy_readings"])
    assert (result.rows_loaded, result.rows_quarantined) == (92, 4)
    assert {column for _, column, _ in zone.quarantine()} == {"Datum + Uhrzeit"}


def test_quarters_named_by_their_end(zone: LandingZone) -> None:
    """A load profile that is off by a quarter of an hour, and the doubled hour with it."""
    ends = [
        "24.10.2026;23:45;1",
        "25.10.2026;01:45;2",
        "25.10.2026;02:00;3",
        "25.10.2026;02:15;4",
        "25.10.2026;02:30;5",
    ]
    ends += ["25.10.2026;02:45;6", "25.10.2026;02:00;7", "25.10.2026;02:15;8", "25.10.2026;03:00;9"]
    content = text(*ends, headings="Datum;Zeit bis;kWh")
    assert zone.load_one_of("lastgang.csv", content, shipped()["energy_readings_by_end"]).rows_loaded == 9
    assert [at for (at,) in zone.all("select ended_at::varchar from raw.energy_readings order by energy_kwh")][2:] == [
        "2026-10-25 00:00:00",
        "2026-10-25 00:15:00",
        "2026-10-25 00:30:00",
        "2026-10-25 00:45:00",
        "2026-10-25 01:00:00",
        "2026-10-25 01:15:00",
        "2026-10-25 02:00:00",
    ]


def test_a_line_above_the_headings_is_no_heading(zone: LandingZone) -> None:
    """Load profiles begin with the meter's number and the period."""
    rows = ["Zählpunkt;DE0001;;", "Zeitraum;2026;;", ENERGY.replace("Zähler", "Meter"), "Z1;01.07.2026;00:00;1,25"]
    result = zone.load_one_of("lastgang.csv", "\n".join(rows), shipped()["energy_readings"])
    assert (result.rows_loaded, dict(result.skipped)) == (1, {"title": 2})


DOWNTIMES = text(
    "M1;01.07.2026;06:00;06:45;Werkzeugbruch;",
    "M1;01.07.2026;07:00;06:45;Störung;",
    "M2;01.07.2026;;;Material fehlt;12,5 min",
    "M2;01.07.2026;;;Material fehlt;-3",
    "M2;01.07.2026;;;;4",
    "M2;01.07.2026;08:00;;Pause;",
    headings="Maschine;Datum;Beginn;Bis;Grund;Minuten",
)


def test_lists_of_downtimes(zone: LandingZone) -> None:
    """A negative time that shortens others; a stop without a reason or a length that counts as one of no length."""
    mapping = """kind: my_downtimes
extends: downtimes
columns:
  started_at: {from: Datum + Beginn}
  ended_at: {from: Datum + Bis}
"""
    (zone.root / "my_downtimes.yaml").write_text(mapping, encoding="utf-8")
    contract = load_contract_file(zone.root / "my_downtimes.yaml")
    result = zone.load_one_of("stillstand.csv", DOWNTIMES, contract)
    assert (result.rows_loaded, result.rows_quarantined, result.drift) == (2, 4, ())
    assert [(line, reason.partition(": ")[2]) for line, _, reason in zone.quarantine()] == [
        (3, "ends before it begins"),
        (5, "a time is not less than 0"),
        (6, "the value is missing"),
        (7, "neither minutes nor an end is given"),
    ]
    assert zone.raw("downtime_date::varchar, started_at::varchar, minutes", "downtimes") == [
        ("2026-07-01", "2026-07-01 04:00:00", None),
        ("2026-07-01", None, Decimal("12.5")),
    ]


def test_downtimes_with_a_column_for_each_reason(zone: LandingZone) -> None:
    """A new reason is a new column; the sum beside them is no reason."""
    content = workbook(
        ["Stillstände KW 27"],
        ["Datum", "Maschine", "Schicht", "Werkzeugbruch", "Material fehlt", "Summe"],
        [date(2026, 7, 1), "M1", "Früh", 12.5, None, 12.5],
        [date(2026, 7, 1), "M1", "Spät", 0, 7, 7],
        ["Summe", None, None, 12.5, 7, 19.5],
    )
    result = zone.load_one_of("stillstand.xlsx", content, shipped()["downtimes_matrix"])
    assert (result.rows_read, dict(result.skipped), result.drift) == (6, {"title": 1, "footer": 1, "empty cell": 1}, ())
    assert zone.raw("downtime_date::varchar, shift, reason, minutes", "downtimes") == [
        ("2026-07-01", "Früh", "Werkzeugbruch", Decimal("12.5")),
        ("2026-07-01", "Spät", "Werkzeugbruch", Decimal("0")),
        ("2026-07-01", "Spät", "Material fehlt", Decimal("7")),
    ]
