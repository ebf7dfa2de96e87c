"""Orders, refunds, invoices and credit notes as the APIs of shops and of Lexware Office return them.

The fixtures are written after the vendors' documentation, for companies that do not exist.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.contract_files import load_contract_file
from tests.company import Company
from tests.landing_zone import LandingZone, shipped

Line = dict[str, Any]


def shopify_line(number: int, price: str, quantity: int = 1, **more: Any) -> Line:
    return {"id": number, "sku": f"LA-{number}", "name": f"Lampe {number}", "title": f"Lampe {number}", "price": price,
            "quantity": quantity, "product_id": 7, "variant_id": number, "taxable": True, "gift_card": False,
            "discount_allocations": [], "tax_lines": [], **more}  # fmt: skip


def tax(price: str, rate: float = 0.19) -> Line:
    return {"price": price, "rate": rate, "title": "MwSt"}


def shopify_order(number: int, total: str, total_tax: str, lines: list[Line], **more: Any) -> Line:
    return {"id": 5_000_000_000_000 + number, "name": f"#{number}", "created_at": "2026-10-20T23:30:00+02:00",
            "updated_at": "2026-10-21T08:00:00+02:00", "financial_status": "paid", "test": False, "currency": "EUR",
            "taxes_included": True, "total_price": total, "total_tax": total_tax, "total_discounts": "0.00",
            "email": "Eva@Example.com", "source_name": "web", "line_items": lines, "shipping_lines": [],
            "refunds": [], **more}  # fmt: skip


REFUND = {
    "id": 9001,
    "order_id": 5_000_000_002_001,
    "created_at": "2026-10-25T02:30:00+01:00",
    "refund_line_items": [
        {"quantity": 1, "subtotal": 53.91, "total_tax": 8.61, "line_item": shopify_line(1, "59.90", 2)},
    ],
    "order_adjustments": [{"kind": "shipping_refund", "amount": "-4.12", "tax_amount": "-0.78"}],
    "transactions": [
        {"kind": "refund", "status": "failure", "amount": "58.81", "currency": "EUR"},
        {"kind": "refund", "status": "success", "amount": "58.81", "currency": "EUR"},
    ],
}
SHOPIFY_ORDERS = {
    "orders": [
        shopify_order(
            2001,
            "114.72",
            "17.99",
            [shopify_line(1, "59.90", 2, discount_allocations=[{"amount": "11.98"}], tax_lines=[tax("17.21")])],
            shipping_lines=[{"title": "DHL", "price": "4.90", "tax_lines": [tax("0.78")]}],
            total_discounts="11.98",
            total_tip_received="2.00",
            refunds=[REFUND],
        ),
        shopify_order(2002, "59.90", "9.56", [shopify_line(1, "59.90", tax_lines=[tax("9.56")])], test=True),
        shopify_order(2003, "59.90", "9.56", [shopify_line(1, "59.90", tax_lines=[tax("9.56")])],
                      cancelled_at="2026-10-22T10:00:00+02:00"),
        shopify_order(2004, "25.00", "0.00", []),
        shopify_order(2005, "10.00", "1.60", [shopify_line(2, "10.00", tax_lines=[tax("1.60")])], currency="XTS"),
        shopify_order(
            2006,
            "181.00",
            "21.00",
            [
                shopify_line(3, "50.00", tax_lines=[tax("9.50")]),
                shopify_line(4, "60.00", sku="", tax_lines=[tax("11.50", 0.07)]),
                shopify_line(5, "50.00", gift_card=True, taxable=False),
            ],
            taxes_included=False,
        ),
        # Without allocations and taxes of lines, as years ago: 90.00 less 10.00, of which 12.77 are tax.
        shopify_order(
            2007,
            "80.00",
            "12.77",
            [
                {"id": 1, "sku": "A", "name": "A", "price": "30.00", "quantity": 2, "taxable": True},
                {"id": 2, "sku": "B", "name": "B", "price": "30.00", "quantity": 1, "taxable": True},
            ],
            total_discounts="10.00",
        ),
    ]
}  # fmt: skip
SHOPIFY_REFUNDS = [
    REFUND,
    {"id": 9002, "order_id": 1, "created_at": "2026-10-26T09:00:00+01:00", "order_adjustments": [], "transactions": [],
     "refund_line_items": [{"quantity": 2, "subtotal": "20.00", "total_tax": "3.80",
                            "line_item": shopify_line(2, "10.00")}]},
]  # fmt: skip


def woo_order(number: int, total: str, total_tax: str, status: str, lines: list[Line], **more: Any) -> Line:
    return {"id": number, "number": str(number), "status": status, "currency": "EUR",
            "date_created": "2026-10-31T23:30:00", "date_created_gmt": "2026-10-31T22:30:00",
            "date_modified_gmt": "2026-11-02T10:00:00", "total": total, "total_tax": total_tax,
            "prices_include_tax": True, "customer_id": 0,
            "billing": {"first_name": "Max", "last_name": "Muster", "email": "max@example.com", "country": "AT"},
            "shipping": {"country": "DE"}, "line_items": lines, "shipping_lines": [], "fee_lines": [],
            "tax_lines": [{"rate_id": 1, "rate_percent": 19}, {"rate_id": 2, "rate_percent": 7}],
            "refunds": [], "_links": {"self": [{"href": f"https://a.example/wp-json/wc/v3/orders/{number}"}]},
            **more}  # fmt: skip


def woo_line(number: int, total: str, total_tax: str, rate: int = 1, quantity: int = 1, sku: str = "") -> Line:
    return {"id": number, "name": f"Vase {number}", "product_id": number, "variation_id": 0, "quantity": quantity,
            "total": total, "total_tax": total_tax, "sku": sku,
            "taxes": [{"id": rate, "total": total_tax}]}  # fmt: skip


WOO_ORDERS = [
    woo_order(
        100,
        "124.05",
        "18.05",
        "completed",
        [woo_line(11, "84.03", "15.97", quantity=2, sku="V-11"), woo_line(12, "20.00", "1.40", rate=2)],
        shipping_lines=[{"method_title": "DPD", "total": "5.88", "total_tax": "1.12", "taxes": [{"id": 1}]}],
        fee_lines=[{"name": "Treuerabatt", "total": "-3.91", "total_tax": "-0.44"}],
        refunds=[{"id": 201, "reason": "", "total": "-50.00"}, {"id": 202, "reason": "", "total": "-5.00"}],
    ),
    woo_order(101, "10.00", "1.60", "pending", [woo_line(11, "8.40", "1.60")]),
    woo_order(102, "10.00", "1.60", "cancelled", [woo_line(11, "8.40", "1.60")]),
    woo_order(103, "10.00", "1.60", "on-hold", [woo_line(11, "8.40", "1.60")]),
]
# Another shop with the same numbers.
WOO_2_ORDERS = woo_order(100, "11.90", "1.90", "completed", [woo_line(11, "10.00", "1.90")],
                         _links={"self": [{"href": "https://b.example/wp-json/wc/v3/orders/100"}]})  # fmt: skip
WOO_REFUNDS = [
    {"id": 201, "date_created_gmt": "2026-11-05T23:30:00", "amount": "50.00",
     "line_items": [{**woo_line(11, "-42.02", "-7.98", sku="V-11"), "quantity": -1},
                    {**woo_line(12, "0.00", "0.00"), "quantity": 0}],
     "_links": {"up": [{"href": "https://a.example/wp-json/wc/v3/orders/100"}]}},
]  # fmt: skip


def shopware_order(number: int, total: float, net: float, lines: list[Line], state: str = "open", **more: Any) -> Line:
    return {"id": f"{number:032x}", "orderNumber": str(number), "orderDateTime": "2026-03-29T00:30:00.000+00:00",
            "createdAt": "2026-03-29T00:30:00.000+00:00", "updatedAt": None, "amountTotal": total, "amountNet": net,
            "taxStatus": "gross", "stateMachineState": {"technicalName": state}, "currency": {"isoCode": "EUR"},
            "orderCustomer": {"customerNumber": "10001", "email": None, "firstName": "Ida", "lastName": "Beispiel"},
            "salesChannel": {"translated": {"name": "Storefront"}}, "lineItems": lines, "transactions": [],
            "shippingCosts": {"totalPrice": 0, "calculatedTaxes": []}, **more}  # fmt: skip


def shopware_line(kind: str, total: float, taxes: float, quantity: int = 1, **more: Any) -> Line:
    return {"id": "a", "type": kind, "label": kind, "quantity": quantity, "totalPrice": total, "parentId": None,
            "payload": {"productNumber": "SW-1"} if kind == "product" else None,
            "price": {"calculatedTaxes": [{"tax": taxes, "taxRate": 19, "price": total}]}, **more}  # fmt: skip


def paid(state: str) -> list[Line]:
    return [{"stateMachineState": {"technicalName": state}, "amount": {"totalPrice": 1.0},
             "createdAt": "2026-03-29T00:31:00.000+00:00", "updatedAt": "2026-04-02T08:00:00.000+00:00"}]  # fmt: skip


SHOPWARE_ORDERS = {
    "total": 5,
    "data": [
        shopware_order(
            10001,
            103.99,
            87.39,
            [
                shopware_line("product", 119.0, 19.0, quantity=2),
                shopware_line("product", 50.0, 7.98, parentId="a"),
                shopware_line("promotion", -10.0, -1.6),
                shopware_line("credit", -10.0, -1.6, createdAt="2026-04-01T08:00:00.000+00:00"),
            ],
            shippingCosts={"totalPrice": 4.99, "calculatedTaxes": [{"tax": 0.8, "taxRate": 19}]},
        ),
        shopware_order(10002, 11.9, 10.0, [shopware_line("product", 11.9, 1.9)], "cancelled"),
        shopware_order(10003, 11.9, 10.0, [shopware_line("product", 11.9, 1.9)], transactions=paid("refunded")),
        shopware_order(10004, 11.9, 10.0, [shopware_line("product", 11.9, 1.9)],
                       transactions=paid("refunded_partially")),
        shopware_order(10005, 119.0, 100.0, [shopware_line("product", 100.0, 19.0)], taxStatus="net"),
    ],
}  # fmt: skip


def lexware_line(amount: float | None, rate: float | None, kind: str = "custom", quantity: float = 1) -> Line:
    if kind == "text":
        return {"type": "text", "name": "Hinweis", "description": "Lieferung frei Haus"}
    return {"type": kind, "id": "97b98491" if kind == "material" else None, "name": "Leuchte", "quantity": quantity,
            "unitName": "Stück", "unitPrice": {"currency": "EUR", "taxRatePercentage": rate},
            "lineItemAmount": amount}  # fmt: skip


def voucher(
    number: str, totals: tuple[float, float, float], kind: str, lines: list[Line], taxes: list[Line], **more: Any
) -> Line:
    net, vat, gross = totals
    document = {"id": f"id-{number}", "voucherStatus": "open", "voucherNumber": number,
                "voucherDate": "2026-07-01T00:00:00.000+02:00", "updatedDate": "2026-07-01T12:00:00.000+02:00",
                "address": {"contactId": "c-1", "name": "Bike & Ride GmbH", "zip": "79112", "countryCode": "DE"},
                "lineItems": lines, "taxAmounts": taxes, "taxConditions": {"taxType": kind},
                "totalPrice": {"currency": "EUR", "totalNetAmount": net, "totalTaxAmount": vat,
                               "totalGrossAmount": gross, **more.pop("discount", {})},
                "shippingConditions": {"shippingType": "delivery"}, **more}  # fmt: skip
    return {key: value for key, value in document.items() if value is not None}


def at_rate(rate: float, net: float, vat: float) -> Line:
    return {"taxRatePercentage": rate, "netAmount": net, "taxAmount": vat}


INVOICES = [
    voucher("RE1", (90.00, 14.94, 104.94), "net",
            [lexware_line(33.33, 19, "material"), lexware_line(33.34, 19), lexware_line(None, None, "text"),
             lexware_line(33.33, 7, quantity=3)],
            [at_rate(19, 60.0, 11.4), at_rate(7, 30.0, 3.54)], discount={"totalDiscountPercentage": 10.0}),
    voucher("RE2", (100.0, 19.0, 119.0), "gross", [lexware_line(119.0, 19)], [at_rate(19, 100.0, 19.0)],
            voucherStatus="draft"),
    voucher("RE3", (200.0, 0.0, 200.0), "intraCommunitySupply", [lexware_line(200.0, 0)], [at_rate(0, 200.0, 0.0)]),
    voucher("RE4", (100.0, 19.0, 119.0), "gross", [lexware_line(119.0, 19)], [at_rate(19, 100.0, 19.0)],
            voucherStatus="voided"),
]  # fmt: skip
CREDIT_NOTE = voucher("GS1", (50.42, 9.58, 60.0), "gross", [lexware_line(20.0, 19, quantity=2), lexware_line(40.0, 19)],
                      [at_rate(19, 50.42, 9.58)], shippingConditions=None)  # fmt: skip

SHOPIFY_PRODUCTS = {
    "products": [
        {"id": 7, "title": "Lampe", "product_type": "Leuchten", "variants": [
            {"id": 1, "sku": "LA-1", "title": "rot", "price": "59.90", "inventory_quantity": 3,
             "updated_at": "2026-10-01T10:00:00+02:00"},
            {"id": 4, "sku": None, "title": "Default Title", "price": "60.00", "barcode": "4012345678901"}]},
        {"id": 8, "title": "Ohne Varianten", "variants": []},
    ]
}  # fmt: skip
WOO_PRODUCTS = [
    {"id": 12, "sku": "", "name": "Vase", "price": "23.80", "categories": [{"name": "Vasen"}], "stock_quantity": None},
    {"id": 13, "sku": "V-13", "price": "", "attributes": [{"option": "blau"}, {"option": "groß"}]},
]
SHOPIFY_CUSTOMERS = {
    "customers": [
        {"id": 1, "email": "EVA@example.com", "first_name": "Eva", "last_name": "Muster", "phone": None,
         "created_at": "2024-05-01T00:30:00+02:00", "default_address": {"company": "Eva KG", "country_code": "DE"}},
        {"id": 2, "email": None, "first_name": "Nur", "last_name": "Telefon", "phone": "+49 30 1",
         "created_at": "2024-05-01T00:30:00+02:00"},
    ]
}  # fmt: skip
WOO_CUSTOMERS = [
    {"id": 26, "email": "max@example.com", "username": "max", "first_name": "Max", "last_name": "Muster",
     "date_created_gmt": "2020-01-31T23:30:00", "billing": {"company": "", "country": "AT"}},
]  # fmt: skip

FILES: dict[str, tuple[str, object]] = {
    "shop": ("shopify_orders", SHOPIFY_ORDERS),
    "shop_refunds": ("shopify_refunds", SHOPIFY_REFUNDS),
    "woo": ("woocommerce_orders", WOO_ORDERS),
    "woo_2": ("woocommerce_orders", WOO_2_ORDERS),
    "woo_refunds": ("woocommerce_refunds", WOO_REFUNDS),
    "shopware": ("shopware_orders", SHOPWARE_ORDERS),
    "invoices": ("lexware_invoices", INVOICES),
    "credit_notes": ("lexware_credit_notes", CREDIT_NOTE),
    "shop_products": ("shopify_products", SHOPIFY_PRODUCTS),
    "woo_products": ("woocommerce_products", WOO_PRODUCTS),
    "shop_customers": ("shopify_customers", SHOPIFY_CUSTOMERS),
    "woo_customers": ("woocommerce_customers", WOO_CUSTOMERS),
}
SETTINGS = """
[company]
name = "Leuchten und Vasen"
country = "DE"
state = "BY"
currency = "EUR"
time_zone = "Europe/Berlin"
language = "en"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company that owns all of these systems, after one run."""
    folder = tmp_path_factory.mktemp("shops")
    sources = [
        f'[[source]]\nname = "{name}"\nkind = "{kind}"\nfiles = "{name}/*.json"\n'
        f'role = "{"reference" if name.endswith(("products", "customers")) else "sales"}"\n'
        for name, (kind, _) in FILES.items()
    ]
    (folder / "kontor.toml").write_text("\n".join([SETTINGS, *sources]), encoding="utf-8")
    company = Company(folder / "data", folder / "kontor.toml")
    for name, (_, content) in FILES.items():
        (company.inbox / name).mkdir(parents=True)
        (company.inbox / name / "export.json").write_text(json.dumps(content), encoding="utf-8")
    said = company.kontor("run")
    assert said.returncode == 0, said.stdout + said.stderr
    (folder / "said.txt").write_text(said.stdout, encoding="utf-8")
    return company


@pytest.fixture
def marts(built: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    with built.published() as con:
        yield con


def money(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


def lines_of(con: duckdb.DuckDBPyConnection, source: str, number: str) -> list[tuple[Any, ...]]:
    """Kind, article, quantity, net, tax and gross of a document's lines, in the order of the document."""
    return con.execute(
        """select line_kind, product_key, quantity::int, document_net_amount::decimal(18,2)::varchar,
            document_tax_amount::decimal(18,2)::varchar, document_gross_amount::decimal(18,2)::varchar
        from fct_sales_line where source_name = ? and document_number = ?
        order by is_refund, document_at, line_number nulls last, sales_line_key""",
        [source, number],
    ).fetchall()


