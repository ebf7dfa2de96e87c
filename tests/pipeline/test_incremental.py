"""Facts that are brought up to date are what a full rebuild makes of the same files, row for row, whatever arrived,
changed or vanished in between; and so are all marts over them.

One company, whose files the tests write. Each step drops files, loads them and builds as a run does, in this process.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingestion import ledger
from ingestion.archive import complete_journal
from ingestion.landing import Run, load_source
from ingestion.replay import replay
from ingestion.warehouse import open_warehouse
from kontor.holidays import holidays_of
from kontor.settings import Settings, load_settings
from orchestration.assets.models import run_dbt
from tests.landing_zone import NOW, text, varied, workbook
from tests.pipeline.test_shops import shopify_line, shopify_order

SETTINGS = """
[company]
name = "Laden"
currency = "EUR"
"""
SOURCES = {
    "erp": ("sales_lines", "sales"),
    "shop": ("shopify_orders", "sales"),
    "customers": ("customers", "reference"),
    "costs": ("product_costs", "reference"),
    "rates": ("exchange_rates", "reference"),
    "ga4": ("ga4_events", "web"),
    "weblog": ("access_log", "web"),
    "operations": ("work_order_operations", "production"),
    "bookings": ("production_bookings", "production"),
    "inspections": ("inspections", "production"),
    "power": ("energy_readings", "production"),
}
# Facts, the tables that they read and those that read them; views, and what has nothing to do with them, are made once.
FACTS = ["run", "--select", "config.materialized:slices"]
READ = [
    "+fct_sales_line,config.materialized:table",
    "+fct_web_event,config.materialized:table",
    "employee_group_member",
]
READERS = ["fct_sales_line+,config.materialized:table", "fct_web_event+,config.materialized:table"]
SLICED = {
    "fct_sales_line",
    "fct_order",
    "fct_web_event",
    "fct_web_session",
    "fct_web_item",
    "fct_operation",
    "fct_production_booking",
    "fct_inspection",
    "fct_energy_quarter",
}

Document = tuple[int, int, int, int, str]  # number, customer, article, amount, currency


def erp(day: int, documents: Sequence[Document]) -> str:
    """Two lines for each document; every fifth is a credit note."""
    return text(
        *(
            f"{number};{'Gutschrift' if number % 5 == 0 else 'Rechnung'};{day:02}.11.2026;{customer or ''};"
            f"A{article + n};1;{amount + n},00;{currency}"
            for number, customer, article, amount, currency in documents
            for n in range(2)
        ),
        headings="Belegnr;Belegart;Belegdatum;Kundennr;Artikelnr;Menge;Nettobetrag;Währung",
    )


def shop(numbers: Sequence[int], price: int, customer: int) -> str:
    """Orders of Shopify's API."""
    made = [
        shopify_order(
            number,
            f"{price}.00",
            "0.00",
            [shopify_line(number % 3 + 1, f"{price}.00")],
            email=f"k{customer}@example.com",
        )
        for number in numbers
    ]
    return json.dumps({"orders": made})


def customers(emails: dict[int, int], region: str) -> bytes:
    """A customer list; equal numbers of an address make one customer of two."""
    rows = [(str(number), f"Kunde {number}", f"k{address}@example.com", region) for number, address in emails.items()]
    return workbook(("Kundennummer", "Firma", "E-Mail", "Region"), *rows)


def costs(article: int, day: int, cost: int) -> str:
    return text(f"A{article};{day:02}.11.2026;{cost},00", headings="Artikelnummer;Gültig ab;Kosten")


def rates(day: int, rate: int) -> str:
    return text(f"2026-11-{day:02},1.{rate:02},", headings="Date,USD,")


