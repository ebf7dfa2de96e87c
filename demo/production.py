"""What the workshop does: work orders, their operations, and the states of the machines.

What belongs here: the work and its time. What does not: the files it is exported to.
Every lamp has its weekday: on it, work orders are released for what was sold since its last one, so that what is
sold is made. An order passes one station a day. Times are seconds since local midnight; shifts run from 6 to 22 h.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from demo.company import (
    BREAKDOWN_MINUTES,
    STATIONS,
    Article,
    Station,
    articles,
    breaks_down,
    degraded_weeks,
    machines_of,
    passes,
)
from demo.dates import ONE_DAY, is_production_day, production_day_after, production_day_before
from demo.randomness import hashed, stream
from demo.sales import Sales

MINUTE = 60
SHIFT_BEGIN = 6 * 3600
SHIFT_END = 22 * 3600
BREAKS = ((10 * 3600, 10 * 3600 + 1800), (18 * 3600, 18 * 3600 + 1800))
LARGEST_LOT = 24
SETUP_MINUTES = (8, 20)
# What may be planned on one machine for one day. The shifts less breaks are 900 minutes; faults and waiting need room.
PLANNED_MINUTES = 600
RUSHED_EVERY = 8
FAULTS_AN_HOUR = 0.25
FAULT_MINUTES = 10.0
MOST_FAULT_MINUTES = 200.0

PRODUCING, SETUP, FAULT, IDLE, BREAK, OFF = "Produktion", "Rüsten", "Störung", "Stillstand", "Geplante Pause", "Aus"
WAITING_REASONS = ("Material fehlt", "Wartet auf Vorgänger", "Personal fehlt", "Reinigung")


@dataclass(frozen=True, slots=True)
class Step:
    """An operation of a work order: planned from its release, with its result."""

    station: int
    machine: str
    day: date
    pieces_in: int
    good: int
    scrap: int
    scrap_reason: str
    setup_minutes: int
    run_minutes: int


@dataclass(frozen=True, slots=True)
class WorkOrder:
    number: str
    released: date
    article: Article
    planned: int
    steps: tuple[Step, ...]

    @property
    def planned_end(self) -> date:
        """The day of the last station, whether pieces arrive there or not."""
        return production_day_after(self.released, len(STATIONS) - 1)

    @property
    def due(self) -> date:
        """The day for which it is promised. One order in RUSHED_EVERY is promised a day before it can be finished."""
        rushed = hashed(0, "rush", self.number) % RUSHED_EVERY == 0
        return production_day_before(self.planned_end, 1) if rushed else self.planned_end


@dataclass(frozen=True, slots=True)
class Operation:
    """A step that has been done, with its time of day in seconds since local midnight."""

    order: WorkOrder
    step: Step
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class State:
    machine: str
    begin: int
    end: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class MachineDay:
    operations: tuple[Operation, ...]
    states: tuple[State, ...]


class Production:
    """All work up to the last day of `sales`. Every answer is a function of (seed, scale, day)."""

    def __init__(self, seed: int, scale: float, sales: Sales) -> None:
        self.seed = seed
        self.scale = scale
        self.sales = sales
        self.machines = [(number, name) for number, entry in enumerate(STATIONS) for name in machines_of(entry, scale)]
        self._released: dict[date, list[WorkOrder]] = {}

    def released(self, day: date) -> list[WorkOrder]:
        """The work orders released on that day."""
        if day not in self._released:
            self._released[day] = self._release(day) if is_production_day(day) else []
        return self._released[day]

    def _release(self, day: date) -> list[WorkOrder]:
        rng = stream(self.seed, "work orders", day)
        last = day - timedelta(days=7)
        while not is_production_day(last):
            last -= timedelta(days=7)
        sold = self.sales.units_between(last, day - ONE_DAY)
        days = [production_day_after(day, number) for number in range(len(STATIONS))]
        load = [0.0] * len(STATIONS)
        made: list[WorkOrder] = []
        for entry in articles():
            if not entry.own_make or entry.index % 5 != day.weekday() or sold[entry.index] == 0:
                continue
            lots = -(-int(sold[entry.index]) // LARGEST_LOT)
            for _ in range(lots):
                # A little more than was sold, for the scrap.
                planned = -(-int(sold[entry.index]) * 107 // (100 * lots))
                number = f"FA{day:%y%m%d}-{len(made) + 1:03d}"
                steps = self._plan(entry, planned, len(made), days, rng)
                if any(
                    load[step.station] + step.setup_minutes + step.run_minutes
                    > PLANNED_MINUTES * len(machines_of(STATIONS[step.station], self.scale))
                    for step in steps
                ):
                    continue  # the workshop is full; the stock covers it
                for step in steps:
                    load[step.station] += step.setup_minutes + step.run_minutes
                made.append(WorkOrder(number, day, entry, planned, steps))
        return made

    def _plan(
        self, entry: Article, planned: int, place: int, days: list[date], rng: np.random.Generator
    ) -> tuple[Step, ...]:
        steps: list[Step] = []
        pieces = planned
        speed = rng.uniform(0.84, 0.99, len(STATIONS))
        setup = rng.integers(*SETUP_MINUTES, len(STATIONS))
        chance = rng.random(len(STATIONS))
        for number, station in enumerate(STATIONS):
            if not passes(entry, number) or pieces == 0:
                continue
            machines = machines_of(station, self.scale)
            machine = machines[place % len(machines)]
            share = station.scrap_share + 0.004 * degraded_weeks(machine, days[number])
            scrap = int(rng.binomial(pieces, min(share, 0.2)))
            steps.append(
                Step(
                    station=number,
                    machine=machine,
                    day=days[number],
                    pieces_in=pieces,
                    good=pieces - scrap,
                    scrap=scrap,
                    scrap_reason=_scrap_reason(station, chance[number]) if scrap else "",
                    setup_minutes=int(setup[number]),
                    run_minutes=max(2, round(pieces * entry.cycle_minutes / speed[number])),
                )
            )
            pieces -= scrap
        return tuple(steps)

    def machine_days(self, day: date) -> list[MachineDay]:
        """What each of `machines` did on a production day."""
        return [self._machine_day(number, day) for number in range(len(self.machines))]

    def _machine_day(self, number: int, day: date) -> MachineDay:
        station, machine = self.machines[number]
        orders = [
            (order, step)
            for order in self.released(production_day_before(day, station))
            for step in order.steps
            if step.station == station and step.machine == machine
        ]
        rng = stream(self.seed, "machine", day, number)
        timeline = _Timeline(machine)
        if not orders:
            timeline.until(SHIFT_END, OFF, "")
            return MachineDay((), tuple(timeline.states))
        weeks = degraded_weeks(machine, day)
        faults_left = MOST_FAULT_MINUTES
        work = sum(step.setup_minutes + step.run_minutes for _, step in orders)
        spare = max(0.0, (SHIFT_END - SHIFT_BEGIN) / MINUTE - 60 - work - MOST_FAULT_MINUTES)
        waits = rng.dirichlet(np.ones(len(orders))) * spare * rng.uniform(0.15, 0.40)
        operations = []
        if breaks_down(machine, day):
            timeline.lay(FAULT, STATIONS[station].fault_reasons[0], BREAKDOWN_MINUTES * MINUTE)
            faults_left -= BREAKDOWN_MINUTES
        for place, (order, step) in enumerate([orders[index] for index in rng.permutation(len(orders))]):
            wait = int(waits[place] * MINUTE)
            # Terminals note when an operation begins in whole minutes.
            wait += -(timeline.now + wait) % MINUTE
            timeline.lay(IDLE, WAITING_REASONS[int(rng.integers(len(WAITING_REASONS)))], wait)
            begin = timeline.now
            timeline.lay(SETUP, "Auftragswechsel", step.setup_minutes * MINUTE)
            rate = FAULTS_AN_HOUR * (1 + 0.3 * weeks)
            count = int(rng.poisson(rate * step.run_minutes / 60))
            lengths = rng.exponential(FAULT_MINUTES * (1 + 0.05 * weeks), count)
            cuts = np.sort(rng.integers(30, step.run_minutes * MINUTE - 29, count))
            done = 0
            for cut, minutes in zip(cuts, lengths, strict=True):
                timeline.lay(PRODUCING, "", int(cut) - done)
                done = int(cut)
                minutes = min(minutes, faults_left)
                faults_left -= minutes
                timeline.lay(FAULT, _fault_reason(STATIONS[station], weeks, rng), int(minutes * MINUTE))
            timeline.lay(PRODUCING, "", step.run_minutes * MINUTE - done)
            operations.append(Operation(order, step, begin, timeline.now))
        if timeline.now < SHIFT_END:
            timeline.lay(IDLE, "Kein Auftrag", int(rng.integers(5, 40)) * MINUTE, latest=SHIFT_END)
            timeline.until(SHIFT_END, OFF, "")
        return MachineDay(tuple(operations), tuple(timeline.states))

    def stock(self, day: date) -> list[int]:
        """Units on hand when that day ends, by index of the article; each is filled up to its target once a week."""
        sold = np.zeros((7, len(articles())), dtype=np.int64)
        running = np.zeros(len(articles()), dtype=np.int64)
        for back in range(7):
            running = running + self.sales.units_sold(day - back * ONE_DAY)
            sold[(day - back * ONE_DAY).weekday()] = running
        return [max(0, entry.target_stock - int(sold[entry.index % 5, entry.index])) for entry in articles()]


def _scrap_reason(station: Station, chance: float) -> str:
    if chance < station.scrap_reason_share:
        return station.scrap_reasons[0]
    others = station.scrap_reasons[1:]
    return others[int((chance - station.scrap_reason_share) / (1 - station.scrap_reason_share) * len(others))]


def _fault_reason(station: Station, weeks: float, rng: np.random.Generator) -> str:
    """A machine that gets worse mostly fails for the first reason."""
    first = weeks > 0 and rng.random() < 0.7
    return station.fault_reasons[0 if first else int(rng.integers(len(station.fault_reasons)))]


class _Timeline:
    """Lays states one after the other, with the planned breaks in between."""

    def __init__(self, machine: str) -> None:
        self.machine = machine
        self.now = SHIFT_BEGIN
        self.states: list[State] = []

    def _add(self, end: int, state: str, reason: str) -> None:
        if end > self.now:
            self.states.append(State(self.machine, self.now, end, state, reason))
            self.now = end

    def lay(self, state: str, reason: str, seconds: int, latest: int | None = None) -> None:
        while seconds > 0 and (latest is None or self.now < latest):
            pause = next((entry for entry in BREAKS if entry[1] > self.now), None)
            if pause and pause[0] <= self.now:
                self._add(pause[1], BREAK, "Pause")
                continue
            stop = self.now + seconds
            if pause:
                stop = min(stop, pause[0])
            if latest is not None:
                stop = min(stop, latest)
            seconds -= stop - self.now
            self._add(stop, state, reason)

    def until(self, end: int, state: str, reason: str) -> None:
        """One state up to `end`, breaks included."""
        self._add(end, state, reason)


# --- inspections ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Characteristic:
    """Something measured on a finished piece; limits are None where the drawing gives none."""

    name: str
    unit: str
    nominal: float | None
    lower: float | None
    upper: float
    decimals: int
    mean: float
    spread: float


CHARACTERISTICS: tuple[Characteristic, ...] = (
    Characteristic("Bohrung Ø", "mm", 10.0, 9.9, 10.1, 3, 10.0, 0.031),
    Characteristic("Schichtdicke", "µm", 60.0, 45.0, 75.0, 1, 61.0, 5.4),
    Characteristic("Ableitstrom", "mA", None, None, 0.75, 3, 0.31, 0.09),
)
BORE = 0


@dataclass(frozen=True, slots=True)
class Measurement:
    number: str
    order: WorkOrder
    characteristic: Characteristic
    at: int
    """Seconds since local midnight."""
    value: str
    """With a decimal point."""
    passed: bool
    inspector: str


def measurements(production: Production, operations: list[Operation], day: date) -> list[Measurement]:
    """What was measured at the last station on that day: up to two pieces of each order, every characteristic."""
    rng = stream(production.seed, "measurements", day)
    made = []
    inspected = 0
    for operation in operations:
        lathe = next((step for step in operation.order.steps if step.station == 0), None)
        weeks = degraded_weeks(lathe.machine, lathe.day) if lathe else 0.0
        pieces = min(2, operation.step.good)
        draws = rng.normal(size=(pieces, len(CHARACTERISTICS)))
        for piece in range(pieces):
            inspected += 1
            at = operation.begin + (operation.end - operation.begin) * (piece + 1) // (pieces + 1)
            for place, entry in enumerate(CHARACTERISTICS):
                # A worn lathe bores wider.
                mean = entry.mean + (0.005 * weeks if place == BORE else 0.0)
                value = round(max(0.001, mean + entry.spread * draws[piece, place]), entry.decimals)
                made.append(
                    Measurement(
                        number=f"P{day:%y%m%d}{inspected:04d}",
                        order=operation.order,
                        characteristic=entry,
                        at=at,
                        value=f"{value:.{entry.decimals}f}",
                        passed=(entry.lower is None or value >= entry.lower) and value <= entry.upper,
                        inspector=f"Q{1 + hashed(production.seed, 'inspector', operation.order.number) % 3}",
                    )
                )
    return made
