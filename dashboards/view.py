"""What a page is handed: the copy, the language, and the day that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dashboards.data import Copy
from dashboards.formats import Formats
from dashboards.texts import TEXTS
from kontor.settings import Settings
from kontor.texts import Say


@dataclass(frozen=True)
class View:
    """One reader's look at one version."""

    copy: Copy
    settings: Settings
    say: Say
    formats: Formats
    day: date
    """The last day that is over, as far as data reach: what a managing director calls yesterday."""

    def name_of(self, kind: str, value: str) -> str:
        """A value of a mart in the reader's language, where the texts have it as `<kind>_<value>`."""
        return self.say(f"{kind}_{value}") if f"{kind}_{value}" in TEXTS else value

    @property
    def same_weekday_last_year(self) -> date:
        """52 weeks earlier: a Monday is compared with a Monday."""
        return self.day - timedelta(weeks=52)


def last_full_day(copy: Copy, published_on: date) -> date:
    """The newest day with data before the day of publication; without data, the day before it.

    Files of the morning may hold the first hours of a day, which nobody should take for a whole one.
    """
    yesterday = published_on - timedelta(days=1)
    if not copy.has("mart_company_daily"):
        return yesterday
    newest = copy.one(
        "select max(company_date) as day from marts.mart_company_daily where company_date <= ?", [yesterday]
    )["day"]
    return yesterday if newest is None else newest.date()
