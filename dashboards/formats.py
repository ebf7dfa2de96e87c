"""How figures, days and weeks are written, in German and English: on pages, in charts, in the report.

Nothing here knows a mart; files for spreadsheets are written in downloads.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from kontor.texts import Language

Grain = Literal["day", "week", "month"]

NOTHING = "–"
# A figure and its unit stay on one line.
_SPACE = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}

_MONTHS: dict[Language, list[str]] = {
    "de": ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
           "Dezember"],
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December"],
}  # fmt: skip
_SHORT_MONTHS: dict[Language, list[str]] = {
    "de": ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
# Vega begins its weeks on Sunday, Python on Monday; these begin on Monday.
_WEEKDAYS: dict[Language, list[str]] = {
    "de": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}


@dataclass(frozen=True)
class Formats:
    """One language and one currency."""

    language: Language
    currency: str

    def number(self, value: Any, places: int = 0) -> str:
        """`1.234,5`; a dash for nothing."""
        if _is_nothing(value):
            return NOTHING
        written = f"{abs(value):,.{places}f}"
        if self.language == "de":
            written = written.translate(str.maketrans(",.", ".,"))
        return _MINUS + written if value < 0 and written.strip("0.,") else written

    def money(self, value: Any, places: int = 0) -> str:
        """`1.234 €` or `€1,234`."""
        if _is_nothing(value):
            return NOTHING
        written, symbol = self.number(value, places), _SYMBOLS.get(self.currency)
        if self.language == "de" or symbol is None:
            return f"{written}{_SPACE}{symbol or self.currency}"
        return f"{_MINUS if written.startswith(_MINUS) else ''}{symbol}{written.removeprefix(_MINUS)}"

    def percent(self, value: Any, places: int = 1) -> str:
        """`12,3 %` or `12.3%`, of a value from 0 to 100."""
        if _is_nothing(value):
            return NOTHING
        return f"{self.number(value, places)}{_SPACE if self.language == 'de' else ''}%"

    def duration(self, minutes: Any) -> str:
        """`45 Min.`, `12,5 Std.` or `3,2 Tage`, whatever can be read best."""
        if _is_nothing(minutes):
            return NOTHING
        names = {"de": ("Min.", "Std.", "Tage"), "en": ("min", "h", "days")}[self.language]
        if minutes < 120:
            return f"{self.number(minutes)}{_SPACE}{names[0]}"
        if minutes < 48 * 60:
            return f"{self.number(float(minutes) / 60, 1)}{_SPACE}{names[1]}"
        return f"{self.number(float(minutes) / 1440, 1)}{_SPACE}{names[2]}"

    def change(self, value: Any, before: Any) -> str | None:
        """`+12 %`: how far a figure is from an earlier one; None where that says nothing."""
        if _is_nothing(value) or _is_nothing(before) or before <= 0:
            return None
        change = 100 * (float(value) / float(before) - 1)
        sign = "+" if round(change) > 0 else ""
        return sign + self.percent(change if abs(change) >= 0.5 else 0, 0)

    def date(self, day: Any) -> str:
        """`31.12.2025` or `31 Dec 2025`."""
        if _is_nothing(day):
            return NOTHING
        if self.language == "de":
            return f"{day:%d.%m.%Y}"
        return f"{day.day} {_SHORT_MONTHS['en'][day.month - 1]} {day.year}"

    def time(self, moment: datetime) -> str:
        """`31.12.2025, 06:12 Uhr` of a local time."""
        return f"{self.date(moment)}, {moment:%H:%M}{' Uhr' if self.language == 'de' else ''}"

    def weekday(self, day: date) -> str:
        """`Montag`."""
        return _WEEKDAYS[self.language][day.weekday()]

    def month(self, day: Any) -> str:
        """`November 2025`."""
        return NOTHING if _is_nothing(day) else f"{_MONTHS[self.language][day.month - 1]} {day.year}"

    def week(self, day: date) -> str:
        """The ISO week, `KW 47/2025` or `week 47/2025`."""
        year, week, _ = day.isocalendar()
        return f"{'KW' if self.language == 'de' else 'week'}{_SPACE}{week}/{year}"

    def period(self, day: date, grain: Grain) -> str:
        """A day, week or month by its first day."""
        if grain == "day":
            return f"{self.weekday(day)[: 2 if self.language == 'de' else 3]}, {self.date(day)}"
        return self.week(day) if grain == "week" else self.month(day)

    def axis(self, grain: Grain) -> str:
        """The format of an axis of time, in Vega's letters."""
        if grain == "day":
            return "%d.%m." if self.language == "de" else "%-d %b"
        if grain == "week":
            return "KW %V" if self.language == "de" else "wk %V"
        return "%b %Y"

    def vega_locale(self) -> dict[str, Any]:
        """Vega's locale: how charts write numbers and days in this language."""
        symbol = _SYMBOLS.get(self.currency, self.currency)
        german = self.language == "de"
        weekdays = _WEEKDAYS[self.language]
        sunday_first = [weekdays[-1], *weekdays[:-1]]
        return {
            "number": {
                "decimal": "," if german else ".",
                "thousands": "." if german else ",",
                "grouping": [3],
                "currency": ["", f"{_SPACE}{symbol}"] if german or len(symbol) > 1 else [symbol, ""],
                "minus": _MINUS,
                "percent": f"{_SPACE}%" if german else "%",
            },
            "time": {
                "dateTime": "%d.%m.%Y %H:%M" if german else "%-d %b %Y %H:%M",
                "date": "%d.%m.%Y" if german else "%-d %b %Y",
                "time": "%H:%M",
                "periods": ["AM", "PM"],
                "days": sunday_first,
                "shortDays": [day[: 2 if german else 3] for day in sunday_first],
                "months": _MONTHS[self.language],
                "shortMonths": _SHORT_MONTHS[self.language],
            },
        }


def _is_nothing(value: Any) -> bool:
    # NaN and NaT are no equals of themselves.
    return value is None or value != value
