"""What happens in the web shop on a day: visits, step by step, and what advertising costs.

What belongs here: visits and visitors. What does not: how analytics, the web server or the platforms note them.
Every order that a visitor places ends a visit in which each of its articles was looked at.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from demo.channels import CHANNELS, IDLE_SHARES, SESSIONS_A_DAY, Channel
from demo.company import VENDOR, WEB_PLACES, Article, Place, articles, slug, web_customer
from demo.dates import WEB_WEEKDAY, growth, season, to_epoch
from demo.money import rounded
from demo.randomness import fraction, hashed, pick, stream
from demo.sales import Order, Sales

CONSENT_SHARE = 0.85
RETURNING_SHARE = 0.25
# One order page in this many is loaded a second time, which counts the purchase twice in analytics.
RELOADED_EVERY = 40

_HOURS = np.array([2, 1, 0.5, 0.3, 0.3, 0.6, 2, 4, 5, 6, 6, 6, 6, 5, 5, 6, 6, 7, 8, 10, 11, 9, 5, 0.5])


@dataclass(frozen=True, slots=True)
class Device:
    category: str
    brand: str
    model: str | None
    system: str
    system_version: str
    browser: str
    browser_version: str
    user_agent: str


_MOZILLA = "Mozilla/5.0 "
_WEBKIT = " AppleWebKit/537.36 (KHTML, like Gecko) "
_APPLE = " AppleWebKit/605.1.15 (KHTML, like Gecko) "
DEVICES: tuple[Device, ...] = (
    Device("mobile", "Apple", "iPhone", "iOS", "iOS 18.6", "Safari", "18.6",
           f"{_MOZILLA}(iPhone; CPU iPhone OS 18_6 like Mac OS X){_APPLE}Version/18.6 Mobile/15E148 Safari/604.1"),
    Device("mobile", "Samsung", "SM-S921B", "Android", "Android 15", "Chrome", "141.0.0.0",
           f"{_MOZILLA}(Linux; Android 10; K){_WEBKIT}Chrome/141.0.0.0 Mobile Safari/537.36"),
    Device("mobile", "Google", "Pixel 8", "Android", "Android 16", "Firefox", "143.0",
           f"{_MOZILLA}(Android 16; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0"),
    Device("desktop", "Microsoft", None, "Windows", "Windows 11", "Edge", "141.0.0.0",
           f"{_MOZILLA}(Windows NT 10.0; Win64; x64){_WEBKIT}Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"),
    Device("desktop", "Microsoft", None, "Windows", "Windows 10", "Firefox", "143.0",
           f"{_MOZILLA}(Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"),
    Device("desktop", "Apple", None, "Macintosh", "Macintosh Intel 10.15", "Safari", "18.6",
           f"{_MOZILLA}(Macintosh; Intel Mac OS X 10_15_7){_APPLE}Version/18.6 Safari/605.1.15"),
    Device("tablet", "Apple", "iPad", "iOS", "iOS 18.5", "Safari", "18.5",
           f"{_MOZILLA}(iPad; CPU OS 18_5 like Mac OS X){_APPLE}Version/18.5 Mobile/15E148 Safari/604.1"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser. `first_touch` is the second (since 1970, UTC) of its first visit."""

    client_id: str
    first_touch: int
    first_channel: Channel
    address: str
    device: Device
    place: Place
    consents: bool
    """Whether analytics may see it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A page that is looked at. `at` in seconds since 1970, UTC."""

    at: int
    kind: str
    """home, collection, product, cart, checkout or thanks"""
    path: str
    title: str
    article: Article | None = None
    adds: bool = False
    """Whether the article is put into the basket."""


@dataclass(frozen=True, slots=True)
class Session:
    visitor: Visitor
    number: int
    """The how-manieth visit of this visitor it is."""
    channel: Channel
    query: str
    """What follows the path of the first page, such as `?utm_source=…`."""
    steps: tuple[Step, ...]
    basket: tuple[tuple[Article, int], ...]
    order: Order | None

    @property
    def start(self) -> int:
        return self.steps[0].at


@dataclass(frozen=True, slots=True)
class AdDay:
    """What a campaign cost and brought on a day."""

    channel: Channel
    impressions: int
    clicks: int
    cost_cents: int
    conversions: int


def visit_start(seed: int, order: Order) -> int:
    """When the visit began that led to the order: 5 to 29 minutes before it."""
    return order.created - 300 - hashed(seed, "visit", order.number) % 1440


def _title(text: str) -> str:
    return f"{text} – {VENDOR}"


