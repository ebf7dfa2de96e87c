"""The web's files but for analytics: the web server's access log and the platforms' advertising costs.

What belongs here: their notation. What does not: visits and costs.
Access log: combined format, local time with offset, lines in the order in which answers were finished.
"""

from datetime import date
from functools import cache

import numpy as np

from demo import dirty
from demo.company import SHOP_HOST, articles, slug
from demo.dates import local_time, to_epoch
from demo.money import dotted
from demo.output import Content
from demo.randomness import hashed, stream
from demo.web import AdDay, Session

AD_COLUMNS = ("date", "platform", "campaign", "impressions", "clicks", "cost", "currency", "conversions")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "python-requests/2.32.3",
)
# Requests of people for one request of a bot.
PEOPLE_A_BOT = 6
_ASSETS = ("/assets/theme.css", "/assets/theme.js", "/assets/logo.svg")


def _line(day: date, at: int, address: str, request: str, status: int, size: int, referrer: str, agent: str) -> str:
    time, offset = local_time(day, at)
    stamp = f"{day.day:02d}/{_MONTHS[day.month - 1]}/{day.year}:{time} {offset}"
    return f'{address} - - [{stamp}] "{request} HTTP/1.1" {status} {size or "-"} "{referrer}" "{agent}"'


@cache
def _size(seed: int, path: str) -> int:
    return 4_000 + hashed(seed, "size", path) % 60_000


def _visit(session: Session, day: date, seed: int) -> list[tuple[int, str]]:
    """Second and line of each request of a visit."""
    visitor = session.visitor
    agent = visitor.device.user_agent
    lines: list[tuple[int, str]] = []

    def add(at: int, request: str, status: int, referrer: str) -> None:
        size = 0 if status in (302, 304) else _size(seed, request.partition("?")[0])
        lines.append((at, _line(day, at, visitor.address, request, status, size, referrer, agent)))

    site = f"https://{SHOP_HOST}"
    referrer = session.channel.referrer or "-"
    for place, step in enumerate(session.steps):
        path = step.path + (session.query if place == 0 else "")
        add(step.at, f"GET {path}", 200, referrer)
        referrer = site + path
        if place == 0:
            # Who was here before still has them.
            status = 200 if session.number == 1 else 304
            for asset in _ASSETS:
                add(step.at + 1, f"GET {asset}", status, referrer)
        if step.article:
            add(step.at + 1, f"GET /images/{step.article.number.lower()}.webp", 200, referrer)
        if step.adds:
            add(step.at + 3, "POST /cart/add", 302, referrer)
    if session.order:
        add(session.order.created, "POST /checkout", 302, f"{site}/checkout")
    return lines


def _bots(count: int, day: date, seed: int) -> list[tuple[int, str]]:
    rng = stream(seed, "bots", day)
    paths = ["/", "/robots.txt", "/sitemap.xml", "/wp-login.php", *(entry.path for entry in articles())]
    paths += sorted({f"/collections/{slug(entry.group)}" for entry in articles()})
    moments = to_epoch(day, rng.integers(0, 86_400, count)).tolist()
    which = rng.integers(len(BOTS), size=count).tolist()
    wanted = rng.integers(len(paths), size=count).tolist()
    lines = []
    for at, bot, number in zip(moments, which, wanted, strict=True):
        path = paths[number]
        status = 404 if path == "/wp-login.php" else 200
        # A host for each bot, from a range for documentation.
        address = f"203.0.113.{10 + bot}"
        lines.append((at, _line(day, at, address, f"GET {path}", status, _size(seed, path), "-", BOTS[bot])))
    return lines


def access_log_file(sessions: list[Session], day: date, seed: int, path: str) -> tuple[Content, int]:
    """The log of a day, and how many of its requests came from bots."""
    lines = [line for session in sessions for line in _visit(session, day, seed)]
    bots = _bots(len(lines) // PEOPLE_A_BOT, day, seed)
    lines += bots
    delay = stream(seed, "delay", day).exponential(0.8, len(lines))
    order = np.argsort(np.array([at for at, _ in lines]) + delay, kind="stable")
    texts = [lines[place][1] for place in order.tolist()]
    broken: tuple[dirty.Dirty, ...] = ()
    if dirty.is_dirty_log_day(day) and len(texts) > dirty.GARBAGE_AFTER:
        texts.insert(dirty.GARBAGE_AFTER, dirty.GARBAGE_LINE)
        broken = (dirty.found("weblog", path, dirty.GARBAGE_AFTER + 1, dirty.GARBAGE),)
    text = "".join(line + "\n" for line in texts)
    return Content(text.encode(), len(texts), broken), len(bots)


def ads_file(days: list[tuple[date, list[AdDay]]]) -> Content:
    """The advertising costs of a month."""
    rows = [
        (
            f"{day}",
            entry.channel.platform or "",
            entry.channel.campaign or "",
            str(entry.impressions),
            str(entry.clicks),
            dotted(entry.cost_cents),
            "EUR",
            f"{entry.conversions}.00",
        )
        for day, entries in days
        for entry in entries
    ]
    return Content("".join(",".join(row) + "\n" for row in (AD_COLUMNS, *rows)).encode(), len(rows))