def test_a_shopify_order_adds_up_with_its_refund(marts: duckdb.DuckDBPyConnection) -> None:
    """Prices with VAT inside taxed once more; a refund that counts with its order and once more with its own file."""
    assert lines_of(marts, "shop", "#2001") == [
        ("product", "LA-1", 2, "90.61", "17.21", "107.82"),
        ("shipping", "none", 0, "4.12", "0.78", "4.90"),
        ("tip", "none", 0, "2.00", "0.00", "2.00"),
        ("shipping", "none", 0, "-4.12", "-0.78", "-4.90"),
        ("product", "LA-1", -1, "-45.30", "-8.61", "-53.91"),
    ]
    days = marts.execute(
        "select distinct is_refund, document_date, document_at from fct_sales_line where document_number = '#2001'"
    ).fetchall()
    assert sorted(days) == [
        (False, date(2026, 10, 20), datetime(2026, 10, 20, 21, 30)),
        (True, date(2026, 10, 25), datetime(2026, 10, 25, 1, 30)),
    ]


def test_gift_cards_net_prices_and_orders_of_old_versions(marts: duckdb.DuckDBPyConnection) -> None:
    """Money paid in advance as revenue; tax that is added, not contained; a discount that only the order names."""
    assert lines_of(marts, "shop", "#2006") == [
        ("product", "LA-3", 1, "50.00", "9.50", "59.50"),
        ("product", "SHOPIFY-4", 1, "60.00", "11.50", "71.50"),
        ("other", "none", 1, "50.00", "0.00", "50.00"),
    ]
    assert lines_of(marts, "shop", "#2007") == [
        ("product", "A", 2, "50.42", "9.58", "60.00"),
        ("product", "B", 1, "25.21", "4.79", "30.00"),
        ("discount", "none", 0, "-8.40", "-1.60", "-10.00"),
    ]


