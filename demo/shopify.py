"""The web shop's orders as the Shopify admin exports them (CSV).

What belongs here: the notation. What does not: the orders.
Format: 79 columns, comma, UTF-8, LF; columns of the order on its first row only; newest order first; postal codes and
telephone numbers with an apostrophe in front, which keeps spreadsheets from dropping zeros.
"""

import csv
import io
from datetime import date, timedelta

import numpy as np

from demo.company import VAT_PCT, VENDOR, web_customer
from demo.dates import local_time, to_epoch
from demo.money import dotted
from demo.output import Content
from demo.randomness import hashed, pick
from demo.sales import Order

_ADDRESS = ("Name", "Street", "Address1", "Address2", "Company", "City", "Zip", "Province", "Country", "Phone")
COLUMNS = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing",
    "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method",
    "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price", "Lineitem sku",
    "Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status",
    *(f"Billing {part}" for part in _ADDRESS), *(f"Shipping {part}" for part in _ADDRESS),
    "Notes", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor",
    "Outstanding Balance", "Employee", "Location", "Device ID", "Id", "Tags", "Risk Level", "Source",
    "Lineitem discount", "Tax 1 Name", "Tax 1 Value", "Tax 2 Name", "Tax 2 Value", "Tax 3 Name", "Tax 3 Value",
    "Tax 4 Name", "Tax 4 Value", "Tax 5 Name", "Tax 5 Value", "Phone", "Receipt Number", "Duties",
    "Billing Province Name", "Shipping Province Name", "Payment ID", "Payment Terms Name", "Next Payment Due At",
    "Payment References",
)  # fmt: skip
_TEST_PAYMENT = "(for testing) Bogus Gateway"
_METHODS = {
    "shopify_payments": "Shopify Payments",
    "paypal": "PayPal Express Checkout",
    "klarna": "Klarna",
    "bank deposit": "Bank Deposit",
}
_NOTES = ('Bitte beim Nachbarn abgeben, "Klingel Mitte".', "Lieferung erst ab 16 Uhr, danke!", "Als Geschenk verpacken")
_PROVINCES = {
    "Bayern": "BY", "Baden-Württemberg": "BW", "Sachsen": "SN", "Sachsen-Anhalt": "ST", "Thüringen": "TH",
    "Berlin": "BE", "Hamburg": "HH", "Schleswig-Holstein": "SH", "Bremen": "HB", "Niedersachsen": "NI",
    "Nordrhein-Westfalen": "NW", "Hessen": "HE", "Rheinland-Pfalz": "RP", "Saarland": "SL",
}  # fmt: skip


def _stamp(day: date, epoch: int) -> str:
    return f"{day} {' '.join(local_time(day, epoch))}"


def _later(order: Order, days: int, seconds: int) -> str:
    """`days` after the order, in the office's hours; on the same day, at most a minute after it."""
    if days == 0:
        return _stamp(order.day, order.created + min(seconds, 60))
    day = order.day + timedelta(days=days)
    return _stamp(day, int(to_epoch(day, np.array(9 * 3600 + seconds % (7 * 3600)))))


def _order_fields(order: Order, last_day: date, seed: int) -> dict[str, str]:
    customer = web_customer(order.customer)
    country, postal_code, city, province, _ = customer.place
    paid = order.day + timedelta(days=order.paid_after_days) <= last_day and not order.cancelled
    sent = order.day + timedelta(days=order.sent_after_days) <= last_day and order.counts and paid
    refunded = order.is_refunded(last_day)
    if order.cancelled:
        status = "voided"
    elif refunded:
        status = "refunded" if order.refund_cents == order.total_cents else "partially_refunded"
    else:
        status = "paid" if paid else "pending"
    fate = hashed(seed, "order", order.number)
    address = {
        "Name": customer.name,
        "Street": customer.street,
        "Address1": customer.street,
        "Company": customer.company,
        "City": city,
        "Zip": f"'{postal_code}",
        "Province": _PROVINCES.get(province, ""),
        "Country": country,
        "Phone": f"'{customer.phone}" if customer.phone else "",
    }
    province_name = province if country == "DE" else ""
    reference = f"r{fate % 10**12:012d}"
    return {
        "Name": order.name,
        "Email": customer.email,
        "Financial Status": status,
        "Paid at": _later(order, order.paid_after_days, 20) if paid else "",
        "Fulfillment Status": "fulfilled" if sent else "unfulfilled",
        "Fulfilled at": _later(order, order.sent_after_days, fate % 20_000 + 60) if sent else "",
        "Accepts Marketing": "yes" if customer.accepts_marketing else "no",
        "Currency": "EUR",
        "Subtotal": dotted(order.subtotal_cents),
        "Shipping": dotted(order.shipping_cents),
        "Taxes": dotted(order.tax_cents),
        "Total": dotted(order.total_cents),
        "Discount Code": order.discount_code,
        "Discount Amount": dotted(order.discount_cents),
        "Shipping Method": "Standardversand",
        "Created at": _stamp(order.day, order.created),
        **{f"Billing {part}": text for part, text in address.items()},
        **{f"Shipping {part}": text for part, text in address.items()},
        "Notes": pick(_NOTES, seed, "note", order.number) if fate % 17 == 0 else "",
        "Note Attributes": f"Geschenkverpackung: ja\nGrußkarte: Alles Gute!\nKunde: {order.customer}"
        if fate % 23 == 0
        else "",
        "Cancelled at": _later(order, 0, 45) if order.cancelled else "",
        "Payment Method": _TEST_PAYMENT if order.is_test else _METHODS[order.payment],
        "Payment Reference": reference,
        "Refunded Amount": dotted(order.refund_cents if refunded else 0),
        "Outstanding Balance": dotted(0 if paid or order.cancelled else order.total_cents),
        "Id": str(5_400_000_000_000 + order.number * 40_000 + fate % 40_000),
        "Tags": "Newsletter" if order.channel == 4 else "",
        "Risk Level": "Low",
        "Source": "shopify_draft_order" if order.payment == "bank deposit" else "web",
        "Tax 1 Name": f"DE MwSt {VAT_PCT}%",
        "Tax 1 Value": dotted(order.tax_cents),
        "Phone": f"'{customer.phone}" if customer.phone else "",
        "Billing Province Name": province_name,
        "Shipping Province Name": province_name,
        "Payment ID": reference,
        "Payment References": reference,
    }


def orders_file(orders: list[Order], last_day: date, seed: int) -> Content:
    """The export of these orders as they stand at the end of `last_day`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    rows = 0
    for order in reversed(orders):
        fields = _order_fields(order, last_day, seed)
        line_status = "fulfilled" if fields["Fulfillment Status"] == "fulfilled" else "pending"
        for line in order.lines:
            fields |= {
                "Lineitem quantity": str(line.quantity),
                "Lineitem name": line.article.name,
                "Lineitem price": dotted(line.price_cents),
                "Lineitem sku": line.article.number,
                "Lineitem requires shipping": "true",
                "Lineitem taxable": "true",
                "Lineitem fulfillment status": line_status,
                "Vendor": VENDOR,
                "Lineitem discount": "0.00",
            }
            writer.writerow(fields)
            rows += 1
            fields = {name: fields[name] for name in ("Name", "Email", "Created at")}
    return Content(text.getvalue().encode(), rows)
