"""Timing two ways of doing the same thing, turn and turn about, so that the machine's other work hits both."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """One measured figure. `measured` and `target` are in `unit`; it is met when measured is at most target."""

    name: str
    measured: float
    unit: str
    target: float
    met: bool
    detail: str

    @classmethod
    def of(cls, name: str, measured: float, unit: str, target: float, detail: str) -> Result:
        """A result with `met` worked out."""
        return cls(name, round(measured, 3), unit, target, measured <= target, detail)


def alternate(ours: Callable[[], None], theirs: Callable[[], None], rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of both, in `rounds` rounds, beginning with theirs so that the file is in the system's cache for both."""
    our_times, their_times = [], []
    for _ in range(rounds):
        their_times.append(seconds_of(theirs))
        our_times.append(seconds_of(ours))
    return our_times, their_times


def seconds_of(function: Callable[[], None]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def ratio(name: str, ours: list[float], theirs: list[float], target: float, what: str) -> Result:
    """The ratio of the medians, as a result."""
    our_median, their_median = statistics.median(ours), statistics.median(theirs)
    detail = f"{what}: {our_median:.2f} s against {their_median:.2f} s, medians of {len(ours)}"
    return Result.of(name, our_median / their_median, "×", target, detail)


def write_results(results: list[Result], machine: str, folder: Path) -> None:
    """Write `results.json` and `results.md`; figures of benchmarks that were not run this time stay."""
    path = folder / "results.json"
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    fresh = {result.name: asdict(result) for result in results}
    merged = [fresh.pop(entry["name"], entry) for entry in earlier] + list(fresh.values())
    path.write_text(json.dumps(merged, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Ratios are measured within one run, both sides in turn.",
        "",
        f"{machine}.",
        "",
        "| benchmark | measured | target | met | what |",
        "|---|---|---|---|---|",
    ]
    for entry in merged:
        met = "yes" if entry["met"] else "**no**"
        figures = f"{entry['measured']:g} {entry['unit']} | ≤ {entry['target']:g} {entry['unit']}"
        lines.append(f"| {entry['name']} | {figures} | {met} | {entry['detail']} |")
    (folder / "results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
