"""The demo company's files: true to their formats, the same every time, and in agreement with what is said of them."""

import csv
import gzip
import io
import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from python_calamine import load_workbook

from demo import DemoTruth, write_demo
from demo.__main__ import main
from demo.company import UNIT_CHANGE, articles, business_customers, web_customer
from demo.dates import is_working_day, local_time, to_epoch
from demo.money import german, rounded

AS_OF = date(2026, 11, 13)
SIZE = {"scale": 0.2, "days": 60, "web_days": 6}

# Copied from real exports, so that a change of the writer's own list shows.
SHOPIFY_HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,"
    "Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,"
    "Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,"
    "Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,"
    "Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,"
    "Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,"
    "Payment Terms Name,Next Payment Due At,Payment References"
)
ERP_HEADER = (
    "Belegnr;Belegart;Belegdatum;Kundennr;Kunde;Pos;Artikelnr;Bezeichnung;Menge;Einheit;Einzelpreis;Rabatt %;"
    "Nettobetrag;USt %;USt-Betrag;Bruttobetrag;Währung;Vertreter"
)
# The export's own columns, in its order.
GA4_KEYS = [
    "event_date", "event_timestamp", "event_name", "event_params", "event_previous_timestamp", "event_value_in_usd",
    "event_bundle_sequence_id", "event_server_timestamp_offset", "user_id", "user_pseudo_id", "privacy_info",
    "user_properties", "user_first_touch_timestamp", "user_ltv", "device", "geo", "app_info", "traffic_source",
    "stream_id", "platform", "event_dimensions", "ecommerce", "items", "collected_traffic_source", "is_active_user",
]  # fmt: skip
COMBINED = re.compile(
    r'(?P<ip>\S+) - - \[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] '
    r'"(?P<method>GET|POST) (?P<path>\S+) HTTP/1\.1" (?P<status>\d{3}) (?P<size>\d+|-) "(?P<referrer>[^"]*)" '
    r'"(?P<agent>[^"]*)"'
)  # fmt: skip
GERMAN_NUMBER = re.compile(r"\d{1,3}(\.\d{3})*,\d\d")


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inbox")


@pytest.fixture(scope="module")
def truth(inbox: Path) -> DemoTruth:
    return write_demo(inbox, as_of=AS_OF, **SIZE)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines_of(folder: Path, pattern: str, encoding: str) -> list[list[str]]:
    """The data rows of all German CSV files that match, cut at the semicolons."""
    rows = []
    for path in sorted(folder.glob(pattern)):
        rows += [line.split(";") for line in path.read_bytes().decode(encoding).splitlines()[1:]]
    return rows


