"""The workshop's files: work orders, operations, inspections, machine states.

What belongs here: their notation. What does not: what was done.
All are `;`, in local time without a zone. Work orders: one list of all, as the ERP prints it, UTF-8 with BOM, CRLF. The
others are monthly. Operations: UTF-8 with BOM, CRLF. Inspections: cp1252, CRLF, decimal comma. Machine states: UTF-8,
LF, with seconds.
"""

from datetime import date
from functools import cache

from demo import dirty
from demo.company import STATIONS
from demo.dates import HOUR_MINUTE, TWO_DIGITS
from demo.output import Content, semicolons
from demo.production import Measurement, Operation, State, WorkOrder
from demo.randomness import hashed

OPERATION_COLUMNS = ("Auftrag", "Arbeitsgang", "Bezeichnung", "Maschine", "Artikelnr", "Beginn", "Ende", "Sollmenge",
                     "Gutmenge", "Ausschuss", "Ausschussgrund", "Rüstzeit min", "Personalnr")  # fmt: skip
WORK_ORDER_COLUMNS = ("FA-Nr", "Artikelnr", "Status", "ME", "Auftragsmenge", "Gutmenge", "Ausschuss", "Eckstart",
                      "Eckende", "Liefertermin", "Ist-Start", "Ist-Ende")  # fmt: skip
INSPECTION_COLUMNS = ("Prüfnr", "Auftrag", "Artikelnr", "Merkmal", "Einheit", "Prüfzeit", "Messwert", "Nennmaß", "UTG",
                      "OTG", "Ergebnis", "Prüfer")  # fmt: skip
STATE_COLUMNS = ("Maschine", "Beginn", "Ende", "Zustand", "Grund")


@cache
def _date(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _minute(day: date, seconds: int) -> str:
    return f"{_date(day)} {HOUR_MINUTE[seconds // 60]}"


def _second(day: date, seconds: int) -> str:
    return f"{_minute(day, seconds)}:{TWO_DIGITS[seconds % 60]}"


def operations_file(days: list[tuple[date, list[Operation]]], seed: int) -> Content:
    """The operations of a month."""
    rows = [
        (
            operation.order.number,
            str(10 * (operation.step.station + 1)),
            STATIONS[operation.step.station].operation,
            operation.step.machine,
            operation.order.article.number,
            _minute(day, operation.begin),
            _minute(day, operation.end),
            str(operation.order.planned),
            str(operation.step.good),
            str(operation.step.scrap),
            operation.step.scrap_reason,
            str(operation.step.setup_minutes),
            f"M{100 + hashed(seed, operation.step.machine, f'{day}/{operation.begin // 28800}') % 24}",
        )
        for day, operations in days
        for operation in operations
    ]
    return Content(semicolons([OPERATION_COLUMNS, *rows], "\r\n").encode("utf-8-sig"), len(rows))


def work_orders_file(released: list[WorkOrder], done: dict[str, list[tuple[date, Operation]]]) -> Content:
    """All work orders of the days written; `done` holds their operations so far, in order of time, by number."""
    rows = []
    for order in released:
        operations = done.get(order.number, [])
        finished = len(operations) == len(order.steps)
        first, last = (operations[0], operations[-1]) if operations else (None, None)
        rows.append(
            (
                order.number,
                order.article.number,
                "fertiggemeldet" if finished else "in Bearbeitung" if operations else "freigegeben",
                order.article.unit,
                str(order.planned),
                str(order.steps[-1].good) if finished else "",
                str(sum(operation.step.scrap for _, operation in operations)),
                f"{_date(order.released)} 06:00",
                f"{_date(order.planned_end)} 22:00",
                _date(order.due),
                _minute(first[0], first[1].begin) if first else "",
                _minute(last[0], last[1].end) if last and finished else "",
            )
        )
    return Content(semicolons([WORK_ORDER_COLUMNS, *rows], "\r\n").encode("utf-8-sig"), len(rows))


def _comma(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}".replace(".", ",")


def inspections_file(days: list[tuple[date, list[Measurement]]], path: str) -> Content:
    """The measurements of a month, at least one."""
    rows: list[list[str]] = []
    broken: list[dirty.Dirty] = []
    for day, measured in days:
        for entry in measured:
            kind = entry.characteristic
            row = [
                entry.number,
                entry.order.number,
                entry.order.article.number,
                kind.name,
                kind.unit,
                _minute(day, entry.at),
                entry.value.replace(".", ","),
                _comma(kind.nominal, kind.decimals),
                _comma(kind.lower, kind.decimals),
                _comma(kind.upper, kind.decimals),
                "i.O." if entry.passed else "n.i.O.",
                entry.inspector,
            ]
            rows.append(row)
            if dirty.is_dirty_month(day) and len(rows) == dirty.MEASUREMENT_AFTER:
                # An inspection of its own: the same piece, once more by eye.
                rows.append([f"{row[0]}-W", *row[1:6], "nicht messbar", *row[7:10], "n.i.O.", row[11]])
                broken.append(dirty.found("inspections", path, len(rows) + 1, dirty.TEXT_IN_VALUE))
    return Content(semicolons([INSPECTION_COLUMNS, *rows], "\r\n").encode("cp1252"), len(rows), tuple(broken))


def states_file(days: list[tuple[date, list[State]]], path: str) -> Content:
    """The machine states of a month."""
    rows: list[tuple[str, ...]] = []
    broken: list[dirty.Dirty] = []
    for day, states in days:
        for entry in states:
            rows.append((entry.machine, _second(day, entry.begin), _second(day, entry.end), entry.state, entry.reason))
            if dirty.is_dirty_month(day) and len(rows) == dirty.STATE_AFTER:
                rows.append(
                    (
                        entry.machine,
                        _second(day, entry.end - 1),
                        _second(day, entry.begin - 1),
                        entry.state,
                        "Uhr verstellt",
                    )
                )
                broken.append(dirty.found("machines", path, len(rows) + 1, dirty.END_BEFORE_BEGIN))
    return Content(semicolons([STATE_COLUMNS, *rows], "\n").encode(), len(rows), tuple(broken))
