"""The owner's plan: what the company is to turn over, month by month of a year.

What belongs here: the plan and its file. What does not: what came of it.
"""

from datetime import date

from demo.dates import growth, season
from demo.output import Content, semicolons

_COLUMNS = ("Planversion", "Kennzahl", "Kanal", "Warengruppe", "Monat", "Planwert")
# Net, in a month of an average season in 2026. A little more than what comes of it: plans are.
_MONTHLY_EUROS = 335_000


def plan_file(year: int, scale: float) -> Content:
    """The plan of a year, made before it began, as it is saved from a spreadsheet."""
    months = [date(year, month, 1) for month in range(1, 13)]
    rows = [("Budget", "Umsatz", "", "", f"{month:%m.%Y}", f"{planned_euros(month, scale)},00") for month in months]
    return Content(semicolons([_COLUMNS, *rows], "\r\n").encode("utf-8-sig"), len(rows))


def planned_euros(month: date, scale: float) -> int:
    """Net revenue planned for a month, which is given by its first day; in whole hundreds."""
    return 100 * round(_MONTHLY_EUROS * scale * season(month) * growth(month) / 100)