def orders_of(folder: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted(folder.glob("webshop/*.csv")):
        rows += csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return rows


def events_of(folder: Path, skip_cut: bool = True) -> list[dict]:
    events = []
    for path in sorted(folder.glob("web/ga4/*.gz")):
        lines = gzip.decompress(path.read_bytes()).decode().split("\n")
        # A whole file ends with a line break; what follows the last one is cut off.
        events += [json.loads(line) for line in (lines[:-1] if skip_cut else lines) if line]
    return events


def parameters(event: dict) -> dict[str, str]:
    return {
        entry["key"]: next(value for value in entry["value"].values() if value is not None)
        for entry in event["event_params"]
    }


def amount(text: str) -> Decimal:
    assert GERMAN_NUMBER.fullmatch(text), text
    return Decimal(text.replace(".", "").replace(",", "."))


def clean_erp_rows(inbox: Path, truth: DemoTruth) -> list[list[str]]:
    broken = {(row.file, row.line) for row in truth.dirty if not row.loads}
    rows = []
    for path in sorted(inbox.glob("erp/R*.csv")):
        lines = path.read_bytes().decode("cp1252").splitlines()
        for number, line in list(enumerate(lines, 1))[2:-1]:
            if (f"erp/{path.name}", number) not in broken:
                rows.append(line.split(";"))
    return rows


# --- the whole --------------------------------------------------------------------------------------------------------


def test_same_arguments_write_the_same_bytes(inbox: Path, truth: DemoTruth, tmp_path: Path) -> None:
    """A file that differs from run to run (a time in .gz or .xlsx) would be loaded again and again."""
    assert write_demo(tmp_path, as_of=AS_OF, **SIZE) == truth
    assert contents(tmp_path) == contents(inbox)


def test_another_seed_is_another_year(tmp_path: Path) -> None:
    one, other = (write_demo(tmp_path, as_of=AS_OF, scale=0.2, days=5, web_days=1, seed=seed) for seed in (7, 8))
    assert other.web_gross_total != one.web_gross_total
    assert other.erp_invoice_net != one.erp_invoice_net


def test_next_day_adds_only_what_that_day_brings(inbox: Path, truth: DemoTruth, tmp_path: Path) -> None:
    """Numbers that depended on the day of writing would turn the second day's history into another company's."""
    following = write_demo(tmp_path, as_of=AS_OF + timedelta(days=1), **{**SIZE, "days": 61, "web_days": 7})
    before, after = contents(inbox), contents(tmp_path)
    assert set(after) - set(before) == {"web/ga4/events_20261113.ndjson.gz", "web/log/access-2026-11-13.log.gz"}
    assert not set(before) - set(after)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {
        "stammdaten/Artikel.xlsx",
        "webshop/orders_export_2026-11.csv",
        "erp/Rechnungsausgang_2026-11.csv",
        "buchhaltung/EXTF_Buchungsstapel_2026-11.csv",
        "produktion/auftraege.csv",
        "produktion/arbeitsgaenge_2026-11.csv",
        "produktion/pruefungen_2026-11.csv",
        "produktion/maschinen_2026-11.csv",
        "energie/lastgang_2026-11.csv",
        "web/ads/kampagnen_2026-11.csv",
        "web/search/Diagramm 2026-11-01 - 2026-11-30.csv",
        "web/search/Suchanfragen 2026-11-01 - 2026-11-30.csv",
    }
    rewritten = {
        "stammdaten/Artikel.xlsx",
        "webshop/orders_export_2026-11.csv",
        "produktion/auftraege.csv",
        "energie/lastgang_2026-11.csv",
        "web/search/Suchanfragen 2026-11-01 - 2026-11-30.csv",
    }
    for path in changed - rewritten:
        old, new = before[path].splitlines(), after[path].splitlines()
        kept = old[:-1] if path.startswith("erp/") else old  # the footer changes
        assert new[: len(kept)] == kept, path
        assert len(new) > len(old)
    # Meter by meter: every reading is still there.
    readings = [set(files["energie/lastgang_2026-11.csv"].splitlines()) for files in (before, after)]
    assert readings[0] < readings[1]
    # Newest first: yesterday's orders stand below, and only their state may have changed.
    old_orders, new_orders = (
        [
            (row["Name"], row["Lineitem sku"])
            for row in csv.DictReader(io.StringIO(files["webshop/orders_export_2026-11.csv"].decode()))
        ]
        for files in (before, after)
    )
    assert new_orders[-len(old_orders) :] == old_orders
    assert following.last_day == truth.last_day + timedelta(days=1)
    assert following.web_orders > truth.web_orders


def test_a_month_that_is_over_stays_as_it_is(tmp_path: Path) -> None:
    """Refunds and dispatches that came after the month's end would change files that nobody delivers again."""
    for number, as_of in enumerate((date(2026, 10, 1), date(2026, 10, 20))):
        write_demo(tmp_path / str(number), as_of=as_of, scale=0.2, days=30 + 19 * number, web_days=1)
    first, second = contents(tmp_path / "0"), contents(tmp_path / "1")
    september = [path for path in first if "2026-09." in path]
    assert len(september) == 9
    assert all(first[path] == second[path] for path in september)


def test_files_and_their_rows_are_the_ones_named(inbox: Path, truth: DemoTruth) -> None:
    assert {entry.path for entry in truth.files} == set(contents(inbox))
    for entry in truth.files:
        path = inbox / entry.path
        if path.suffix == ".xlsx":
            continue
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if entry.source == "webshop":
            rows = len(list(csv.reader(io.StringIO(data.decode())))) - 1
        else:
            extra = {"erp": 3, "books": 2, "ga4": 0, "weblog": 0}.get(entry.source, 1)
            rows = 1 if entry.source == "purchases" else len(data.splitlines()) - extra
        assert rows == entry.rows, entry.path


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"scale": 0}, "scale"), ({"days": 0}, "at least 1"), ({"days": 4000}, "begin on 2019-04-01")],
)
def test_impossible_sizes_are_refused(wrong: dict, says: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=says):
        write_demo(tmp_path, as_of=AS_OF, **wrong)
    assert not contents(tmp_path)


