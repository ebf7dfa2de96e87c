"""Writes the demo company's files into an inbox, and says what is true of them.

What belongs here: which files there are, and what is counted over them. What does not: their notation, what happens.
"""

import gzip
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo import ga4
from demo.books import bookings_file
from demo.company import (
    DEGRADING_MACHINE,
    DOMINANT_SCRAP_MACHINE,
    DOMINANT_SCRAP_REASON,
    SHARED_EVERY,
    STATIONS,
    degrading_since,
    moves,
    shared_business_customer,
    web_customer,
)
from demo.dates import (
    ONE_DAY,
    PEAK_MONTHS,
    SHOP_OPENED,
    days_between,
    is_production_day,
    listing_days,
    month_end,
    months_between,
)
from demo.dirty import Dirty, is_dirty_month
from demo.energy import load_file
from demo.erp import invoices_file, order_of
from demo.masterdata import articles_file, customers_file
from demo.money import decimal
from demo.output import Content, DemoFile, put
from demo.plan import plan_file, planned_euros
from demo.production import PRODUCING, Operation, Production, State, WorkOrder, measurements
from demo.purchases import purchase_invoices
from demo.sales import Order, Sales
from demo.search import search_files
from demo.shopfloor import inspections_file, operations_file, states_file, work_orders_file
from demo.shopify import orders_file
from demo.truth import (
    ChannelTruth,
    DegradingMachine,
    DemoTruth,
    degrading_truth,
    pair_truths,
    promotion_truths,
    scrap_truth,
)
from demo.web import Web
from demo.webfiles import access_log_file, ads_file

DEFAULT_DAYS = 400
DEFAULT_WEB_DAYS = 30
# Quarter hours are many: the last month and the one before show what they are good for.
METERED_MONTHS = 2
# Orders and invoices are needed for some weeks before the first day: work orders and credit notes follow them.
EARLIEST_DAY = SHOP_OPENED + timedelta(days=90)


def write_demo(
    inbox: Path,
    *,
    as_of: date,
    scale: float = 1.0,
    days: int = DEFAULT_DAYS,
    web_days: int = DEFAULT_WEB_DAYS,
    seed: int = 7,
) -> DemoTruth:
    """Write the files that lie in the inbox on the morning of `as_of`, and return what is true of them.

    The last day in them is the day before `as_of`. The first one is the first of the month in which the day `days`
    before `as_of` lies; analytics and web log go back `web_days` days. `scale` multiplies volumes (1: about 12 web
    orders a day). The same arguments give the same bytes; the next day's files agree with this day's for all months
    that are over.

    Raises ValueError if a number is out of range.
    """
    if scale <= 0:
        raise ValueError(f"The scale is {scale}, but it must be greater than 0.")
    if days < 1 or web_days < 1:
        raise ValueError(f"{min(days, web_days)} days were asked for, but it must be at least 1.")
    last_day = as_of - ONE_DAY
    first_day = (as_of - timedelta(days=days)).replace(day=1)
    if first_day < EARLIEST_DAY:
        raise ValueError(f"The first day would be {first_day}, but the demo company's files begin on {EARLIEST_DAY}.")
    return _Writer(inbox, as_of, first_day, last_day, web_days, scale, seed).write()


