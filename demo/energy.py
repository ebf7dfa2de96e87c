"""The workshop's electricity in quarter hours: a meter for each machine and one for the whole works.

What belongs here: how much is drawn when, and the file it is exported to. What does not: what the machines do.
Format: monthly, `;`, UTF-8, CRLF, decimal comma, begin of the quarter hour in local time without a zone; where clocks
go back, the hour from two to three stands there twice.
"""

from datetime import date

import numpy as np

from demo.company import STATIONS
from demo.dates import ONE_DAY, is_production_day, local_time, to_epoch
from demo.output import Content, semicolons
from demo.production import FAULT, IDLE, PRODUCING, SETUP, Production, State
from demo.randomness import stream

COLUMNS = ("Zähler", "Beginn", "Verbrauch kWh", "Status")
MAIN_METER = "Hauptzähler"
QUARTER = 900

# Mean power in kW of a machine that produces, by station; and what it draws in other states, as a share of that.
PRODUCING_KW = {"Drehbank": 7.5, "Rohrbieger": 5.0, "Lackierkabine": 14.0, "Montage": 0.8, "Prüfplatz": 1.2}
SHARE_OF_STATE = {PRODUCING: 1.0, SETUP: 0.45, FAULT: 0.25, IDLE: 0.30}
# Switched off, in a break, at night: controls and air pressure.
SHARE_AT_REST = 0.06
# The building: servers, ventilation and heating pumps all day, light and office from 6 to 22 h on production days.
BUILDING_KW = 3.2
LIGHT_KW = 4.6


def load_file(days: list[tuple[date, list[State]]], production: Production) -> tuple[Content, dict[str, int]]:
    """The load profiles of some days, meter by meter and in order of time, and the watt hours of each meter."""
    rows: dict[str, list[tuple[str, ...]]] = {name: [] for _, name in production.machines}
    rows[MAIN_METER] = []
    for day, states in days:
        quarters = _quarters(day)
        printed = [f"{day:%d.%m.%Y} {local_time(day, int(quarter))[0][:5]}" for quarter in quarters]
        total = _building(day, quarters, production.seed)
        for number, (station, machine) in enumerate(production.machines):
            own = [state for state in states if state.machine == machine]
            drawn = _machine(day, quarters, own, PRODUCING_KW[STATIONS[station].name], production.seed, number)
            total = total + drawn
            rows[machine] += _rows(machine, printed, drawn)
        rows[MAIN_METER] += _rows(MAIN_METER, printed, total)
    used = {meter: sum(int(row[2].replace(",", "")) for row in kept) for meter, kept in rows.items()}
    lines = [row for kept in rows.values() for row in kept]
    return Content(semicolons([COLUMNS, *lines], "\r\n").encode(), len(lines)), used


def _quarters(day: date) -> np.ndarray:
    """The begins of the day's quarter hours in seconds since 1970: 92, 96 or 100 of them."""
    begin, end = (int(to_epoch(entry, np.array([0]))[0]) for entry in (day, day + ONE_DAY))
    return np.arange(begin, end, QUARTER)


def _machine(
    day: date, quarters: np.ndarray, states: list[State], producing_kw: float, seed: int, number: int
) -> np.ndarray:
    """Watt hours in each quarter hour."""
    kilowatts = np.full(len(quarters), SHARE_AT_REST * producing_kw)
    for state in states:
        share = SHARE_OF_STATE.get(state.state)
        if share is None:
            continue
        begin, end = to_epoch(day, np.array([state.begin, state.end]))
        inside = np.clip(np.minimum(end, quarters + QUARTER) - np.maximum(begin, quarters), 0, QUARTER) / QUARTER
        kilowatts += inside * (share - SHARE_AT_REST) * producing_kw
    noise = stream(seed, "energy", day, number).normal(1.0, 0.03, len(quarters))
    return np.rint(kilowatts * noise * 250).astype(np.int64)


def _building(day: date, quarters: np.ndarray, seed: int) -> np.ndarray:
    kilowatts = np.full(len(quarters), BUILDING_KW)
    if is_production_day(day):
        open_from, open_to = to_epoch(day, np.array([6 * 3600, 22 * 3600]))
        kilowatts[(quarters >= open_from) & (quarters < open_to)] += LIGHT_KW
    noise = stream(seed, "building", day).normal(1.0, 0.02, len(quarters))
    return np.rint(kilowatts * noise * 250).astype(np.int64)


def _rows(meter: str, printed: list[str], watt_hours: np.ndarray) -> list[tuple[str, ...]]:
    return [
        (meter, begin, f"{value // 1000},{value % 1000:03d}", "W")
        for begin, value in zip(printed, watt_hours.tolist(), strict=True)
    ]