def test_command_prints_a_line_for_each_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--inbox", str(tmp_path), "--as-of", "2026-11-05", "--scale", "0.1", "--days", "3", "--web-days", "2"]
    monkeypatch.setattr("sys.argv", ["demo", *arguments])
    main()
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed[:-1]] == [
        "products", "customers", "plan", "webshop", "erp", "books", "operations", "inspections", "machines",
        "work_orders", "energy", "ads", "ga4", "weblog", "search_days", "search",
    ]  # fmt: skip
    assert printed[-1].startswith(f"{len(contents(tmp_path))} files for 2026-11-01 to 2026-11-04")


# --- formats ----------------------------------------------------------------------------------------------------------


def test_shopify_orders(inbox: Path, truth: DemoTruth) -> None:
    text = (inbox / "webshop/orders_export_2026-11.csv").read_bytes()
    assert text.split(b"\n", 1)[0].decode() == SHOPIFY_HEADER
    assert len(SHOPIFY_HEADER.split(",")) == 79
    assert b"\r" not in text

    orders: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in orders_of(inbox):
        orders[row["Name"]].append(row)
    repeated = {
        "Name",
        "Email",
        "Created at",
        "Vendor",
        *(name for name in SHOPIFY_HEADER.split(",") if "item" in name),
    }
    counted = Decimal(0)
    refunds = []
    for name, (first, *rest) in orders.items():
        assert re.fullmatch(r"#\d{4,}", name)
        assert re.fullmatch(r"2026-\d\d-\d\d \d\d:\d\d:\d\d \+0[12]00", first["Created at"])
        for row in rest:
            assert {key for key, value in row.items() if value} <= repeated
            assert (row["Email"], row["Created at"]) == (first["Email"], first["Created at"])
        goods = sum(Decimal(row["Lineitem price"]) * int(row["Lineitem quantity"]) for row in (first, *rest))
        subtotal, total = Decimal(first["Subtotal"]), Decimal(first["Total"])
        assert goods - Decimal(first["Discount Amount"]) == subtotal
        assert subtotal + Decimal(first["Shipping"]) == total
        assert (total - Decimal(first["Taxes"])) * Decimal("1.19") == pytest.approx(total, abs=Decimal("0.01"))
        assert (first["Tax 1 Name"], first["Tax 1 Value"]) == ("DE MwSt 19%", first["Taxes"])
        assert bool(first["Discount Code"]) == (Decimal(first["Discount Amount"]) > 0)
        refund = Decimal(first["Refunded Amount"])
        status = first["Financial Status"]
        assert (status == "refunded") == (refund == total)
        assert (status == "partially_refunded") == (0 < refund < total)
        assert (status == "voided") == bool(first["Cancelled at"])
        if refund:
            refunds.append((name, refund))
        if not first["Cancelled at"] and "Bogus" not in first["Payment Method"]:
            counted += total
    assert counted == truth.web_gross_total == sum(truth.web_gross_by_month.values())
    assert sorted(refunds) == sorted(truth.web_refunds)
    tests = {name for name, rows in orders.items() if rows[0]["Payment Method"] == "(for testing) Bogus Gateway"}
    assert tests == set(truth.web_test_orders)
    assert {name for name, rows in orders.items() if rows[0]["Cancelled at"]} == set(truth.web_cancelled_orders)
    assert len(orders) == truth.web_orders + len(tests) + len(truth.web_cancelled_orders)
    assert any("\n" in rows[0]["Note Attributes"] for rows in orders.values())
    numbers = [int(name[1:]) for name in orders]
    assert sorted(numbers) == list(range(min(numbers), max(numbers) + 1))