def test_what_does_not_count_is_kept_and_counted(built: Company, marts: duckdb.DuckDBPyConnection) -> None:
    """Test, cancelled, unpaid and draft documents in the revenue, or gone without a word."""
    reasons = marts.execute(
        "select source_name, document_number, not_counted_reason from fct_sales_line where not is_counted order by all"
    ).fetchall()
    assert reasons == [
        ("invoices", "RE2", "draft"),
        ("invoices", "RE4", "cancelled"),
        ("shop", "#2002", "test_order"),
        ("shop", "#2003", "cancelled"),
        ("shopware", "10002", "cancelled"),
        ("woo", "101", "unpaid"),
        ("woo", "102", "cancelled"),
    ]
    said = (built.config.parent / "said.txt").read_text("utf-8")
    for finding in ("test orders, cancelled, unpaid, drafts", "do not come to their total", "Refunds of which the"):
        assert finding in " ".join(said.split()), said


def test_an_order_without_lines_and_one_in_an_unknown_currency_are_kept(marts: duckdb.DuckDBPyConnection) -> None:
    """An order vanished because it has no lines, or because nobody knows what its currency is worth."""
    assert lines_of(marts, "shop", "#2004") == [("other", "none", 0, "25.00", "0.00", "25.00")]
    found = marts.execute(
        "select document_currency, net_amount, document_net_amount from fct_sales_line where document_number = '#2005'"
    ).fetchall()
    assert found == [("XTS", None, Decimal("8.4000"))]