def ga4(day: int, visitors: Sequence[int], order: int) -> str:
    """A view and a purchase for each visitor, after midnight and before it."""
    return "".join(
        json.dumps(
            {
                "event_date": f"202611{day:02}",
                "event_timestamp": str(int(datetime(2026, 11, day, hour).timestamp()) * 1_000_000 + visitor),
                "event_name": name,
                "user_pseudo_id": str(visitor),
                "event_params": [
                    {"key": "ga_session_id", "value": {"int_value": str(day // 2)}},
                    {"key": "transaction_id", "value": {"string_value": str(order)}},
                    {"key": "value", "value": {"double_value": 10.5}},
                ],
                "items": [{"item_id": f"A{visitor}", "price": "5", "quantity": "1"}],
                "stream_id": "1",
            }
        )
        + "\n"
        for visitor in visitors
        for hour, name in ((1, "view_item"), (20, "purchase"))
    )


def weblog(day: int, minutes: Sequence[int]) -> str:
    """A request in each of these minutes of the evening, by three visitors in turn."""
    return "".join(
        f"192.0.2.{minute % 3} - - [{day:02}/Nov/2026:{21 + minute // 60}:{minute % 60:02}:00 +0100] "
        f'"GET /{minute} HTTP/1.1" 200 5 "-" "Firefox"\n'
        for minute in minutes
    )


def operations(day: int, orders: Sequence[int], machine: int) -> str:
    """Two bookings for each order, equal ones for every second order; a worker of its own for each."""
    return text(
        *(
            f"F{order};M{machine};A{order % 3 + 1};{day:02}.11.2026 0{hour}:00;{day:02}.11.2026 0{hour}:30;5;P{order}"
            for order in orders
            for hour in (6, 6 + order % 2)
        ),
        headings="Auftrag;Maschine;Artikelnr;Beginn;Ende;Gutmenge;Personalnr",
    )


def bookings(day: int, orders: Sequence[int], quantity: int) -> str:
    return text(
        *(f"{day:02}.11.2026 23:30;F{order};M1;A{order % 3 + 1};{quantity};P{order}" for order in orders),
        headings="Buchungszeit;Auftrag;Maschine;Artikelnr;Gutmenge;Personalnr",
    )


def inspections(day: int, numbers: Sequence[int], value: int) -> str:
    """The same inspection is sent with other values from another day on."""
    return text(
        *(f"{number};Länge;A{number % 3 + 1};{day:02}.11.2026 10:00;{value};1;50" for number in numbers),
        headings="Prüfnr;Merkmal;Artikelnr;Prüfzeit;Messwert;UTG;OTG",
    )


def power(day: int, hours: Sequence[int], energy: int) -> str:
    return text(
        *(f"Z1;{day:02}.11.2026 {hour:02}:00;{energy}" for hour in sorted(hours)),
        headings="Zähler;Zeitpunkt;Energie kWh",
    )


@dataclass
class Shop:
    """The company. What is loaded later is younger: files by a minute, and rows by what a run stamps on them."""

    settings: Settings
    runs: int = 0

    @property
    def warehouse(self) -> Path:
        return self.settings.paths.warehouse

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        paths = self.settings.paths
        with closing(open_warehouse(paths.warehouse, work=paths.work, memory_gb=1, threads=2)) as con:
            yield con

    def drop(self, name: str, content: str | bytes) -> None:
        """Put a file into the inbox under this name."""
        path = self.settings.paths.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        moment = NOW.timestamp() - 100_000 + self.runs * 60
        os.utime(path, (moment, moment))

    def load(self) -> None:
        """Load what the inbox holds."""
        with self.writing() as con:
            sources = [(source, self.settings.contract_of(source)) for source in self.settings.sources]
            ledger.prepare(con, self.settings.contracts.values())
            complete_journal(con, self.settings.paths.archive)
            ledger.describe_company(con, self.settings.company.model_dump(), sources, holidays_of("DE", "BY"))
            for source, contract in sources:
                results = list(load_source(con, self._run(), contract, source, self.settings.zone_of(source)))
                assert {result.status for result in results} <= {"loaded", "duplicate"}, results

    def replay(self, name: str, **reader: Any) -> None:
        """Read a source's files again by a contract that was corrected."""
        source = next(source for source in self.settings.sources if source.name == name)
        contract = varied(self.settings.contract_of(source), reader=reader)
        with self.writing() as con:
            replay(con, self._run(), contract, source, self.settings.zone_of(source))

    def change(self, sql: str) -> None:
        """Change the warehouse past the loader."""
        with self.writing() as con:
            con.execute(sql)

    def build(self, *arguments: str) -> None:
        """Bring the facts up to date, or what else dbt is told."""
        said: list[dict[str, Any]] = []
        assert run_dbt(self.settings, [*(arguments or FACTS + READ)], said.append), said[-1]

    def check(self) -> None:
        """Bring the facts up to date; then all marts must be what a full rebuild makes them, row for row."""
        self.build(*FACTS, *READ, *READERS)
        updated = self.warehouse.with_name("updated.duckdb")
        shutil.copy(self.warehouse, updated)
        self.build(*FACTS, *READERS, "--full-refresh")
        with closing(duckdb.connect()) as con:
            con.execute(f"attach '{updated}' as updated (read_only); attach '{self.warehouse}' as whole (read_only)")
            tables = con.execute(
                "select table_name from duckdb_tables() where database_name = 'whole' and schema_name = 'marts'"
            ).fetchall()
            assert {name for (name,) in tables} >= SLICED
            for (name,) in sorted(tables):
                one, other = f"from updated.marts.{name}", f"from whole.marts.{name}"
                surplus = con.execute(f"{one} except all {other}").fetchall()
                missing = con.execute(f"{other} except all {one}").fetchall()
                assert (surplus, missing) == ([], []), name
        # On with what the updates made, not with what the rebuild made of it.
        updated.replace(self.warehouse)

    def builds(self) -> dict[str, tuple[int, bool]]:
        """The number of each fact's last build, and whether it was a whole one."""
        with closing(duckdb.connect(str(self.warehouse), read_only=True)) as con:
            found = con.execute(
                "select model, max(build), arg_max(is_whole, build) from ops.slice_build group by model"
            ).fetchall()
        return {model: (build, is_whole) for model, build, is_whole in found}

    def _run(self) -> Run:
        self.runs += 1
        return Run(self.settings.areas, f"run {self.runs}", NOW + timedelta(minutes=self.runs))


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A company with a few days of everything, built once. Not to be changed."""
    folder = tmp_path_factory.mktemp("incremental")
    entries = [
        f'[[source]]\nname = "{name}"\nkind = "{kind}"\nfiles = "{name}/*"\nrole = "{role}"\n'
        for name, (kind, role) in SOURCES.items()
    ]
    (folder / "kontor.toml").write_text("\n".join([SETTINGS, *entries]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        # dbt reads the environment, and what is set for it must not reach other tests.
        for name, value in os.environ.copy().items():
            patch.setenv(name, value)
        patch.setenv("KONTOR_DATA", str(folder / "data"))
        patch.setenv("KONTOR_PSEUDONYM_KEY", "0" * 64)
        before = dict(os.environ)
        shop_ = Shop(load_settings(folder / "kontor.toml"))
        shop_.drop(
            "erp/1.csv", erp(2, [(1, 1, 1, 10, "EUR"), (2, 2, 1, 20, "USD"), (5, 1, 2, 30, "EUR"), (6, 0, 2, 5, "")])
        )
        shop_.drop("erp/2.csv", erp(3, [(3, 1, 1, 10, "EUR"), (4, 3, 3, 70, "USD")]).replace("70,00", "offen"))
        shop_.drop("shop/1.json", shop([1, 2, 3], 40, 1))
        shop_.drop("customers/1.xlsx", customers({1: 1, 2: 2, 3: 3}, "Süd"))
        shop_.drop("costs/1.csv", costs(1, 1, 4) + "A2;01.11.2026;3,00\nA2;03.11.2026;6,00\n")
        shop_.drop("rates/1.csv", rates(2, 10))
        shop_.drop("ga4/2.json", ga4(2, [1, 2], 7))
        shop_.drop("ga4/3.json", ga4(3, [1, 3], 7))
        shop_.drop("weblog/access.log", weblog(2, [0, 5, 10, 50]))
        shop_.drop("operations/1.csv", operations(2, [1, 2, 3], 1))
        shop_.drop("operations/2.csv", operations(3, [3, 4], 2))
        shop_.drop("bookings/1.csv", bookings(2, [1, 2, 3], 10))
        shop_.drop("inspections/1.csv", inspections(2, [1, 2, 3], 10))
        shop_.drop("power/1.csv", power(2, [0, 1, 2, 23], 10))
        shop_.load()
        shop_.build("build", "--exclude-resource-type", "unit_test", "test")
        try:
            yield shop_
        finally:
            for name in os.environ.keys() - before.keys():
                del os.environ[name]


@pytest.fixture
def company(founded: Shop) -> Iterator[Shop]:
    """The company as it was founded; put back afterwards, so that no test sees another's files."""
    with restored(founded) as shop_:
        yield shop_


@contextmanager
def restored(shop_: Shop) -> Iterator[Shop]:
    """Put the company's files and warehouse back at the end."""
    paths = shop_.settings.paths
    kept = paths.data.with_name("kept")
    shutil.copytree(paths.data, kept, ignore=shutil.ignore_patterns("dbt", "work"))
    try:
        yield shop_
    finally:
        for name in ("warehouse.duckdb", "archive", "inbox"):
            target = paths.data / name
            if target.is_dir():
                shutil.rmtree(target)
            else:
                target.unlink()
            (kept / name).rename(target)
        shutil.rmtree(kept)


def test_a_quiet_run_builds_no_fact_anew(company: Shop) -> None:
    """A morning without files costs as much as the first day."""
    before = company.builds()
    assert set(before) >= SLICED
    company.build()
    assert company.builds() == before
    company.drop("erp/new.csv", erp(4, [(9, 2, 2, 10, "EUR")]))
    company.load()
    company.build()
    after = company.builds()
    assert {name for name in SLICED if after[name] != before[name]} == {"fct_sales_line", "fct_order"}
    assert not any(after[name][1] for name in ("fct_sales_line", "fct_order"))


def test_a_key_never_names_two_rows(company: Shop) -> None:
    """Rows doubled for good, since tests look only at the keys that were written of late."""
    before = company.builds()
    company.change("insert into raw.inspections from raw.inspections limit 1")
    said: list[dict[str, Any]] = []
    assert not run_dbt(company.settings, FACTS, said.append)
    assert "inspection_key would name more than one row of fct_inspection" in str(said)
    assert company.builds()["fct_inspection"] == before["fct_inspection"]


def rows_that_come_late_or_corrected(company: Shop) -> None:
    """Late rows, a corrected file, a log that grew."""
    company.drop("erp/late.csv", erp(2, [(7, 1, 2, 10, "USD")]))
    company.drop("ga4/late.json", ga4(1, [3], 7))
    company.drop("weblog/late.log", weblog(2, [30]))
    company.drop("erp/1.csv", erp(4, [(1, 3, 2, 90, "USD"), (5, 1, 1, 1, "EUR")]))
    company.drop("weblog/access.log", weblog(2, [0, 5, 10, 50, 55]) + weblog(3, [1, 2]))
    # Those who work at the second machine are enough to be named by it.
    company.drop("operations/late.csv", operations(2, [5, 6], 2))
    company.drop("bookings/1.csv", bookings(2, [1, 2, 4], 70))
    company.drop("inspections/late.csv", inspections(1, [4], 70))
    company.drop("power/1.csv", power(2, [0, 1, 2, 3], 20))
    company.load()


def rows_that_come_again_or_out_of_quarantine(company: Shop) -> None:
    """A period that is delivered again with less in it, a rotated log, orders that changed, a replay."""
    company.drop("ga4/2b.json", ga4(2, [2], 8))
    company.drop("weblog/access.log.1", weblog(2, [10, 50, 70, 71]))
    company.drop("shop/2.json", shop([3, 4], 55, 2))
    company.drop("operations/again.csv", operations(2, [2, 7], 1))
    company.drop("bookings/again.csv", bookings(2, [3], 5))
    company.drop("inspections/again.csv", inspections(3, [1, 3], 90))
    company.drop("power/again.csv", power(2, [23], 7))
    company.load()
    company.replay("erp", missing=["-", "NULL", "offen"])


def slices_that_vanish(company: Shop) -> None:
    """Whatever took them: nobody told the facts."""
    company.change(
        "delete from raw.sales_lines where document_number in ('1', '4'); delete from raw.access_log where _line = 2;"
        "delete from raw.ga4_events where event_date = date '2026-11-02';"
        "delete from raw.shopify_orders where _line = 1; delete from raw.energy_readings where _line = 3;"
        "delete from raw.work_order_operations where employee_number = 'P1' or _line = 3;"
        "delete from raw.production_bookings where _line = 2; delete from raw.inspections"
    )


def references_that_change(company: Shop) -> None:
    """Two customers turn out to be one and move, an article costs more from a day on, the costs of another were
    exchanged, a rate comes late.
    """
    company.drop("customers/2.xlsx", customers({1: 1, 2: 1, 3: 3}, "Nord"))
    company.drop("costs/2.csv", costs(1, 3, 9) + "A2;01.11.2026;6,00\nA2;03.11.2026;3,00\n")
    company.drop("rates/2.csv", rates(3, 50))
    company.load()


def settings_that_change(company: Shop) -> None:
    """What was a sale counts no more."""
    # Of two sources, in the same way: a fingerprint must not take what rows have in common for nothing.
    company.change("update ops.source set role = 'purchases' where role = 'sales'")


CHANGES = [
    rows_that_come_late_or_corrected,
    rows_that_come_again_or_out_of_quarantine,
    slices_that_vanish,
    references_that_change,
    settings_that_change,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_ends_as_in_a_full_rebuild(company: Shop, change: Callable[[Shop], None]) -> None:
    """Rows of before that stay, rows that are missing, or values of before in the rows that are left."""
    before = company.builds()
    change(company)
    company.check()
    after = company.builds()
    assert after != before
    # A whole build would be right by itself, and prove nothing.
    whole = {name for name, (number, is_whole) in after.items() if is_whole and number != before[name][0]}
    assert bool(whole) == (change is settings_that_change), whole


def test_a_build_that_was_killed_between_two_facts_is_made_up_for(company: Shop) -> None:
    """Orders that never learn of lines which were rebuilt before the power went."""
    company.drop("erp/new.csv", erp(2, [(1, 3, 2, 90, "USD")]))
    company.load()
    company.build("run", "--select", "fct_sales_line")
    company.check()


DAYS = st.integers(1, 6)
SEVERAL = st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True)
DOCUMENTS = st.lists(
    st.tuples(
        st.integers(1, 9), st.integers(0, 3), st.integers(1, 3), st.integers(1, 90), st.sampled_from(["EUR", "USD"])
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda document: document[0],
)
DROPS = st.one_of(
    st.tuples(st.just("erp"), st.builds(erp, DAYS, DOCUMENTS)),
    st.tuples(st.just("shop"), st.builds(shop, SEVERAL, st.integers(1, 90), st.integers(1, 3))),
    st.tuples(st.just("ga4"), st.builds(ga4, DAYS, SEVERAL, st.integers(1, 3))),
    st.tuples(st.just("weblog"), st.builds(weblog, DAYS, st.lists(st.integers(0, 90), min_size=1, max_size=4))),
    st.tuples(st.just("rates"), st.builds(rates, DAYS, st.integers(10, 99))),
    st.tuples(st.just("costs"), st.builds(costs, st.integers(1, 3), DAYS, st.integers(1, 9))),
    st.tuples(
        st.just("customers"),
        st.builds(customers, st.dictionaries(st.integers(1, 3), st.integers(1, 3), min_size=1), st.sampled_from("NS")),
    ),
    st.tuples(st.just("operations"), st.builds(operations, DAYS, SEVERAL, st.integers(1, 2))),
    st.tuples(st.just("bookings"), st.builds(bookings, DAYS, SEVERAL, st.integers(1, 90))),
    st.tuples(st.just("inspections"), st.builds(inspections, DAYS, SEVERAL, st.integers(1, 90))),
    st.tuples(st.just("power"), st.builds(power, DAYS, SEVERAL, st.integers(1, 90))),
    st.tuples(
        st.just("lost"),
        st.sampled_from(["sales_lines", "shopify_orders", "ga4_events", "access_log", "work_order_operations"]),
    ),
)


@hypothesis_settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(days=st.lists(st.lists(DROPS, min_size=3, max_size=8), min_size=3, max_size=3))
def test_any_sequence_of_drops_ends_as_in_a_full_rebuild(
    founded: Shop, days: list[list[tuple[str, str | bytes]]]
) -> None:
    """What no case above thinks of. The examples are the same on every run; for others take `derandomize` away."""
    with restored(founded) as company:
        for number, drops in enumerate(days):
            for place, (name, content) in enumerate(drops):
                note(f"day {number}: {name} {content!r:.300}")
                if name == "lost":
                    company.change(f"delete from raw.{content} where _line % 2 = 1")
                else:
                    company.drop(f"{name}/{number}_{place}{'.xlsx' if name == 'customers' else '.txt'}", content)
            company.load()
            if number < len(days) - 1:
                company.build()
        company.check()
