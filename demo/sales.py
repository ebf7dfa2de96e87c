"""What is sold on a day: web orders, invoices and credit notes.

What belongs here: the sales themselves. What does not: how Shopify or the ERP writes them.
Money is in cents throughout, so every sum is exact. An order's later fate (refund, cancellation, dispatch) is decided
with the order and happens within its month: a closed month's export never changes again.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from demo.channels import ORDER_SHARES
from demo.company import (
    GROUP_DISCOUNT_PCT,
    PAIRS,
    SALES_PEOPLE,
    VAT_PCT,
    Article,
    BusinessCustomer,
    Promotion,
    article,
    articles,
    business_customers,
    gross_price_cents,
    net_price_cents,
    promotion_on,
    unit_on,
)
from demo.dates import (
    ONE_DAY,
    SHOP_OPENED,
    WEB_WEEKDAY,
    days_between,
    growth,
    is_working_day,
    month_end,
    season,
    to_epoch,
)
from demo.money import rounded
from demo.randomness import pick, stream

WEB_ORDERS_A_DAY = 12.0
NEW_CUSTOMER_SHARE = 0.62
INVOICES_A_WORKING_DAY = 4.0
CREDIT_NOTES_A_WORKING_DAY = 0.15
FREE_SHIPPING_CENTS = 15_000
SHIPPING_CENTS = 690
NEWSLETTER_CODE = "LICHTPOST5"
PAYMENTS = ("shopify_payments", "paypal", "klarna")

# Share of web orders by hour of the day.
_HOURS = np.array([2, 1, 0.4, 0.2, 0.2, 0.5, 1.5, 3, 4, 5, 6, 6, 6, 5, 5, 5, 6, 7, 8, 10, 11, 9, 6, 3])


@dataclass(frozen=True, slots=True)
class OrderLine:
    article: Article
    quantity: int
    price_cents: int
    """Gross, for one piece."""


@dataclass(frozen=True, slots=True)
class Order:
    """A web order with what becomes of it. `..._after_days` is None where it does not happen."""

    number: int
    day: date
    created: int
    """Seconds since 1970, UTC."""
    customer: int
    lines: tuple[OrderLine, ...]
    discount_code: str
    discount_cents: int
    shipping_cents: int
    payment: str
    channel: int | None
    """Index of the web channel that brought it; None for orders entered by the staff."""
    is_test: bool
    paid_after_days: int
    sent_after_days: int
    cancelled: bool
    refund_after_days: int | None
    refund_cents: int

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def subtotal_cents(self) -> int:
        return sum(line.price_cents * line.quantity for line in self.lines) - self.discount_cents

    @property
    def total_cents(self) -> int:
        return self.subtotal_cents + self.shipping_cents

    @property
    def tax_cents(self) -> int:
        """VAT inside the total."""
        return self.total_cents - rounded(self.total_cents * 100, 100 + VAT_PCT)

    @property
    def counts(self) -> bool:
        """Whether it is a sale: no test, not cancelled."""
        return not (self.is_test or self.cancelled)

    def is_refunded(self, last_day: date) -> bool:
        """Whether money has been given back by the end of `last_day`."""
        return self.refund_after_days is not None and self.day + timedelta(days=self.refund_after_days) <= last_day


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    article_number: str
    article_name: str
    unit: str
    quantity: int
    price_cents: int
    """Net list price of one unit."""
    discount_pct: int
    vat_pct: int

    @property
    def net_cents(self) -> int:
        return rounded(self.quantity * self.price_cents * (100 - self.discount_pct), 100)

    @property
    def vat_cents(self) -> int:
        return rounded(self.net_cents * self.vat_pct, 100)


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or a credit note; amounts are positive in both."""

    number: str
    is_credit_note: bool
    day: date
    customer: BusinessCustomer
    sales_person: str
    lines: tuple[InvoiceLine, ...]