def test_a_refund_without_its_order_still_counts(marts: duckdb.DuckDBPyConnection) -> None:
    """The order is older than what was exported; what goes back goes back all the same."""
    assert lines_of(marts, "shop_refunds", "1") == [("product", "LA-2", -2, "-20.00", "-3.80", "-23.80")]


def test_woocommerce_refunds_are_dated_and_belong_to_their_shop(marts: duckdb.DuckDBPyConnection) -> None:
    """Two shops with the same numbers share a refund; a refund is taken off twice, or never, since it leaves the total
    as it is."""
    assert lines_of(marts, "woo", "100") == [
        ("product", "V-11", 2, "84.03", "15.97", "100.00"),
        ("product", "WOOCOMMERCE-12", 1, "20.00", "1.40", "21.40"),
        ("discount", "none", 0, "-3.91", "-0.44", "-4.35"),
        ("shipping", "none", 0, "5.88", "1.12", "7.00"),
        # Only mentioned by the order: of the day of its last change, taxed as the order is.
        ("discount", "none", 0, "-4.27", "-0.73", "-5.00"),
        ("product", "V-11", -1, "-42.02", "-7.98", "-50.00"),
    ]
    assert lines_of(marts, "woo_2", "100") == [("product", "WOOCOMMERCE-11", 1, "10.00", "1.90", "11.90")]
    days = marts.execute(
        """select document_date, sum(document_gross_amount) from fct_sales_line
        where source_name = 'woo' and document_number = '100' group by all order by all"""
    ).fetchall()
    assert days == [
        (date(2026, 10, 31), Decimal("124.05")),
        (date(2026, 11, 2), Decimal("-5.00")),
        (date(2026, 11, 6), Decimal("-50.00")),
    ]


