"""The files that benchmarks read: seeded, of a given number of lines, in the form real systems write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HEADINGS = [
    *("Belegnr", "Belegdatum", "Kundennr", "Artikelnr", "Bezeichnung", "Menge", "Einheit", "Einzelpreis"),
    *("Nettobetrag", "USt %", "USt-Betrag", "Währung", "Kanal"),
]
_BLOCK = 100_000
# Rows that belong into quarantine, one in so many.
_DIRTY_EVERY = 100_000


def sales_lines(path: Path, lines: int, *, dirty: bool = True) -> None:
    """A German ERP's invoice lines: semicolons, decimal commas, thousands points, days first.

    One row in 100,000 has a date that does not exist; without `dirty` those rows have a good one.
    """
    rng = np.random.default_rng(1)
    start = np.datetime64("2022-01-01")
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(";".join(HEADINGS) + "\n")
        for first in range(0, lines, _BLOCK):
            count = min(_BLOCK, lines - first)
            quantity, price = rng.integers(1, 20, count), rng.integers(100, 250_000, count)
            article, customer = rng.integers(1, 400, count), rng.integers(10_000, 14_000, count)
            days = (start + rng.integers(0, 1400, count)).astype(str)
            rows = []
            for i in range(count):
                net = int(quantity[i]) * int(price[i])
                day = f"{days[i][8:]}.{days[i][5:7]}.{days[i][:4]}"
                if dirty and (first + i) % _DIRTY_EVERY == _DIRTY_EVERY // 2:
                    day = "31.02.2025"
                rows.append(
                    f"RE{2022000000 + (first + i) // 3};{day};{customer[i]};LA-{article[i]:04d};"
                    f"Leuchte Modell {article[i]} mit Schirm;{quantity[i]},00;Stk;{_german(int(price[i]))};"
                    f"{_german(net)};"
                    f"19,00;{_german(net * 19 // 100)};EUR;B2B\n"
                )
            file.write("".join(rows))


def _german(cents: int) -> str:
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def access_log(path: Path, lines: int) -> None:
    """A web server's log in the combined format, with a garbage line in every million."""
    rng = np.random.default_rng(2)
    agents = [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        for first in range(0, lines, _BLOCK):
            count = min(_BLOCK, lines - first)
            address = rng.integers(1, 255, (count, 2))
            page, agent = rng.integers(1, 400, count), rng.integers(0, len(agents), count)
            size, second = rng.integers(200, 90_000, count), rng.integers(0, 86_400, count)
            rows = [
                f"10.1.{address[i][0]}.{address[i][1]} - - "
                f"[{1 + (first + i) // 200_000 % 28:02d}/Oct/2026:{second[i] // 3600:02d}:{second[i] // 60 % 60:02d}:"
                f'{second[i] % 60:02d} +0200] "GET /products/la-{page[i]:04d} HTTP/1.1" 200 {size[i]} '
                f'"https://shop.example/collections/{page[i] % 12}" "{agents[agent[i]]}"\n'
                for i in range(count)
            ]
            if first % 1_000_000 == 0:
                rows[0] = "-- log rotated --\n"
            file.write("".join(rows))


def datev_bookings(path: Path, lines: int, encoding: str) -> None:
    """A DATEV batch of one month, format version 13 with all its 125 columns, most of them empty but quoted."""
    rng = np.random.default_rng(3)
    quoted = {2, 3, 6, 9, 11, 12, 14, 16, 20, *range(21, 39), 40, 42, *range(48, 88), 95, 96, 98, 102, 105, 107, 112}
    tail = ";".join('""' if place in quoted else "" for place in range(15, 126))
    tail = tail[: tail.rindex(";")]
    first = '"EXTF";700;21;"Buchungsstapel";13;20261101000000000;;"RE";"";"";1001;456;20260101;4;20261001;20261031;'
    first += '"Oktober";"";1;0;0;"EUR";;"";;;"03";;;"";""'
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(first + "\r\n" + ";".join(f"Spalte {place}" for place in range(1, 126)) + "\r\n")
        for begin in range(0, lines, _BLOCK):
            count = min(_BLOCK, lines - begin)
            cents, debtor = rng.integers(100, 900_000, count), rng.integers(10_000, 14_000, count)
            day, revenue = rng.integers(1, 32, count), rng.integers(0, 2, count)
            file.write(
                "".join(
                    f'{cents[i] / 100:.2f};"S";"EUR";;;"";{debtor[i]};{8400 if revenue[i] else 8300};"";'.replace(
                        ".", ","
                    )
                    + f'{day[i]}10;"RE{begin + i}";"";;"Ausgangsrechnung für Müller";{tail};\r\n'
                    for i in range(count)
                )
            )


def ga4_events(path: Path, events: int) -> None:
    """GA4's export from BigQuery as one JSON object a line: 64-bit numbers as text, parameters nested."""
    rng = np.random.default_rng(3)
    names = ["page_view", "view_item", "scroll", "user_engagement", "add_to_cart", "purchase"]
    device = '{"category":"mobile","operating_system":"Android","language":"de-de","web_info":{"browser":"Chrome"}}'
    geo = '{"city":"Hamburg","country":"Germany","continent":"Europe","region":"Hamburg"}'
    origin = '{"manual_source":"google","manual_medium":"organic","manual_campaign_name":"(organic)","gclid":null}'
    with path.open("w", encoding="utf-8", newline="") as file:
        for first in range(0, events, _BLOCK):
            count = min(_BLOCK, events - first)
            visitor, page = rng.integers(1, 50_000, count), rng.integers(1, 400, count)
            name, second = rng.integers(0, len(names), count), rng.integers(0, 86_400, count)
            rows = []
            for i in range(count):
                day = 1 + (first + i) // 50_000 % 28
                session = 1_790_000_000 + int(visitor[i])
                parameters = ",".join(
                    (
                        f'{{"key":"ga_session_id","value":{{"int_value":"{session}"}}}}',
                        '{"key":"ga_session_number","value":{"int_value":"1"}}',
                        '{"key":"engagement_time_msec","value":{"int_value":"1250"}}',
                        f'{{"key":"page_location","value":{{"string_value":"https://shop.example/p/{page[i]}"}}}}',
                        f'{{"key":"page_title","value":{{"string_value":"Leuchte {page[i]}"}}}}',
                        '{"key":"page_referrer","value":{"string_value":"https://www.google.com/"}}',
                    )
                )
                rows.append(
                    f'{{"event_date":"202610{day:02d}","event_timestamp":"{1_790_000_000_000_000 + int(second[i])}",'
                    f'"event_name":"{names[name[i]]}","event_params":[{parameters}],'
                    f'"user_pseudo_id":"{visitor[i]}.{session}","privacy_info":{{"analytics_storage":"Yes"}},'
                    f'"device":{device},"geo":{geo},"traffic_source":{{"source":"google","medium":"organic"}},'
                    f'"collected_traffic_source":{origin},"ecommerce":null,'
                    f'"items":[{{"item_id":"LA-{page[i]:04d}","price":"49.9","quantity":"1"}}],'
                    '"stream_id":"1","platform":"WEB"}\n'
                )
            file.write("".join(rows))