class Sales:
    """All sales up to `last_day`. Every answer is a function of (seed, scale, day)."""

    def __init__(self, seed: int, scale: float, last_day: date) -> None:
        self.seed = seed
        self.scale = scale
        self.last_day = last_day
        self._orders: dict[date, list[Order]] = {}
        self._invoices: dict[date, list[Document]] = {}
        self._units: dict[date, np.ndarray] = {}
        self._articles = articles()
        self._popularity = np.array([entry.popularity for entry in self._articles])
        self._pairs = [(article(first).index, article(second).index, chance) for first, second, chance in PAIRS]
        self._customers = business_customers()

    @cached_property
    def _counts(self) -> np.ndarray:
        """A row per day since the shop opened: web orders, new web customers, invoices, credit notes."""
        rows = []
        known = 0
        for day in days_between(SHOP_OPENED, self.last_day):
            rng = stream(self.seed, "counts", day)
            promotion = promotion_on(day)
            rate = WEB_ORDERS_A_DAY * season(day) * WEB_WEEKDAY[day.weekday()] * growth(day) * self.scale
            orders = rng.poisson(rate * (promotion.more_orders if promotion else 1.0))
            customers = rng.binomial(orders, NEW_CUSTOMER_SHARE)
            if orders and not known:
                customers = max(customers, 1)
            known += customers
            office = is_working_day(day) * self.scale
            invoices = rng.poisson(INVOICES_A_WORKING_DAY * season(day) * office)
            rows.append((orders, customers, invoices, rng.poisson(CREDIT_NOTES_A_WORKING_DAY * office)))
        return np.array(rows, dtype=np.int64)

    @cached_property
    def _before(self) -> np.ndarray:
        """The same counts summed up over all days before."""
        return np.vstack([np.zeros((1, 4), dtype=np.int64), np.cumsum(self._counts, axis=0)])

    def _row(self, day: date) -> int:
        return (day - SHOP_OPENED).days

    def first_order_day(self, customer: int) -> date:
        """The day on which a web customer ordered for the first time."""
        row = int(np.searchsorted(self._before[:, 1], customer, side="right")) - 1
        return SHOP_OPENED + timedelta(days=row)

    def known_customers(self, day: date) -> int:
        """How many web customers there were before that day."""
        return int(self._before[self._row(day), 1])

    def recent_customers(self, day: date, rng: np.random.Generator, count: int) -> np.ndarray:
        """Web customers who come back on that day, rather the ones who came lately."""
        known = self.known_customers(day)
        if known == 0:
            return np.zeros(count, dtype=np.int64)
        ago = rng.exponential(420 * max(self.scale, 0.02), count).astype(np.int64)
        return known - 1 - ago % known

    # --- web shop -----------------------------------------------------------------------------------------------------

    def orders(self, day: date) -> list[Order]:
        """The web orders created on that day, in the order of their numbers."""
        if day not in self._orders:
            self._orders[day] = self._make_orders(day)
        return self._orders[day]

    def _make_orders(self, day: date) -> list[Order]:
        row = self._row(day)
        count, new = (int(value) for value in self._counts[row, :2])
        if count == 0:
            return []
        rng = stream(self.seed, "orders", day)
        customers = self.recent_customers(day, rng, count)
        newcomers = rng.permutation(count)[:new]
        customers[newcomers] = self.known_customers(day) + np.arange(new)

        hours = rng.choice(24, count, p=_HOURS / _HOURS.sum())
        # From 0:45, so that the visit that leads to an order lies within its day.
        wall = np.sort(np.clip(hours * 3600 + rng.integers(0, 3600, count), 2700, 86_300))
        created = to_epoch(day, wall)

        promotion = promotion_on(day)
        promoted = {article(name).index for name in promotion.article_names} if promotion else set()
        weights = self._popularity.copy()
        if promotion:
            weights[list(promoted)] *= promotion.uplift
        chosen = rng.choice(len(weights), (count, 4), p=weights / weights.sum())
        sizes = rng.choice([1, 2, 3, 4], count, p=[0.62, 0.25, 0.09, 0.04])
        quantities = 1 + rng.geometric(0.8, (count, 6))
        channels = rng.choice(len(ORDER_SHARES), count, p=ORDER_SHARES)
        chance = rng.random((count, 12))

        made = []
        for place in range(count):
            number = 1001 + int(self._before[row, 0]) + place
            basket = dict.fromkeys(chosen[place, : sizes[place]].tolist())
            lines = self._lines(day, list(basket), quantities[place].tolist(), chance[place, :3].tolist())
            goods = sum(line.price_cents * line.quantity for line in lines)
            code, discount = self._discount(lines, promotion, promoted, chance[place, 4])
            shipping = 0 if goods - discount >= FREE_SHIPPING_CENTS else SHIPPING_CENTS
            is_test, cancelled = bool(chance[place, 5] < 0.004), bool(chance[place, 5] > 0.982)
            by_staff = bool(chance[place, 6] < 0.07)
            to_month_end = (month_end(day) - day).days
            paid_after = min(int(1 + chance[place, 10] * 4), to_month_end) if by_staff else 0
            refund_after, refund = None, 0
            if not (is_test or cancelled) and chance[place, 7] < 0.04:
                refund_after = min(int(2 + chance[place, 8] * 12), to_month_end)
                whole = chance[place, 9] < 0.45
                dearest = max(line.price_cents for line in lines)
                refund = goods - discount + shipping if whole else min(dearest, goods - discount)
            made.append(
                Order(
                    number=number,
                    day=day,
                    created=int(created[place]),
                    customer=int(customers[place]),
                    lines=lines,
                    discount_code=code,
                    discount_cents=discount,
                    shipping_cents=shipping,
                    payment="bank deposit" if by_staff else pick(PAYMENTS, self.seed, "payment", number),
                    channel=None if by_staff or is_test else int(channels[place]),
                    is_test=is_test,
                    paid_after_days=paid_after,
                    sent_after_days=min(paid_after + int(1 + chance[place, 11] * 3), to_month_end),
                    cancelled=cancelled,
                    refund_after_days=refund_after,
                    refund_cents=refund,
                )
            )
        return made

    def _lines(self, day: date, basket: list[int], quantities: list[int], chance: list[float]) -> tuple[OrderLine, ...]:
        """The lines of an order for these articles, and for those that are bought with them."""
        for (first, second, probability), drawn in zip(self._pairs, chance, strict=True):
            if first in basket and second not in basket and drawn < probability:
                basket.append(second)
        lines = []
        for position, index in enumerate(basket):
            entry = self._articles[index]
            # Of small things people take some more.
            quantity = quantities[min(position, 5)] - (1 if entry.own_make else 0)
            lines.append(OrderLine(entry, quantity, gross_price_cents(entry, day)))
        return tuple(lines)

    def _discount(
        self, lines: tuple[OrderLine, ...], promotion: Promotion | None, promoted: set[int], chance: float
    ) -> tuple[str, int]:
        """Discount code and cents off: most who buy an article of the promotion use its code."""
        on_offer = sum(line.price_cents * line.quantity for line in lines if line.article.index in promoted)
        if promotion and on_offer and chance < 0.8:
            return promotion.code, rounded(on_offer * promotion.discount_pct, 100)
        goods = sum(line.price_cents * line.quantity for line in lines)
        return (NEWSLETTER_CODE, 500) if goods > 4000 and chance < 0.06 else ("", 0)

    # --- ERP ----------------------------------------------------------------------------------------------------------

    def _number_in_year(self, day: date, column: int) -> int:
        """How many invoices (2) or credit notes (3) there were in the year before that day."""
        return int(self._before[self._row(day), column] - self._before[self._row(date(day.year, 1, 1)), column])

    def invoices(self, day: date) -> list[Document]:
        """The invoices of that day."""
        if day not in self._invoices:
            self._invoices[day] = self._make_invoices(day)
        return self._invoices[day]

    def _make_invoices(self, day: date) -> list[Document]:
        count = int(self._counts[self._row(day), 2])
        customers = [entry for entry in self._customers if entry.since <= day]
        if count == 0 or not customers:
            return []
        rng = stream(self.seed, "invoices", day)
        weights = np.array([entry.weight for entry in customers])
        buyers = rng.choice(len(customers), count, p=weights / weights.sum())
        sizes = 1 + rng.binomial(5, 0.4, count)
        made = []
        for place in range(count):
            buyer = customers[buyers[place]]
            chosen = rng.choice(
                len(self._articles), sizes[place], replace=False, p=self._popularity / self._popularity.sum()
            )
            quantities = 1 + rng.negative_binomial(2, 0.2, sizes[place])
            lines = []
            for index, quantity in zip(chosen, quantities, strict=True):
                entry = self._articles[index]
                lines.append(
                    InvoiceLine(
                        article_number=entry.number,
                        article_name=entry.name,
                        unit=unit_on(entry, day),
                        quantity=int(quantity),
                        price_cents=net_price_cents(entry, day),
                        discount_pct=GROUP_DISCOUNT_PCT[buyer.group] + (5 if quantity >= 20 else 0),
                        vat_pct=VAT_PCT if buyer.place[0] == "DE" else 0,
                    )
                )
            number = self._number_in_year(day, 2) + place + 1
            made.append(
                Document(
                    number=f"RE{day:%y}{number:05d}",
                    is_credit_note=False,
                    day=day,
                    customer=buyer,
                    sales_person=SALES_PEOPLE[buyer.number % len(SALES_PEOPLE)],
                    lines=tuple(lines),
                )
            )
        return made

    def credit_notes(self, day: date) -> list[Document]:
        """The credit notes of that day, each for a line of an invoice of the weeks before."""
        made: list[Document] = []
        rng = stream(self.seed, "credit notes", day)
        for place in range(int(self._counts[self._row(day), 3])):
            before = day - timedelta(days=int(rng.integers(3, 20)))
            earlier = [invoice for back in range(10) for invoice in self.invoices(before - back * ONE_DAY)]
            if not earlier:
                continue
            invoice = earlier[int(rng.integers(len(earlier)))]
            line = invoice.lines[int(rng.integers(len(invoice.lines)))]
            back = InvoiceLine(
                article_number=line.article_number,
                article_name=line.article_name,
                unit=line.unit,
                quantity=int(rng.integers(1, line.quantity + 1)),
                price_cents=line.price_cents,
                discount_pct=line.discount_pct,
                vat_pct=line.vat_pct,
            )
            number = self._number_in_year(day, 3) + place + 1
            made.append(Document(f"GS{day:%y}{number:05d}", True, day, invoice.customer, invoice.sales_person, (back,)))
        return made

    # --- both ---------------------------------------------------------------------------------------------------------

    def units_sold(self, day: date) -> np.ndarray:
        """Units that left the store for the orders and invoices of that day, by index of the article."""
        if day not in self._units:
            units = np.zeros(len(self._articles), dtype=np.int64)
            for order in self.orders(day):
                if order.counts:
                    for line in order.lines:
                        units[line.article.index] += line.quantity
            by_number = {entry.number: entry.index for entry in self._articles}
            for invoice in self.invoices(day):
                for item in invoice.lines:
                    units[by_number[item.article_number]] += item.quantity
            self._units[day] = units
        return self._units[day]

    def units_between(self, first: date, last: date) -> np.ndarray:
        """units_sold, summed up from `first` to `last`, both included."""
        return sum((self.units_sold(day) for day in days_between(first, last)), np.zeros(len(self._articles), np.int64))