def test_shopware_orders_with_credits_bundles_and_refunded_payments(marts: duckdb.DuckDBPyConnection) -> None:
    """Parts of a bundle counted beside it; a credit dated with the order; money paid back that stays revenue."""
    assert lines_of(marts, "shopware", "10001") == [
        ("product", "SW-1", 2, "100.00", "19.00", "119.00"),
        ("discount", "none", 1, "-8.40", "-1.60", "-10.00"),
        ("shipping", "none", 0, "4.19", "0.80", "4.99"),
        ("discount", "none", 1, "-8.40", "-1.60", "-10.00"),
    ]
    assert lines_of(marts, "shopware", "10003") == [
        ("product", "SW-1", 1, "10.00", "1.90", "11.90"),
        ("product", "SW-1", -1, "-10.00", "-1.90", "-11.90"),
    ]
    assert lines_of(marts, "shopware", "10005") == [("product", "SW-1", 1, "100.00", "19.00", "119.00")]
    days = marts.execute(
        "select distinct document_number, document_date from fct_sales_line where source_name = 'shopware' "
        "and is_refund order by all"
    ).fetchall()
    assert days == [("10001", date(2026, 4, 1)), ("10003", date(2026, 4, 2))]


def test_lexware_vouchers_add_up_and_credit_notes_are_negative(marts: duckdb.DuckDBPyConnection) -> None:
    """The API prints credit notes positive; tax rounded line by line differs from the voucher's by cents."""
    assert lines_of(marts, "invoices", "RE1") == [
        ("product", "LEXWARE-97B98491", 1, "33.33", "6.33", "39.66"),
        ("product", "unknown", 1, "33.34", "6.34", "39.68"),
        ("product", "unknown", 3, "33.33", "3.93", "37.26"),
        ("discount", "none", 0, "-6.67", "-1.27", "-7.94"),
        ("discount", "none", 0, "-3.33", "-0.39", "-3.72"),
    ]
    assert lines_of(marts, "invoices", "RE3") == [("product", "unknown", 1, "200.00", "0.00", "200.00")]
    assert lines_of(marts, "credit_notes", "GS1") == [
        ("product", "unknown", -2, "-16.81", "-3.19", "-20.00"),
        ("product", "unknown", -1, "-33.61", "-6.39", "-40.00"),
    ]
    found = marts.execute(
        "select distinct document_type, is_refund, document_date from fct_sales_line "
        "where source_name in ('invoices', 'credit_notes') order by all"
    ).fetchall()
    assert found == [("credit_note", True, date(2026, 7, 1)), ("invoice", False, date(2026, 7, 1))]