def test_erp_invoices(inbox: Path, truth: DemoTruth) -> None:
    data = (inbox / "erp/Rechnungsausgang_2026-11.csv").read_bytes()
    assert "Stück".encode("cp1252") in data
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert data.count(b"\r\n") == data.count(b"\n")
    title, header, *_ = data.decode("cp1252").split("\r\n")
    assert title == "Rechnungsausgangsbuch 01.11.2026 - 30.11.2026"
    assert header == ERP_HEADER

    net = {"Rechnung": Decimal(0), "Gutschrift": Decimal(0)}
    positions = set()
    for row in clean_erp_rows(inbox, truth):
        assert len(row) == 18
        day = datetime.strptime(row[2], "%d.%m.%Y").date()
        assert is_working_day(day), f"an invoice on {day}"
        assert row[0].startswith({"Rechnung": "RE", "Gutschrift": "GS"}[row[1]])
        quantity, price, discount, line_net, _, vat, gross = (
            amount(row[place]) for place in (8, 10, 11, 12, 13, 14, 15)
        )
        assert line_net == pytest.approx(quantity * price * (1 - discount / 100), abs=Decimal("0.005"))
        assert line_net > 0
        assert line_net + vat == gross
        net[row[1]] += line_net
        positions.add((row[0], row[5]))
    assert len(positions) == truth.loadable("erp")
    assert net == {"Rechnung": truth.erp_invoice_net, "Gutschrift": truth.erp_credit_net}
    assert truth.erp_credit_net > 0
    assert sum(truth.erp_net_by_month.values()) == truth.erp_invoice_net - truth.erp_credit_net


def test_erp_footer_is_the_sum_of_what_is_printed(inbox: Path) -> None:
    for path in inbox.glob("erp/*.csv"):
        *rows, footer = [line.split(";") for line in path.read_bytes().decode("cp1252").splitlines()[2:]]
        assert footer[0] == "Summe"
        assert len(footer) == 18
        printed = [row[12] for row in rows if len(row) == 18]
        # The broken number is 12.50, which the sum takes as what it means.
        assert amount(footer[12]) == sum(Decimal("12.50") if text == "12.50" else amount(text) for text in printed)


def test_spreadsheets(inbox: Path, truth: DemoTruth) -> None:
    sheet = load_workbook(inbox / "stammdaten/Artikel.xlsx").get_sheet_by_name("Artikel")
    title, blank, header, *rows = sheet.to_python(skip_empty_area=False)
    assert title[0] == "Artikelstamm Lampenwerk Lindner GmbH"
    assert not any(title[1:]) and not any(blank)
    assert ";".join(header) == (
        "Artikelnummer;Bezeichnung;Warengruppe;Einheit;EAN;Herstellkosten;Listenpreis netto;USt %;"
        "Vorgabezeit min/Stück;Bestand;Eigenfertigung;Geändert am"
    )
    assert len(rows) == truth.kept("products") == 60
    for row in rows:
        assert re.fullmatch(r"LA-\d{4}", row[0])
        assert re.fullmatch(r"0\d{12}", row[4])
        weights = [3 if place % 2 else 1 for place in range(13)]
        assert sum(int(digit) * weight for digit, weight in zip(row[4], weights, strict=True)) % 10 == 0
        assert all(isinstance(row[place], float) for place in (5, 6, 7, 9))
        changed = {"ja": date(2026, 2, 1), "nein": date(2026, 10, 1)}[row[10]]
        assert row[11] == (date(2026, 10, 12) if row[1] == UNIT_CHANGE[0] else changed)
        assert (row[10] == "ja") == isinstance(row[8], float)

    sheet = load_workbook(inbox / "stammdaten/Kunden.xlsx").get_sheet_by_name("Kunden")
    header, *rows = sheet.to_python(skip_empty_area=False)
    assert header[0] == "Kundennummer" and header[6] == "PLZ" and header[12] == "Kunde seit"
    assert len(rows) == truth.kept("customers") == len({row[0] for row in rows})
    assert all(isinstance(row[0], float) and isinstance(row[6], str) for row in rows)
    assert any(row[6].startswith("0") for row in rows)
    assert {row[8] for row in rows} == {"DE", "AT", "CH", "IT"}
    assert all(row[12] <= truth.last_day for row in rows)


