"""Events of the web shop as the GA4 BigQuery export has them, as newline-delimited JSON.

What belongs here: the notation. What does not: the visits.
Format: numbers as text, parameters as a list of key and one of four values, no event without consent; source and
medium only with the first events of a visit, and none for direct visits. Prices of items include VAT.
The texts are put together from ready-made pieces of JSON: json.dumps of every event would take most of the demo's time.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from demo import dirty
from demo.channels import Channel
from demo.company import SHOP_HOST, VENDOR, Article, Place, gross_price_cents
from demo.money import dotted
from demo.output import Content
from demo.randomness import hashed
from demo.sales import Order
from demo.web import Device, Session, Visitor

STREAM_ID = "4711000815"
_COUNTRIES = {"DE": "Germany", "AT": "Austria"}
_ITEM_REST = (
    "item_refund_in_usd", "item_refund", "coupon", "affiliation", "location_id", "item_list_id", "item_list_name",
    "item_list_index", "promotion_id", "promotion_name", "creative_name", "creative_slot",
)  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# Where the value of a parameter stands, by its type.
_VALUES = {
    "string_value": '{"string_value":%s,"int_value":null,"float_value":null,"double_value":null}',
    "int_value": '{"string_value":null,"int_value":%s,"float_value":null,"double_value":null}',
    "double_value": '{"string_value":null,"int_value":null,"float_value":null,"double_value":%s}',
}
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def _parameter(key: str, kind: str, value: str | int) -> str:
    return f'{{"key":"{key}","value":{_VALUES[kind] % _quoted(str(value))}}}'


@dataclass(frozen=True, slots=True)
class AnalyticsDay:
    """A day's file, and what can be seen in it."""

    content: Content
    sessions: int
    purchases: dict[str, str]
    """Name of the order: name of the channel, for every order that is seen."""
    purchase_events: int
    session_channels: tuple[str, ...]


def _user(visitor: Visitor) -> str:
    """The part of an event that says who it was."""
    return (
        f'"user_pseudo_id":"{visitor.client_id}",'
        '"privacy_info":{"analytics_storage":"Yes","ads_storage":"Yes","uses_transient_token":"No"},'
        f'"user_properties":[],"user_first_touch_timestamp":"{visitor.first_touch}000000",'
        '"user_ltv":{"revenue":"0.0","currency":"EUR"},'
    )


@cache
def _circumstances(device: Device, place: Place, first_channel: Channel) -> str:
    """The part of an event that says with what, from where and how first."""
    country, _, city, region, _ = place
    facts = {
        "device": {
            "category": device.category, "mobile_brand_name": device.brand, "mobile_model_name": device.model,
            "mobile_marketing_name": None, "mobile_os_hardware_model": None, "operating_system": device.system,
            "operating_system_version": device.system_version, "vendor_id": None, "advertising_id": None,
            "language": "de-at" if country == "AT" else "de-de", "is_limited_ad_tracking": "No",
            "time_zone_offset_seconds": None, "browser": None, "browser_version": None,
            "web_info": {"browser": device.browser, "browser_version": device.browser_version, "hostname": SHOP_HOST},
        },
        "geo": {
            "city": city, "country": _COUNTRIES[country], "continent": "Europe", "region": region,
            "sub_continent": "Western Europe", "metro": "(not set)",
        },
        "app_info": None,
        "traffic_source": {
            "name": _campaign(first_channel), "medium": first_channel.medium,
            "source": first_channel.source,
        },
        "stream_id": STREAM_ID,
        "platform": "WEB",
        "event_dimensions": None,
    }  # fmt: skip
    return _json(facts)[1:-1]


def _campaign(channel: Channel) -> str:
    names = {"organic": "(organic)", "referral": "(referral)", "(none)": "(direct)"}
    return channel.campaign or names[channel.medium]


def _collected(session: Session) -> str:
    channel = session.channel
    if channel.medium == "(none)":
        return "null"
    _, _, click = session.query.partition("gclid=")
    return _json(
        {
            "manual_campaign_id": None,
            "manual_campaign_name": _campaign(channel),
            "manual_source": channel.source,
            "manual_medium": channel.medium,
            "manual_term": "(not provided)" if channel.medium == "organic" else None,
            "manual_content": None,
            "gclid": click or None,
            "dclid": None,
            "srsltid": None,
        }
    )