def test_buyers_are_pseudonyms_and_the_same_person_is_one(built: Company, marts: duckdb.DuckDBPyConnection) -> None:
    """A name or an address of a buyer in the marts; one buyer who is two because of a capital letter."""
    keys = dict(marts.execute("select distinct source_name, customer_key from fct_sales_line where source_name <> "
                              "'shop_refunds'").fetchall())  # fmt: skip
    assert len(set(keys.values())) == 4 and keys["woo"] == keys["woo_2"] and keys["invoices"] == keys["credit_notes"]
    assert all(len(key) == 32 for key in keys.values())
    with built.warehouse() as con:
        names = con.execute("select distinct customer_name from restricted.customer_identity order by all").fetchall()
    assert {("Bike & Ride GmbH",), ("Ida Beispiel",), ("Max Muster",)} <= set(names)


def test_articles_of_shops_are_articles_of_the_company(built: Company, marts: duckdb.DuckDBPyConnection) -> None:
    """A variant without a number that is no article, or another one than in the orders; a product without variants
    that vanishes."""
    found = marts.execute(
        """select product_key, article_name, product_group, ean, stock_quantity::int from dim_product
        where not is_unlisted order by product_key"""
    ).fetchall()
    assert found == [
        ("LA-1", "Lampe - rot", "Leuchten", None, 3),
        ("SHOPIFY-4", "Lampe", "Leuchten", "4012345678901", None),
        ("V-13", "blau, groß", None, None, None),
        ("WOOCOMMERCE-12", "Vase", "Vasen", None, None),
    ]
    sold = marts.execute(
        "select distinct product_key from fct_sales_line where product_key in ('SHOPIFY-4', 'WOOCOMMERCE-12')"
    )
    assert len(sold.fetchall()) == 2
    with built.warehouse() as con:
        kept = con.execute("select line, reason from ops.quarantine where source_name = 'shop_products'").fetchall()
    assert kept == [(3, "$.variants.id: the value is missing")]