def test_master_data_change_and_earlier_lists_say_what_was(inbox: Path, truth: DemoTruth) -> None:
    """A history that nobody can look at, because all lists say the same; a list of the past with today's prices."""
    places = {"Artikel": (3, 5), "Kunden": (7, 10)}
    for name, (first, second) in places.items():
        said = {}
        for stands in ("_2026-09-30", ""):
            path = inbox / f"stammdaten/{name}{stands}.xlsx"
            sheet = load_workbook(path).get_sheet_by_index(0)
            said[stands] = {row[0]: (row[first], row[second]) for row in sheet.to_python(skip_empty_area=False)[3:]}
        changed = {number for number, values in said[""].items() if said["_2026-09-30"].get(number, values) != values}
        if name == "Kunden":
            assert changed == {float(move.number) for move in truth.moves} and len(changed) == 1
        else:
            assert len(changed) == sum(not entry.own_make for entry in articles())
    units = [row[9] for row in lines_of(inbox, "erp/*.csv", "cp1252") if len(row) == 18 and row[7] == UNIT_CHANGE[0]]
    assert set(units) <= {"Set", "Stück"}
    assert datetime.fromtimestamp((inbox / "stammdaten/Kunden_2026-09-30.xlsx").stat().st_mtime).date() == date(
        2026, 9, 30
    )


