"""What the Search Console shows: how often the shop was found in Google's results.

What belongs here: the figures and their files. What does not: the visits that came of it.
Format: the German export, unpacked: comma, UTF-8, LF, numbers with German marks in quotation marks where they hold a
comma. The file of the chart has the days, that of the queries has none; both are named with their period.
"""

import csv
import io
from collections import Counter
from datetime import date

from demo.company import Article, articles
from demo.output import Content
from demo.randomness import fraction, pick, stream

FIGURES = ("Klicks", "Impressionen", "CTR", "Position")
# Searches that name the shop, and those for a kind of lamp.
_BRAND = ("lampenwerk lindner", "lindner leuchten", "lampenwerk lindner pendelleuchte")
_KINDS = ("pendelleuchte kupfer", "stehleuchte eiche", "tischleuchte messing", "wandleuchte messing", "textilkabel rot",
          "esstischlampe", "leselampe schwarz", "lampe made in germany")  # fmt: skip


def _query(seed: int, day: date, number: int) -> str:
    """What was searched for before one of the day's clicks."""
    key = f"{day}/{number}"
    chance = fraction(seed, "query kind", key)
    if chance < 0.25:
        return pick(_BRAND, seed, "brand query", key)
    if chance < 0.65:
        return pick(_KINDS, seed, "kind query", key)
    entry: Article = pick(articles(), seed, "article query", key)
    return entry.name.lower()


def _position(seed: int, query: str) -> int:
    """Hundredths of a mean place in the results, which belongs to the query."""
    if query in _BRAND:
        return 110
    return 250 + int(900 * fraction(seed, "position", query))


def _row(item: str, clicks: int, impressions: int, position: int) -> tuple[str, ...]:
    share = 10000 * clicks // impressions if impressions else 0
    return item, str(clicks), f"{impressions:,}".replace(",", "."), _comma(share) + " %", _comma(position)


def _comma(hundredths: int) -> str:
    return f"{hundredths // 100},{hundredths % 100:02d}"


def search_files(clicks: dict[date, int], seed: int) -> tuple[Content, Content]:
    """The chart and the queries of a month: `clicks` on results, by day."""
    chart: list[tuple[str, ...]] = []
    clicked: Counter[str] = Counter()
    for day, count in clicks.items():
        impressions = int(count * stream(seed, "search", day).uniform(18, 26)) + 40
        chart.append(_row(f"{day}", count, impressions, 620 + int(120 * fraction(seed, "day position", f"{day}"))))
        clicked.update(_query(seed, day, number) for number in range(count))
    queries = [
        _row(
            query,
            count,
            int(count * (3 if query in _BRAND else 12 + 30 * fraction(seed, "impressions", query))) + 1,
            _position(seed, query),
        )
        for query, count in sorted(clicked.items(), key=lambda entry: (-entry[1], entry[0]))
    ]
    return _file(("Datum", *FIGURES), chart), _file(("Häufigste Suchanfragen", *FIGURES), queries)


def _file(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Content:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([columns, *rows])
    return Content(out.getvalue().encode(), len(rows))