def test_customers_of_shops_are_their_buyers(marts: duckdb.DuckDBPyConnection) -> None:
    """Whom the shop lists is somebody else than who bought; the day since when is that of another zone."""
    found = marts.execute(
        """select customer_since_date, is_company, country, order_count from dim_customer
        where is_listed order by all"""
    ).fetchall()
    assert found == [
        (date(2020, 2, 1), False, "AT", 3),
        (date(2024, 5, 1), False, None, 0),
        (date(2024, 5, 1), True, "DE", 4),
    ]


MAPPING = """
kind: my_shop_lines
extends: sales_lines
title: {en: Lines of our shop, de: Positionen unseres Shops}
description: {en: Orders of our own shop., de: Bestellungen unseres eigenen Shops.}
reader:
  {format: json, records: orders, each: $.lines, decimal: ".", thousands: "", timestamp_formats: ["%Y-%m-%dT%H:%M:%SZ"]}
columns:
  document_number: {from: $.number}
  document_at: {from: $.at}
  article_number: {from: [$.lines.sku, $.lines.id]}
  article_name: {from: $.lines.name}
  quantity: {from: $.lines.quantity}
  unit_price: {from: $.lines.price}
"""


def test_the_api_of_another_shop_needs_a_mapping_only(zone: LandingZone, tmp_path: Path) -> None:
    """Python or SQL for every shop that nests its lines; an order without lines that nobody hears of again."""
    path = tmp_path / "my_shop_lines.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    orders = [
        {"number": "A", "at": "2026-11-01T10:00:00Z", "lines": [{"sku": "L-1", "quantity": 2, "price": "9.90"},
                                                                {"sku": "", "id": 7, "quantity": 1, "price": 5}]},
        {"number": "B", "at": "2026-11-01T11:00:00Z", "lines": []},
    ]  # fmt: skip
    result = zone.load_one_of("a.json", json.dumps({"orders": orders}), load_contract_file(path))
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (3, 2, 1), zone.quarantine()
    assert zone.raw("document_number, article_number, quantity::int, unit_price, _line", "sales_lines") == [
        ("A", "L-1", 2, Decimal("9.9000"), 1),
        ("A", "7", 1, Decimal("5.0000"), 2),
    ]
    assert [(line, column) for line, column, _ in zone.quarantine()] == [(3, "$.lines.quantity")]


# --- loading -------------------------------------------------------------------------------------------------------


def test_an_order_that_comes_again_replaces_its_older_version_only(zone: LandingZone) -> None:
    """Exports overlap; one dropped late put yesterday's state of an order over today's."""
    new, old = (shopify_order(1, total, "0.00", [], updated_at=f"2026-10-2{day}T08:00:00+02:00", cancelled_at=None)
                for total, day in (("20.00", 5), ("10.00", 1)))  # fmt: skip
    zone.drop("b.json", json.dumps({"orders": [new]}))
    assert zone.load_one(shipped()["shopify_orders"]).rows_loaded == 1
    zone.drop("a.json", json.dumps({"order": old}))
    assert dict(zone.load_one(shipped()["shopify_orders"]).skipped) == {"superseded": 1}
    assert zone.raw("total_price", "shopify_orders") == [(Decimal("20.0000"),)]