def test_workshop(inbox: Path, truth: DemoTruth) -> None:
    assert (inbox / "produktion/arbeitsgaenge_2026-11.csv").read_bytes().startswith(b"\xef\xbb\xbfAuftrag;")
    running: Counter[str] = Counter()
    by_machine = defaultdict(list)
    broken = {row.line for row in truth.dirty if row.source == "machines"}
    for path in sorted(inbox.glob("produktion/maschinen_*.csv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:], 2):
            machine, begin, end, state, _ = line.split(";")
            if number in broken and "-09" in path.name:
                continue
            span = datetime.strptime(begin, "%d.%m.%Y %H:%M:%S"), datetime.strptime(end, "%d.%m.%Y %H:%M:%S")
            assert state in ("Produktion", "Rüsten", "Störung", "Stillstand", "Geplante Pause", "Aus")
            by_machine[machine, span[0].date()].append((*span, state))
            if state == "Produktion":
                running[machine] += (span[1] - span[0]).total_seconds() / 60
    assert dict(running) == pytest.approx(truth.run_minutes_by_machine)
    assert len({machine for machine, _ in by_machine}) == 6
    for (_, day), states in by_machine.items():
        assert states[0][0].hour == 6 and states[-1][1] >= datetime(day.year, day.month, day.day, 22)
        assert all(begin < end for begin, end, _ in states)
        assert all(before[1] == after[0] for before, after in pairwise(states))

    good: dict[str, int] = {}
    operations = lines_of(inbox, "produktion/arbeitsgaenge_*.csv", "utf-8-sig")
    assert len(operations) == truth.operations
    for order, step, _, machine, _, begin, end, planned, pieces, scrap, reason, setup, _ in sorted(operations):
        start, stop = (datetime.strptime(text, "%d.%m.%Y %H:%M") for text in (begin, end))
        assert start < stop and machine in running and 0 < int(setup) <= 20
        assert int(pieces) + int(scrap) == good.get(order, int(pieces) + int(scrap)) <= int(planned), (order, step)
        assert bool(reason) == (int(scrap) > 0)
        good[order] = int(pieces)
        # The machine was neither off nor without work meanwhile.
        within = [state for *span, state in by_machine[machine, start.date()] if start <= span[0] and span[1] <= stop]
        assert "Produktion" in within and not {"Aus", "Stillstand"} & set(within)
    assert sum(int(row[9]) for row in operations) == truth.scrap_pieces
    assert sum(int(row[8]) for row in operations if row[2] == "Prüfen") == truth.good_pieces


def test_inspections(inbox: Path, truth: DemoTruth) -> None:
    rows = lines_of(inbox, "produktion/pruefungen_*.csv", "cp1252")
    failed = 0
    for row in rows:
        if row[6] == "nicht messbar":
            continue
        value, lower, upper = (float(row[place].replace(",", ".")) if row[place] else None for place in (6, 8, 9))
        assert value is not None and upper is not None and "." not in row[6]
        passed = (lower is None or value >= lower) and value <= upper
        assert row[10] == ("i.O." if passed else "n.i.O.")
        failed += not passed
    assert len({(row[0], row[3]) for row in rows}) == len(rows) == truth.rows("inspections")
    assert failed == truth.inspections_failed


def test_ad_costs(inbox: Path, truth: DemoTruth) -> None:
    rows = []
    for path in inbox.glob("web/ads/*.csv"):
        assert path.read_text().splitlines()[0] == "date,platform,campaign,impressions,clicks,cost,currency,conversions"
        rows += csv.DictReader(io.StringIO(path.read_text()))
    assert sum(Decimal(row["cost"]) for row in rows) == truth.ad_cost_total > 0
    assert sum(int(row["clicks"]) for row in rows) == truth.ad_clicks
    assert all(float(row["conversions"]) <= int(row["clicks"]) <= int(row["impressions"]) for row in rows)


def test_analytics_events(inbox: Path, truth: DemoTruth) -> None:
    events = events_of(inbox)
    assert len(events) == truth.loadable("ga4")
    orders = {row["Name"]: row for row in orders_of(inbox) if row["Total"]}
    skus = defaultdict(set)
    for row in orders_of(inbox):
        skus[row["Name"]].add(row["Lineitem sku"])
    viewed = defaultdict(set)
    sessions: dict[tuple[str, str], str] = {}
    purchases = []
    for event in events:
        assert list(event) == GA4_KEYS
        assert all(
            isinstance(event[key], str) for key in ("event_date", "event_timestamp", "user_first_touch_timestamp")
        )
        values = parameters(event)
        session = (event["user_pseudo_id"], values["ga_session_id"])
        at = int(event["event_timestamp"]) // 1_000_000
        assert int(values["ga_session_id"]) <= at
        assert int(event["user_first_touch_timestamp"]) // 1_000_000 <= int(values["ga_session_id"])
        day = datetime.strptime(event["event_date"], "%Y%m%d").date()
        assert to_epoch(day, np.array(0)) <= at < to_epoch(day + timedelta(days=1), np.array(0))
        if event["event_name"] == "session_start":
            assert session not in sessions
            source = event["collected_traffic_source"]
            name = f"{source['manual_source']} / {source['manual_medium']}" if source else "(direct) / (none)"
            assert f"{values.get('source', '(direct)')} / {values.get('medium', '(none)')}" == name
            sessions[session] = name
        if event["event_name"] == "view_item":
            viewed[session].add(event["items"][0]["item_id"])
        if event["event_name"] == "purchase":
            purchases.append((event["ecommerce"]["transaction_id"], session))
            order = orders[event["ecommerce"]["transaction_id"]]
            assert event["ecommerce"]["purchase_revenue"] == order["Total"]
            assert {item["item_id"] for item in event["items"]} == skus[order["Name"]] <= viewed[session]
            assert datetime.strptime(order["Created at"], "%Y-%m-%d %H:%M:%S %z").timestamp() < at
    assert {event["event_name"] for event in events} == {
        "session_start", "page_view", "view_item", "add_to_cart", "begin_checkout", "purchase",
    }  # fmt: skip
    assert len(sessions) == truth.ga4_sessions
    assert len(purchases) == truth.ga4_purchase_events
    bought = dict(purchases)
    assert len(bought) == truth.ga4_purchases == sum(entry.purchases for entry in truth.channels)
    assert sum(Decimal(orders[name]["Total"]) for name in bought) == truth.ga4_revenue
    assert Counter(sessions.values()) == {entry.channel: entry.sessions for entry in truth.channels}
    assert Counter(sessions[session] for session in bought.values()) == Counter(
        {entry.channel: entry.purchases for entry in truth.channels if entry.purchases}
    )


def test_access_log(inbox: Path, truth: DemoTruth) -> None:
    requests = []
    for path in sorted(inbox.glob("web/log/*.gz")):
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            found = COMBINED.fullmatch(line)
            if found:
                requests.append(found)
                day = datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z").date()
                assert path.name == f"access-{day}.log.gz"
    assert len(requests) == truth.weblog_requests == truth.loadable("weblog")
    bots = [entry for entry in requests if entry["ip"].startswith("203.0.113.")]
    assert len(bots) == truth.weblog_bot_requests
    assert len(bots) / len(requests) == pytest.approx(1 / 7, abs=0.01)
    stamps = [datetime.strptime(entry["time"], "%d/%b/%Y:%H:%M:%S %z").timestamp() for entry in requests]
    assert stamps != sorted(stamps)

    # What analytics saw, the server saw in the same second; visitors without consent only the server saw.
    served = Counter((int(stamp), entry["path"]) for stamp, entry in zip(stamps, requests, strict=True))
    pages = 0
    for event in events_of(inbox):
        if event["event_name"] == "page_view":
            path = parameters(event)["page_location"].removeprefix("https://www.lampenwerk-lindner.example")
            assert any(served[int(event["event_timestamp"]) // 1_000_000 - back, path] for back in (0, 1)), path
            pages += 1
    shown = sum(
        entry["method"] == "GET" and entry not in bots and not entry["path"].startswith(("/assets/", "/images/"))
        for entry in requests
    )
    assert 0.7 * shown < pages < 0.98 * shown


# --- broken rows ------------------------------------------------------------------------------------------------------


def test_broken_rows_are_where_they_are_said_to_be(inbox: Path, truth: DemoTruth) -> None:
    assert Counter((row.source, row.kind) for row in truth.dirty) == {
        ("erp", "bad_date"): 1,
        ("erp", "bad_number"): 1,
        ("erp", "unknown_article"): 1,
        ("erp", "broken_quotes"): 1,
        ("erp", "short_row"): 1,
        ("inspections", "text_in_value"): 1,
        ("machines", "end_before_begin"): 1,
        ("ga4", "cut_line"): 1,
        ("weblog", "garbage"): 1,
    }
    encodings = {"erp": "cp1252", "inspections": "cp1252"}
    line = {}
    for row in truth.dirty:
        data = (inbox / row.file).read_bytes()
        data = gzip.decompress(data) if row.file.endswith(".gz") else data
        line[row.kind] = data.decode(encodings.get(row.source, "utf-8")).splitlines()[row.line - 1]
    assert line["bad_date"].split(";")[2] == "31.02.2026"
    assert line["bad_number"].split(";")[12] == "12.50"
    assert line["unknown_article"].split(";")[6] == "LA-9999" not in {entry.number for entry in articles()}
    assert line["broken_quotes"].count('"') == 1 and line["broken_quotes"].split(";")[7].startswith('"')
    assert line["short_row"].count(";") == 5
    assert line["text_in_value"].split(";")[6] == "nicht messbar"
    begin, end = (datetime.strptime(text, "%d.%m.%Y %H:%M:%S") for text in line["end_before_begin"].split(";")[1:3])
    assert end < begin
    with pytest.raises(json.JSONDecodeError):
        json.loads(line["cut_line"])
    assert not COMBINED.match(line["garbage"])
    assert [row.kind for row in truth.dirty if row.loads] == ["unknown_article"]
    assert truth.quarantined("erp") == 4 and truth.loadable("erp") == truth.rows("erp") - 4
    assert sum(truth.quarantined(source) for source in ("webshop", "operations", "ads", "products", "customers")) == 0


def test_one_file_comes_twice(inbox: Path, truth: DemoTruth) -> None:
    # Lists of customers that did not change since the last export come again too.
    (copy,) = [entry for entry in truth.files if entry.duplicate_of and entry.source != "customers"]
    assert copy.path == "erp/Kopie von Rechnungsausgang_2026-09.csv"
    assert (inbox / copy.path).read_bytes() == (inbox / str(copy.duplicate_of)).read_bytes()


# --- what is planted --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoTruth]:
    """More than a year, with little of the web, which takes the time."""
    folder = tmp_path_factory.mktemp("year")
    return folder, write_demo(folder, as_of=date(2026, 11, 21), scale=0.35, web_days=20)


def test_planted_truths_can_be_found(year: tuple[Path, DemoTruth]) -> None:
    _, truth = year
    whole_months = {month: total for month, total in truth.web_gross_by_month.items() if month != "2026-11"}
    peak = [total for month, total in whole_months.items() if int(month[5:]) in truth.peak_months]
    rest = [total for month, total in whole_months.items() if int(month[5:]) not in truth.peak_months]
    assert sum(peak) / len(peak) > Decimal("1.4") * sum(rest) / len(rest)
    assert [entry.code for entry in truth.promotions] == ["LICHT15", "FRUEHLING10"]
    assert all(entry.uplift > 2 and entry.orders_with_code > 10 for entry in truth.promotions)
    assert len(truth.pairs) == 3
    assert all(entry.orders_with_both > 0.4 * entry.orders_with_first > 8 for entry in truth.pairs)
    worse = truth.degrading_machine
    assert worse is not None and (worse.machine, worse.iso_week) == ("Drehbank 1", "2026-W37")
    assert worse.fault_share_after > 2 * worse.fault_share_before > 0
    assert truth.dominant_scrap.scrap_of_reason > 0.6 * truth.dominant_scrap.scrap > 50
    assert 0.2 < truth.returning_customer_share < 0.6
    share = {entry.channel: entry.purchases / entry.sessions for entry in truth.channels}
    assert share["newsletter / email"] > share["google / organic"] > share["facebook / paid_social"]
    assert truth.web_refund_total == sum(refund for _, refund in truth.web_refunds) > 0
    assert truth.shared_customers


def test_what_is_sold_is_made(year: tuple[Path, DemoTruth]) -> None:
    """Sales of lamps that no work order made would leave the domains without a bridge."""
    folder, truth = year
    own = {entry.number for entry in articles() if entry.own_make}
    sold: Counter[str] = Counter()
    for order in orders_of(folder):
        sold[order["Lineitem sku"]] += int(order["Lineitem quantity"])
    for row in clean_erp_rows(folder, truth):
        if row[1] == "Rechnung":
            sold[row[6]] += int(amount(row[8]))
    assert set(sold) - {"LA-9999"} == {entry.number for entry in articles()}
    made: Counter[str] = Counter()
    for row in lines_of(folder, "produktion/arbeitsgaenge_*.csv", "utf-8-sig"):
        if row[2] == "Prüfen":
            made[row[4]] += int(row[8])
    assert set(made) == own
    assert sum(made.values()) == pytest.approx(sum(sold[number] for number in own), rel=0.1)


def test_master_data_is_invented() -> None:
    numbers = [entry.number for entry in business_customers()]
    assert 10023 in numbers and len(set(numbers)) == len(numbers)
    assert len({entry.name for entry in business_customers()}) == len(numbers)
    assert len({entry.path for entry in articles()}) == len(articles())
    for entry in business_customers():
        assert entry.email.endswith(".example")
        assert re.match(r"[A-Z]+0", entry.vat_id)
        assert entry.phone is None or re.match(
            r"(089 99998|030 23125|040 66969|069 90009|0221 4710) \d{3}$", entry.phone
        )
    for index in range(600):
        customer = web_customer(index)
        assert re.search(r"(@example\.com|\.example)$", customer.email)
        assert customer.phone == "" or re.match(r"\+49 171 39200\d\d$", customer.phone)


# --- arithmetic -------------------------------------------------------------------------------------------------------


def test_local_time_on_the_nights_when_clocks_change() -> None:
    """An hour's error there moves a visit's events before its beginning."""
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    wall = np.array([3600, 2 * 3600 + 1800, 4 * 3600])
    at = [int(epoch) for epoch in to_epoch(spring, wall)]
    assert [local_time(spring, epoch) for epoch in at] == [
        ("01:00:00", "+0100"), ("03:30:00", "+0200"), ("04:00:00", "+0200"),
    ]  # fmt: skip
    at = [int(epoch) for epoch in to_epoch(autumn, wall)]
    assert [local_time(autumn, epoch) for epoch in at] == [
        ("01:00:00", "+0200"), ("02:30:00", "+0200"), ("04:00:00", "+0100"),
    ]  # fmt: skip
    assert at == [
        datetime.fromisoformat(f"2026-10-25T{text}").timestamp()
        for text in ("01:00:00+02:00", "02:30:00+02:00", "04:00:00+01:00")
    ]
    assert local_time(autumn, at[1] + 3600) == ("02:30:00", "+0100")


def test_amounts() -> None:
    assert [rounded(5, 2), rounded(7, 2), rounded(1, 3)] == [3, 4, 0]
    assert [german(number) for number in (5, 123456, 123456789)] == ["0,05", "1.234,56", "1.234.567,89"]