class _Items:
    """Articles as `items`, made once for each article, price and quantity of a day."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._texts: dict[tuple[int, int, bool], str] = {}

    def text(self, entry: Article, quantity: int, bought: bool) -> str:
        key = (entry.index, quantity, bought)
        if key not in self._texts:
            price = gross_price_cents(entry, self._day)
            item: dict[str, object] = {
                "item_id": entry.number,
                "item_name": entry.name,
                "item_brand": VENDOR,
                "item_variant": None,
                "item_category": entry.group,
                **{f"item_category{number}": None for number in range(2, 6)},
                "price_in_usd": None,
                "price": dotted(price),
                "quantity": str(quantity),
                "item_revenue_in_usd": None,
                "item_revenue": dotted(price * quantity) if bought else None,
                **dict.fromkeys(_ITEM_REST),
                "item_params": [],
            }
            self._texts[key] = _json(item)
        return self._texts[key]


def _ecommerce(session: Session) -> str:
    order = session.order
    assert order is not None
    return _json(
        {
            "total_item_quantity": str(sum(line.quantity for line in order.lines)),
            "purchase_revenue_in_usd": None,
            "purchase_revenue": dotted(order.total_cents),
            "refund_value_in_usd": None,
            "refund_value": None,
            "shipping_value_in_usd": None,
            "shipping_value": dotted(order.shipping_cents),
            "tax_value_in_usd": None,
            "tax_value": dotted(order.tax_cents),
            "unique_items": str(len(order.lines)),
            "transaction_id": order.name,
        }
    )


def _events(session: Session, items: _Items) -> Iterator[tuple[str, int, int, str, str]]:
    """Name, place of the step, milliseconds after it, `ecommerce` and `items` of each event of a visit."""
    yield "session_start", 0, 0, "null", ""
    quantities = dict(session.basket)
    basket = ",".join(items.text(entry, quantity, False) for entry, quantity in session.basket)
    for place, step in enumerate(session.steps):
        yield "page_view", place, 1, "null", ""
        if step.article:
            yield "view_item", place, 310, "null", items.text(step.article, 1, False)
            if step.adds:
                yield "add_to_cart", place, 3120, "null", items.text(step.article, quantities[step.article], False)
        if step.kind == "checkout":
            yield "begin_checkout", place, 420, "null", basket
        if step.kind == "thanks":
            bought = ",".join(items.text(entry, quantity, True) for entry, quantity in session.basket)
            yield "purchase", place, 530, _ecommerce(session), bought


def _pages(session: Session, own: str) -> list[str]:
    """The parameters that all events on a page share, for each step."""
    source = ""
    if session.channel.medium != "(none)":
        named = (
            ("source", session.channel.source),
            ("medium", session.channel.medium),
            ("campaign", _campaign(session.channel)),
        )
        source = "".join("," + _parameter(key, "string_value", value) for key, value in named)
    pages = []
    referrer = session.channel.referrer
    for place, step in enumerate(session.steps):
        location = f"https://{SHOP_HOST}{step.path}{'' if place else session.query}"
        parts = [own, _parameter("page_location", "string_value", location)]
        parts.append(_parameter("page_title", "string_value", step.title))
        if referrer:
            parts.append(_parameter("page_referrer", "string_value", referrer))
        pages.append(",".join(parts) + ("" if place else source))
        referrer = location
    return pages


def _deal(order: Order) -> str:
    """The parameters of a purchase."""
    facts = (
        ("transaction_id", "string_value", order.name),
        ("value", "double_value", dotted(order.total_cents)),
        ("currency", "string_value", "EUR"),
    )
    return "".join("," + _parameter(*fact) for fact in facts)


def _session_lines(session: Session, stamp: str, items: _Items, seed: int) -> Iterator[tuple[int, str]]:
    """Microsecond and text of each event of a visit."""
    visitor = session.visitor
    user = _user(visitor) + _circumstances(visitor.device, visitor.place, visitor.first_channel)
    own = ",".join(
        (
            _parameter("ga_session_id", "int_value", session.start),
            _parameter("ga_session_number", "int_value", session.number),
            _parameter("session_engaged", "string_value", int(len(session.steps) > 1)),
        )
    )
    arrival = _collected(session)
    pages = _pages(session, own)
    number = hashed(seed, visitor.client_id, session.start)
    for count, (name, place, delay, ecommerce, bought) in enumerate(_events(session, items)):
        at = session.steps[place].at * 1_000_000 + delay * 1000 + number % 400_000
        parameters = pages[place]
        if name == "page_view" and place == 0:
            parameters += "," + _parameter("entrances", "int_value", 1)
        elif name == "purchase" and session.order:
            parameters += _deal(session.order)
        elif count:
            parameters += "," + _parameter("engagement_time_msec", "int_value", 900 + (number >> count) % 30_000)
        yield (
            at,
            f'{{"event_date":"{stamp}","event_timestamp":"{at}","event_name":"{name}","event_params":[{parameters}],'
            '"event_previous_timestamp":null,"event_value_in_usd":null,'
            f'"event_bundle_sequence_id":"{(number >> 8) % 2**31 + count}",'
            f'"event_server_timestamp_offset":null,"user_id":null,{user},'
            f'"ecommerce":{ecommerce},"items":[{bought}],'
            f'"collected_traffic_source":{"null" if place else arrival},"is_active_user":"true"}}',
        )


def events_file(sessions: list[Session], day: date, seed: int, path: str) -> AnalyticsDay:
    """The events of a day's visits, as far as visitors agreed to being counted."""
    items = _Items(day)
    stamp = f"{day:%Y%m%d}"
    seen = [session for session in sessions if session.visitor.consents]
    lines = [line for session in seen for line in _session_lines(session, stamp, items, seed)]
    lines.sort(key=lambda line: line[0])
    text = "".join(line + "\n" for _, line in lines)
    rows = len(lines)
    broken: tuple[dirty.Dirty, ...] = ()
    if dirty.is_dirty_analytics_day(day) and lines:
        text += lines[-1][1][:700]
        rows += 1
        broken = (dirty.found("ga4", path, rows, dirty.CUT_LINE),)
    bought = [(session.order.name, session.channel.name) for session in seen if session.order]
    return AnalyticsDay(
        content=Content(text.encode(), rows, broken),
        sessions=len(seen),
        purchases=dict(bought),
        purchase_events=sum(step.kind == "thanks" for session in seen for step in session.steps),
        session_channels=tuple(session.channel.name for session in seen),
    )