@pytest.mark.parametrize(
    ("kind", "content", "heading"),
    [
        ("shopify_orders", shopify_order(1, "12,50", "0.00", []), "$.total_price"),
        ("shopify_orders", shopify_order(1, "1.00", "0.00", [shopify_line(1, "zwölf")]), "$.line_items"),
        ("shopify_orders", shopify_order(1, "1.00", "0.00", [], currency=""), "$.currency"),
        ("shopify_orders", shopify_order(1, "1", "0", [], refunds=[{"transactions": [{"amount": "x"}]}]), "$.refunds"),
        ("shopify_refunds", {**REFUND, "order_adjustments": [{"amount": "-"}]}, "$.order_adjustments"),
        ("woocommerce_orders", woo_order(1, "n/a", "0", "completed", []), "$.total"),
        ("woocommerce_orders", woo_order(1, "1", "0", "completed", [woo_line(1, "1,0", "0")]), "$.line_items"),
        ("woocommerce_refunds", {**WOO_REFUNDS[0], "_links": {}}, "$.parent_id"),
        ("shopware_orders", shopware_order(1, 1, 1, [shopware_line("product", 1, 1, price="")], taxStatus="brutto"),
         "$.taxStatus"),
        ("shopware_orders", shopware_order(1, 1, 1, [shopware_line("product", "a lot", 1)]), "$.lineItems"),
        ("lexware_invoices", voucher("R", (1, 0, 1), "net", [lexware_line("?", 19)], []), "$.lineItems"),
        ("lexware_credit_notes", INVOICES[0], "$.shippingConditions"),
    ],
)  # fmt: skip
def test_amounts_that_are_none_are_quarantined(zone: LandingZone, kind: str, content: Line, heading: str) -> None:
    """A price that is no number became no price, and the order cheaper; an invoice counted as a credit note."""
    result = zone.load_one_of("a.json", json.dumps([content]), shipped()[kind])
    assert (result.rows_loaded, result.rows_quarantined) == (0, 1), result
    assert zone.quarantine()[0][1] == heading, zone.quarantine()


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("shopify_orders", {"refund": REFUND}, "looks like Shopify refunds (Admin API) (kind shopify_refunds)"),
        ("shopify_orders", WOO_ORDERS, "looks like WooCommerce orders (REST API) (kind woocommerce_orders)"),
        ("woocommerce_orders", SHOPIFY_ORDERS, "looks like Shopify orders (Admin API) (kind shopify_orders)"),
        ("woocommerce_orders", WOO_REFUNDS, "looks like WooCommerce refunds (REST API) (kind woocommerce_refunds)"),
        ("shopware_orders", INVOICES, "looks like Lexware Office invoices (API) (kind lexware_invoices)"),
        ("lexware_invoices", CREDIT_NOTE, "looks like Lexware Office credit notes (API) (kind lexware_c"),
        (
            "shopware_orders",
            {"data": [{"id": "1", "type": "order", "attributes": {"orderNumber": "1"}}]},
            "orderNumber",
        ),
        ("lexware_invoices", {"content": [{"id": "1", "voucherNumber": "R1"}]}, "no record has the key"),
    ],
)
def test_objects_of_another_kind_are_refused_by_name(zone: LandingZone, kind: str, content: object, words: str) -> None:
    """Refunds counted as orders, or a refusal that only lists keys."""
    result = zone.load_one_of("a.json", json.dumps(content), shipped()[kind])
    assert result.status == "refused" and words in str(result.message), result.message


def test_a_document_that_was_cut_off_is_refused_and_a_line_quarantined(zone: LandingZone) -> None:
    """Half a download counted as the whole night."""
    text = json.dumps(SHOPIFY_ORDERS)
    result = zone.load_one_of("a.json", text[: len(text) // 2], shipped()["shopify_orders"])
    assert result.status == "refused" and "cut off" in str(result.message)
    one = [json.dumps(order) for order in SHOPIFY_ORDERS["orders"]]
    result = zone.load_one_of("b.ndjson", "\n".join([one[0], one[1], one[2][:300]]), shipped()["shopify_orders"])
    assert (result.rows_loaded, result.rows_quarantined) == (2, 1)
