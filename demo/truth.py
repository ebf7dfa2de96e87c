"""What is true of the demo company's files: what a correct warehouse must find in them.

What belongs here: the facts and how they are counted. What does not: how they come about.
Facts cover the days `first_day` to `last_day` and the state of orders at the end of `last_day`; those from analytics
cover `first_web_day` to `last_day` and only visitors who agreed to being counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from demo.company import PAIRS, Move, Promotion, article, promotions_of
from demo.dates import days_between
from demo.dirty import Dirty
from demo.money import decimal
from demo.output import DemoFile
from demo.production import FAULT, IDLE, PRODUCING, SETUP, Operation, State
from demo.sales import Order


@dataclass(frozen=True)
class PairTruth:
    """Two articles that are bought together in the web shop, counted over orders that count."""

    first: str
    second: str
    """Article numbers."""
    orders_with_first: int
    orders_with_both: int


@dataclass(frozen=True)
class PromotionTruth:
    """A promotion that has run, at least in part, in the days written; web orders that count."""

    name: str
    code: str
    first_day: date
    last_day: date
    articles: tuple[str, ...]
    """Article numbers."""
    discount_pct: int
    units_during: int
    days_during: int
    units_before: int
    days_before: int
    """The four weeks before, as far as they were written."""
    orders_with_code: int
    discount_total: Decimal

    @property
    def uplift(self) -> float:
        """Units a day during it in relation to before; 0 if nothing was sold before."""
        if not self.units_before:
            return 0.0
        return self.units_during / self.days_during / (self.units_before / self.days_before)


@dataclass(frozen=True)
class DegradingMachine:
    """A machine that gets worse from a Monday on, if that Monday is in the days written."""

    machine: str
    since: date
    iso_week: str
    fault_share_before: float
    fault_share_after: float
    """Share of faults in the time in which it ran, was set up or was faulty: eight weeks before, all time after."""
    availability_before: float
    availability_in_week: float
    """Share of production in the time in which it was on, breaks left out: in the eight weeks before; in that week."""


@dataclass(frozen=True)
class ScrapTruth:
    """The machine on which one reason for scrap dominates."""

    machine: str
    reason: str
    scrap_of_reason: int
    scrap: int


@dataclass(frozen=True)
class ChannelTruth:
    """A web channel as analytics sees it: `source / medium`."""

    channel: str
    sessions: int
    purchases: int


@dataclass(frozen=True)
class DemoTruth:
    """Everything that is known about the files of one run. Amounts are in euros, exact to the cent."""

    as_of: date
    first_day: date
    last_day: date
    first_web_day: date
    seed: int
    scale: float

    files: tuple[DemoFile, ...]
    dirty: tuple[Dirty, ...]

    moves: tuple[Move, ...]
    """Customers of the ERP who moved in the days written."""

    erp_invoice_net: Decimal
    erp_credit_net: Decimal
    """Positive."""
    erp_credit_net_by_day: Mapping[date, Decimal]
    """Positive, by the day of the credit note."""
    erp_net_by_month: Mapping[str, Decimal]
    """By `2026-11`; invoices less credit notes."""
    erp_documents: int

    purchase_invoices: int
    purchase_net: Decimal
    """Invoices of suppliers less their credit notes."""

    web_orders: int
    """Orders that count: no tests, none cancelled. Then their totals, with shipping and VAT, and parts of these."""
    web_gross_total: Decimal
    web_tax_total: Decimal
    web_shipping_total: Decimal
    web_discount_total: Decimal
    web_gross_by_month: Mapping[str, Decimal]
    """By `2026-11`, by the day of the order."""
    web_test_orders: tuple[str, ...]
    web_cancelled_orders: tuple[str, ...]
    web_refunds: tuple[tuple[str, Decimal], ...]
    """Order and amount, gross and positive."""
    web_refund_total: Decimal
    web_customers: int
    web_returning_customers: int
    """Those with more than one order that counts in the days written; customers are told apart by e-mail address."""
    shared_customers: tuple[tuple[str, str], ...]
    """E-mail address and customer number of business customers who also ordered in the web shop."""

    work_orders: int
    work_orders_finished: int
    work_orders_on_time: int
    """Of the finished ones."""
    operations: int
    good_pieces: int
    """Of the last operation, which is when a piece is finished."""
    scrap_pieces: int
    run_minutes_by_machine: Mapping[str, float]
    """Minutes in state Produktion."""
    inspections_failed: int
    energy_kwh_by_meter: Mapping[str, Decimal]
    """Of the months in which meters were read."""

    ga4_sessions: int
    ga4_purchases: int
    """Orders, each once."""
    ga4_purchase_events: int
    ga4_revenue: Decimal
    weblog_requests: int
    weblog_bot_requests: int
    ad_cost_total: Decimal
    ad_clicks: int
    ad_conversions: int
    search_clicks: int

    planned_revenue_by_month: Mapping[str, int]
    """By `2026-11`; net, for the whole of every year of the days written."""

    peak_months: tuple[int, ...]
    promotions: tuple[PromotionTruth, ...]
    pairs: tuple[PairTruth, ...]
    degrading_machine: DegradingMachine | None
    dominant_scrap: ScrapTruth
    channels: tuple[ChannelTruth, ...]

    @property
    def returning_customer_share(self) -> float:
        return self.web_returning_customers / self.web_customers if self.web_customers else 0.0

    def rows(self, source: str) -> int:
        """Data rows in the files of a source, broken ones included, files with known content left out."""
        return sum(entry.rows for entry in self.files if entry.source == source and entry.duplicate_of is None)

    def quarantined(self, source: str) -> int:
        """Rows of a source that cannot be loaded."""
        originals = {entry.path for entry in self.files if entry.duplicate_of is None}
        return sum(1 for row in self.dirty if row.source == source and row.file in originals and not row.loads)

    def loadable(self, source: str) -> int:
        """Rows of a source that load."""
        return self.rows(source) - self.quarantined(source)

    def kept(self, source: str) -> int:
        """Rows of a source that stay: those that load, without lists that a later one replaces."""
        replaced = sum(entry.rows for entry in self.files if entry.source == source and entry.replaced_by is not None)
        return self.loadable(source) - replaced


def promotion_truths(orders: Iterable[Order], first_day: date, last_day: date) -> tuple[PromotionTruth, ...]:
    counted = [order for order in orders if order.counts]
    begun = [
        entry
        for year in range(first_day.year, last_day.year + 1)
        for entry in promotions_of(year)
        if first_day <= entry.last_day and entry.first_day <= last_day
    ]
    return tuple(_promotion_truth(entry, counted, first_day, last_day) for entry in begun)


def _promotion_truth(entry: Promotion, counted: list[Order], first_day: date, last_day: date) -> PromotionTruth:
    numbers = tuple(article(name).number for name in entry.article_names)

    def units(first: date, last: date) -> int:
        return sum(
            line.quantity
            for order in counted
            if first <= order.day <= last
            for line in order.lines
            if line.article.number in numbers
        )

    start, end = max(entry.first_day, first_day), min(entry.last_day, last_day)
    before_start, before_end = max(entry.first_day - timedelta(days=28), first_day), entry.first_day - timedelta(days=1)
    with_code = [order for order in counted if order.discount_code == entry.code and start <= order.day <= end]
    return PromotionTruth(
        name=entry.name,
        code=entry.code,
        first_day=entry.first_day,
        last_day=entry.last_day,
        articles=numbers,
        discount_pct=entry.discount_pct,
        units_during=units(start, end),
        days_during=(end - start).days + 1,
        units_before=units(before_start, before_end),
        days_before=sum(1 for _ in days_between(before_start, before_end)),
        orders_with_code=len(with_code),
        discount_total=decimal(sum(order.discount_cents for order in with_code)),
    )


def pair_truths(orders: Iterable[Order]) -> tuple[PairTruth, ...]:
    baskets = [{line.article.name for line in order.lines} for order in orders if order.counts]
    return tuple(
        PairTruth(
            first=article(first).number,
            second=article(second).number,
            orders_with_first=sum(first in basket for basket in baskets),
            orders_with_both=sum(first in basket and second in basket for basket in baskets),
        )
        for first, second, _ in PAIRS
    )


def degrading_truth(
    machine: str, since: date, states: Iterable[tuple[date, State]], first_day: date, last_day: date
) -> DegradingMachine | None:
    if not first_day < since <= last_day:
        return None
    seconds: Counter[tuple[bool, bool]] = Counter()
    on: Counter[tuple[bool, bool]] = Counter()
    for day, state in states:
        if state.machine != machine or day < since - timedelta(weeks=8):
            continue
        if state.state in (PRODUCING, SETUP, FAULT):
            seconds[day >= since, state.state == FAULT] += state.end - state.begin
        if state.state in (PRODUCING, SETUP, FAULT, IDLE) and day < since + timedelta(weeks=1):
            on[day >= since, state.state == PRODUCING] += state.end - state.begin

    def share(of: Counter[tuple[bool, bool]], after: bool) -> float:
        total = of[after, True] + of[after, False]
        return of[after, True] / total if total else 0.0

    year, week, _ = since.isocalendar()
    return DegradingMachine(
        machine=machine,
        since=since,
        iso_week=f"{year}-W{week:02d}",
        fault_share_before=share(seconds, False),
        fault_share_after=share(seconds, True),
        availability_before=share(on, False),
        availability_in_week=share(on, True),
    )


def scrap_truth(machine: str, reason: str, operations: Iterable[Operation]) -> ScrapTruth:
    steps = [operation.step for operation in operations if operation.step.machine == machine]
    return ScrapTruth(
        machine,
        reason,
        sum(step.scrap for step in steps if step.scrap_reason == reason),
        sum(step.scrap for step in steps),
    )