class _Writer:
    """One run: the model of the company, and what has been written so far."""

    def __init__(
        self, inbox: Path, as_of: date, first_day: date, last_day: date, web_days: int, scale: float, seed: int
    ) -> None:
        self.inbox = inbox
        self.as_of = as_of
        self.first_day = first_day
        self.last_day = last_day
        self.first_web_day = max(first_day, as_of - timedelta(days=web_days))
        self.scale = scale
        self.seed = seed
        self.sales = Sales(seed, scale, last_day)
        self.production = Production(seed, scale, self.sales)
        self.web = Web(seed, scale, self.sales)
        self.files: list[DemoFile] = []
        self.dirty: list[Dirty] = []

    def write(self) -> DemoTruth:
        facts: dict[str, Any] = {}
        for part in (
            self._master_data,
            self._web_shop,
            self._erp,
            self._purchases,
            self._workshop,
            self._energy,
            self._ads,
            self._web,
        ):
            facts |= part()
        return DemoTruth(
            as_of=self.as_of,
            first_day=self.first_day,
            last_day=self.last_day,
            first_web_day=self.first_web_day,
            seed=self.seed,
            scale=self.scale,
            files=tuple(self.files),
            dirty=tuple(self.dirty),
            peak_months=PEAK_MONTHS,
            **facts,
        )

    def _put(
        self, source: str, path: str, content: Content, data: bytes | None = None, day: date | None = None
    ) -> None:
        """`day` for a file whose rows do not say of when they are: the day of its export is its time."""
        put(self.inbox / path, content.data if data is None else data, day)
        self.files.append(DemoFile(path, source, content.rows))
        self.dirty += content.dirty

    def _months(self) -> list[tuple[str, list[date]]]:
        """Every month as `2026-11`, with its days."""
        return [
            (f"{first:%Y-%m}", list(days_between(first, last)))
            for first, last in months_between(self.first_day, self.last_day)
        ]

    # --- sales and master data ----------------------------------------------------------------------------------------

    def _master_data(self) -> dict[str, Any]:
        """The lists as they stand, and as they stood when they were exported before."""
        days = [*listing_days(self.first_day, self.last_day), self.last_day]
        articles = [articles_file(day, self.production.stock(day)) for day in days]
        self._put_lists("products", "Artikel", dict(zip(days, articles, strict=True)))
        self._put_lists("customers", "Kunden", {day: customers_file(day) for day in days})
        years = range(self.first_day.year, self.last_day.year + 1)
        for year in years:
            self._put("plan", f"planung/Planzahlen_{year}.csv", plan_file(year, self.scale), day=self.last_day)
        months = [date(year, month, 1) for year in years for month in range(1, 13)]
        return {
            "moves": tuple(move for move in map(moves, years) if self.first_day < move.day <= self.last_day),
            "planned_revenue_by_month": {f"{month:%Y-%m}": planned_euros(month, self.scale) for month in months},
        }

    def _put_lists(self, source: str, name: str, lists: dict[date, Content]) -> None:
        """Lists by the day of their export; one that did not change since the last export is the same file again."""
        newest = f"stammdaten/{name}.xlsx"
        first_with: dict[bytes, str] = {}
        for day, content in lists.items():
            path = newest if day == self.last_day else f"stammdaten/{name}_{day}.xlsx"
            put(self.inbox / path, content.data, day)
            original = first_with.setdefault(content.data, path)
            repeats = original != path
            stays = repeats or content.data == lists[self.last_day].data
            self.files.append(
                DemoFile(
                    path,
                    source,
                    content.rows,
                    duplicate_of=original if repeats else None,
                    replaced_by=None if stays else newest,
                )
            )

    def _web_shop(self) -> dict[str, Any]:
        every: list[Order] = []
        for month, days in self._months():
            orders = [order for day in days for order in self.sales.orders(day)]
            if orders:
                path = f"webshop/orders_export_{month}.csv"
                self._put("webshop", path, orders_file(orders, self.last_day, self.seed))
            every += orders
        counted = [order for order in every if order.counts]
        by_month: Counter[str] = Counter()
        for order in counted:
            by_month[f"{order.day:%Y-%m}"] += order.total_cents
        refunds = [(order.name, decimal(order.refund_cents)) for order in every if order.is_refunded(self.last_day)]
        orders_of = Counter(web_customer(order.customer).email for order in counted)
        shared = {
            (web_customer(order.customer).email, str(shared_business_customer(order.customer).number))
            for order in counted
            if order.customer % SHARED_EVERY == 0
        }
        return {
            "web_orders": len(counted),
            "web_gross_total": decimal(sum(order.total_cents for order in counted)),
            "web_tax_total": decimal(sum(order.tax_cents for order in counted)),
            "web_shipping_total": decimal(sum(order.shipping_cents for order in counted)),
            "web_discount_total": decimal(sum(order.discount_cents for order in counted)),
            "web_gross_by_month": {month: decimal(cents) for month, cents in sorted(by_month.items())},
            "web_test_orders": tuple(order.name for order in every if order.is_test),
            "web_cancelled_orders": tuple(order.name for order in every if order.cancelled),
            "web_refunds": tuple(refunds),
            "web_refund_total": sum((amount for _, amount in refunds), Decimal("0.00")),
            "web_customers": len(orders_of),
            "web_returning_customers": sum(1 for count in orders_of.values() if count > 1),
            "shared_customers": tuple(sorted(shared)),
            "promotions": promotion_truths(every, self.first_day, self.last_day),
            "pairs": pair_truths(every),
        }

    def _erp(self) -> dict[str, Any]:
        invoices = credits = count = 0
        credited: Counter[date] = Counter()
        by_month: dict[str, Decimal] = {}
        for month, days in self._months():
            documents = [entry for day in days for entry in self.sales.invoices(day) + self.sales.credit_notes(day)]
            if not documents:
                continue
            path = f"erp/Rechnungsausgang_{month}.csv"
            written = invoices_file(sorted(documents, key=order_of), path)
            self._put("erp", path, written.content)
            books = bookings_file(sorted(documents, key=order_of))
            self._put("books", f"buchhaltung/EXTF_Buchungsstapel_{month}.csv", books)
            if is_dirty_month(days[0]):
                copy = f"erp/Kopie von Rechnungsausgang_{month}.csv"
                put(self.inbox / copy, written.content.data)
                self.files.append(DemoFile(copy, "erp", written.content.rows, duplicate_of=path))
            invoices += written.invoice_net_cents
            credits += written.credit_net_cents
            by_month[month] = decimal(written.invoice_net_cents - written.credit_net_cents)
            for document in documents:
                if document.is_credit_note:
                    credited[document.day] += sum(line.net_cents for line in document.lines)
            count += len(documents)
        return {
            "erp_invoice_net": decimal(invoices),
            "erp_credit_net": decimal(credits),
            "erp_credit_net_by_day": {day: decimal(cents) for day, cents in sorted(credited.items())},
            "erp_net_by_month": by_month,
            "erp_documents": count,
        }

    def _purchases(self) -> dict[str, Any]:
        arrived = [
            invoice
            for _, days in self._months()
            for day, invoice in purchase_invoices(days[0].replace(day=1), self.seed)
            if day <= self.last_day
        ]
        for invoice in arrived:
            self._put("purchases", invoice.path, invoice.content)
        return {
            "purchase_invoices": len(arrived),
            "purchase_net": decimal(sum(invoice.signed_net_cents for invoice in arrived)),
        }

    # --- workshop -----------------------------------------------------------------------------------------------------

    def _workshop(self) -> dict[str, Any]:
        operations: list[Operation] = []
        by_order: defaultdict[str, list[tuple[date, Operation]]] = defaultdict(list)
        states: list[tuple[date, State]] = []
        failed = 0
        last_station = len(STATIONS) - 1
        for month, days in self._months():
            done: list[tuple[date, list[Operation]]] = []
            measured = []
            been: list[tuple[date, list[State]]] = []
            for day in filter(is_production_day, days):
                machine_days = self.production.machine_days(day)
                today = [operation for entry in machine_days for operation in entry.operations]
                done.append((day, sorted(today, key=lambda operation: (operation.begin, operation.step.machine))))
                been.append((day, [state for entry in machine_days for state in entry.states]))
                finished = [operation for operation in today if operation.step.station == last_station]
                measured.append((day, measurements(self.production, finished, day)))
            if not any(today for _, today in been):
                continue
            if any(today for _, today in done):
                self._put("operations", f"produktion/arbeitsgaenge_{month}.csv", operations_file(done, self.seed))
            if any(today for _, today in measured):
                path = f"produktion/pruefungen_{month}.csv"
                self._put("inspections", path, inspections_file(measured, path))
            path = f"produktion/maschinen_{month}.csv"
            self._put("machines", path, states_file(been, path))
            for day, today in done:
                for operation in today:
                    by_order[operation.order.number].append((day, operation))
            operations += [operation for _, today in done for operation in today]
            states += [(day, state) for day, today in been for state in today]
            failed += sum(not entry.passed for _, today in measured for entry in today)
        running: Counter[str] = Counter()
        for _, state in states:
            if state.state == PRODUCING:
                running[state.machine] += state.end - state.begin
        return {
            **self._work_orders(by_order),
            "operations": len(operations),
            "good_pieces": sum(entry.step.good for entry in operations if entry.step.station == last_station),
            "scrap_pieces": sum(entry.step.scrap for entry in operations),
            "run_minutes_by_machine": {machine: seconds / 60 for machine, seconds in sorted(running.items())},
            "inspections_failed": failed,
            "degrading_machine": self._degrading(states),
            "dominant_scrap": scrap_truth(DOMINANT_SCRAP_MACHINE, DOMINANT_SCRAP_REASON, operations),
        }

    def _work_orders(self, done: dict[str, list[tuple[date, Operation]]]) -> dict[str, Any]:
        released = [
            order for day in days_between(self.first_day, self.last_day) for order in self.production.released(day)
        ]
        if released:
            self._put("work_orders", "produktion/auftraege.csv", work_orders_file(released, done), day=self.last_day)
        ended = {order.number: done[order.number][-1][0] for order in released if is_finished(order, done)}
        return {
            "work_orders": len(released),
            "work_orders_finished": len(ended),
            "work_orders_on_time": sum(ended[order.number] <= order.due for order in released if order.number in ended),
        }

    def _energy(self) -> dict[str, Any]:
        watt_hours: Counter[str] = Counter()
        for month, days in self._months()[-METERED_MONTHS:]:
            states = [
                (day, [state for entry in self.production.machine_days(day) for state in entry.states])
                if is_production_day(day)
                else (day, [])
                for day in days
            ]
            load, used = load_file(states, self.production)
            self._put("energy", f"energie/lastgang_{month}.csv", load)
            watt_hours.update(used)
        return {"energy_kwh_by_meter": {meter: Decimal(used).scaleb(-3) for meter, used in sorted(watt_hours.items())}}

    def _degrading(self, states: list[tuple[date, State]]) -> DegradingMachine | None:
        for year in (self.last_day.year, self.last_day.year - 1):
            found = degrading_truth(DEGRADING_MACHINE, degrading_since(year), states, self.first_day, self.last_day)
            if found:
                return found
        return None

    # --- web ----------------------------------------------------------------------------------------------------------

    def _ads(self) -> dict[str, Any]:
        cost = clicks = conversions = 0
        for month, days in self._months():
            spent = [(day, self.web.ads(day)) for day in days]
            self._put("ads", f"web/ads/kampagnen_{month}.csv", ads_file(spent))
            for entry in (entry for _, entries in spent for entry in entries):
                cost += entry.cost_cents
                clicks += entry.clicks
                conversions += entry.conversions
        return {"ad_cost_total": decimal(cost), "ad_clicks": clicks, "ad_conversions": conversions}

    def _web(self) -> dict[str, Any]:
        sessions: Counter[str] = Counter()
        purchases: defaultdict[str, set[str]] = defaultdict(set)
        purchase_events = requests = bots = 0
        totals = {}
        found: dict[date, int] = {}
        for day in days_between(self.first_web_day, self.last_day):
            visits = self.web.sessions(day)
            totals.update({order.name: order.total_cents for order in self.sales.orders(day)})
            path = f"web/ga4/events_{day:%Y%m%d}.ndjson.gz"
            seen = ga4.events_file(visits, day, self.seed, path)
            if seen.content.rows:
                self._put("ga4", path, seen.content, _gzip(seen.content.data))
            found[day] = sum(visit.channel.name == "google / organic" for visit in visits)
            path = f"web/log/access-{day}.log.gz"
            log, bot_requests = access_log_file(visits, day, self.seed, path)
            if log.rows:
                self._put("weblog", path, log, _gzip(log.data))
            sessions.update(seen.session_channels)
            for order, channel in seen.purchases.items():
                purchases[channel].add(order)
            purchase_events += seen.purchase_events
            requests += log.rows - len(log.dirty)
            bots += bot_requests
        self._search(found)
        bought = [order for orders in purchases.values() for order in orders]
        return {
            "search_clicks": sum(found.values()),
            "ga4_sessions": sum(sessions.values()),
            "ga4_purchases": len(bought),
            "ga4_purchase_events": purchase_events,
            "ga4_revenue": decimal(sum(totals[order] for order in bought)),
            "weblog_requests": requests,
            "weblog_bot_requests": bots,
            "channels": tuple(
                ChannelTruth(channel, count, len(purchases[channel])) for channel, count in sorted(sessions.items())
            ),
        }

    def _search(self, clicks: dict[date, int]) -> None:
        for first, last in months_between(self.first_web_day, self.last_day):
            month = {day: clicks[day] for day in days_between(first, last)}
            period = f"{first.replace(day=1)} - {month_end(first)}"
            chart, queries = search_files(month, self.seed)
            self._put("search_days", f"web/search/Diagramm {period}.csv", chart, day=self.last_day)
            self._put("search", f"web/search/Suchanfragen {period}.csv", queries, day=self.last_day)


def is_finished(order: WorkOrder, done: dict[str, list[tuple[date, Operation]]]) -> bool:
    return len(done.get(order.number, ())) == len(order.steps)


def _gzip(data: bytes) -> bytes:
    """Compressed without the time of day, which would make every run's files new ones."""
    return gzip.compress(data, 4, mtime=0)