_HOME = ("home", "/", _title("Leuchten aus eigener Werkstatt"))
_CART = ("cart", "/cart", _title("Warenkorb"))
_CHECKOUT = ("checkout", "/checkout", _title("Kasse"))


def _address(number: int) -> str:
    """An address from the ranges for documentation and for benchmarks, which belong to nobody."""
    if number % 5 == 0:
        return f"2001:db8:{number >> 8 & 0xFFFF:x}:{number >> 24 & 0xFFFF:x}::{(number >> 40 & 0xFFFF) + 1:x}"
    return f"198.{18 + (number >> 8 & 1)}.{number >> 16 & 0xFF}.{1 + (number >> 24) % 254}"


class Web:
    """All visits up to the last day of `sales`. Every answer is a function of (seed, scale, day)."""

    def __init__(self, seed: int, scale: float, sales: Sales) -> None:
        self.seed = seed
        self.scale = scale
        self.sales = sales
        self._articles = articles()
        weights = np.array([entry.popularity for entry in self._articles])
        self._weights = weights / weights.sum()
        self._first_orders: dict[int, Order] = {}

    # --- visits -------------------------------------------------------------------------------------------------------

    def _idle_visits(self, day: date) -> np.ndarray:
        """Visits without an order, by channel."""
        rate = SESSIONS_A_DAY * season(day) * WEB_WEEKDAY[day.weekday()] * growth(day) * self.scale
        return stream(self.seed, "visits", day).poisson(IDLE_SHARES * rate)

    def sessions(self, day: date) -> list[Session]:
        """The visits of that day, in the order in which they begin."""
        made = [self._buying(order) for order in self.sales.orders(day) if order.channel is not None]
        channels = np.repeat(np.arange(len(CHANNELS)), self._idle_visits(day))
        count = len(channels)
        rng = stream(self.seed, "idle visits", day)
        wall = np.minimum(rng.choice(24, count, p=_HOURS / _HOURS.sum()) * 3600 + rng.integers(0, 3600, count), 83_400)
        starts = to_epoch(day, wall)
        returning = rng.random(count) < RETURNING_SHARE
        customers = self.sales.recent_customers(day, rng, count)
        known = self.sales.known_customers(day)
        viewed = rng.choice(len(self._articles), (count, 6), p=self._weights)
        views = rng.choice(6, count, p=[0.30, 0.28, 0.18, 0.12, 0.08, 0.04])
        chance = rng.random((count, 4))
        dwell = np.clip(rng.exponential(45, (count, 20)), 4, 120).astype(np.int64)
        for place in range(count):
            channel = CHANNELS[channels[place]]
            start = int(starts[place])
            if returning[place] and known:
                visitor, number = self._customer_visit(int(customers[place]), day, None)
            else:
                visitor, number = self._stranger(day, place, start, channel), 1
            looked_at = [self._articles[index] for index in dict.fromkeys(viewed[place, : views[place]].tolist())]
            made.append(self._idle(visitor, number, channel, start, looked_at, chance[place], dwell[place]))
        return sorted(made, key=lambda session: (session.start, session.visitor.client_id))

    def _idle(
        self,
        visitor: Visitor,
        number: int,
        channel: Channel,
        start: int,
        looked_at: list[Article],
        chance: np.ndarray,
        dwell: np.ndarray,
    ) -> Session:
        pages = self._way(looked_at, chance[0])
        basket: tuple[tuple[Article, int], ...] = ()
        if looked_at and chance[1] < 0.22:
            # The last article goes into the basket; half of those look into it, a third of these go to the till.
            pages[-1] = (*pages[-1][:4], True)
            basket = ((looked_at[-1], 1 if looked_at[-1].own_make else 2),)
            if chance[2] < 0.55:
                pages.append((*_CART, None, False))
                if chance[3] < 0.5:
                    pages.append((*_CHECKOUT, None, False))
        times = [start, *(start + np.cumsum(dwell)[: len(pages) - 1]).tolist()]
        steps = tuple(Step(at, *page) for at, page in zip(times, pages, strict=True))
        return Session(visitor, number, channel, self._query(channel, start), steps, basket, None)

    def _way(self, looked_at: list[Article], chance: float) -> list[tuple[str, str, str, Article | None, bool]]:
        """The pages to these articles: some arrive at home, some at a group of articles, some at the article."""
        pages: list[tuple[str, str, str, Article | None, bool]] = []
        if chance < 0.4 or not looked_at:
            pages.append((*_HOME, None, False))
        group = None
        for position, entry in enumerate(looked_at):
            if entry.group != group and (position or chance < 0.75):
                path = f"/collections/{slug(entry.group)}"
                pages.append(("collection", path, _title(entry.group), None, False))
            group = entry.group
            pages.append(("product", entry.path, _title(entry.name), entry, False))
        return pages

    def _buying(self, order: Order) -> Session:
        assert order.channel is not None
        channel = CHANNELS[order.channel]
        chance = fraction(self.seed, "way", order.number)
        pages = [(*page[:4], page[3] is not None) for page in self._way([line.article for line in order.lines], chance)]
        pages += [(*_CART, None, False), (*_CHECKOUT, None, False)]
        start = visit_start(self.seed, order)
        times = [start + (order.created - start) * place // len(pages) for place in range(len(pages))]
        steps = [Step(at, *page) for at, page in zip(times, pages, strict=True)]
        thanks = Step(order.created + 2, "thanks", f"/checkout/danke?bestellung={order.number}", _title("Vielen Dank"))
        steps.append(thanks)
        if hashed(self.seed, "reload", order.number) % RELOADED_EVERY == 0:
            again = thanks.at + 20 + hashed(self.seed, "reload after", order.number) % 60
            steps.append(Step(again, thanks.kind, thanks.path, thanks.title))
        visitor, number = self._customer_visit(order.customer, order.day, order)
        basket = tuple((line.article, line.quantity) for line in order.lines)
        return Session(visitor, number, channel, self._query(channel, start), tuple(steps), basket, order)

    def _query(self, channel: Channel, start: int) -> str:
        if not channel.campaign:
            return ""
        query = f"?utm_source={channel.source}&utm_medium={channel.medium}&utm_campaign={channel.campaign}"
        click = f"{hashed(self.seed, channel.campaign, start):016x}"
        return query + {"google": f"&gclid=Cj0{click}", "facebook": f"&fbclid=IwAR{click}"}.get(channel.source, "")

    # --- visitors -----------------------------------------------------------------------------------------------------

    def _visitor(self, key: str, first_touch: int, first_channel: Channel, place: Place) -> Visitor:
        return Visitor(
            client_id=f"{hashed(self.seed, 'client', key) % 2**31}.{first_touch}",
            first_touch=first_touch,
            first_channel=first_channel,
            address=_address(hashed(self.seed, "address", key)),
            device=pick(DEVICES, self.seed, "device", key),
            place=place,
            consents=fraction(self.seed, "consent", key) < CONSENT_SHARE,
        )

    def _stranger(self, day: date, place: int, start: int, channel: Channel) -> Visitor:
        key = f"{day}/{place}"
        return self._visitor(key, start, channel, pick(WEB_PLACES, self.seed, "visitor place", key))

    def _customer_visit(self, customer: int, day: date, order: Order | None) -> tuple[Visitor, int]:
        """The browser of a web customer, and how many visits it has made with this one."""
        first = self._first_order(customer)
        channel = CHANNELS[first.channel if first.channel is not None else customer % len(CHANNELS)]
        visitor = self._visitor(f"c{customer}", visit_start(self.seed, first), channel, web_customer(customer).place)
        if order is not None and order.number == first.number:
            return visitor, 1
        return visitor, 2 + (day - first.day).days // 9

    def _first_order(self, customer: int) -> Order:
        if customer not in self._first_orders:
            # Of this customer only: others who order on that day may have ordered before.
            orders = self.sales.orders(self.sales.first_order_day(customer))
            self._first_orders[customer] = next(order for order in orders if order.customer == customer)
        return self._first_orders[customer]

    # --- advertising --------------------------------------------------------------------------------------------------

    def ads(self, day: date) -> list[AdDay]:
        """A row for each campaign that is paid for; a few clicks never become a visit."""
        idle = self._idle_visits(day)
        orders = [order.channel for order in self.sales.orders(day)]
        rng = stream(self.seed, "ads", day)
        made = []
        for number, channel in enumerate(CHANNELS):
            if channel.platform is None:
                continue
            conversions = orders.count(number)
            visits = int(idle[number]) + conversions
            clicks = visits + int(rng.binomial(visits, 0.12))
            price = int(channel.cost_a_click_cents * 1000 * rng.uniform(0.9, 1.1))
            impressions = rounded(int(clicks * 1000 * rng.uniform(0.9, 1.1)), int(channel.clicks_per_impression * 1000))
            made.append(AdDay(channel, impressions, clicks, rounded(clicks * price, 1000), conversions))
        return made
