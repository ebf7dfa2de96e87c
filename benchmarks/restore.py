"""Restoring a long history from a backup onto an empty machine, against rebuilding it where it is."""

from __future__ import annotations

from pathlib import Path

from benchmarks.history import found_company
from benchmarks.measure import Result, ratio, seconds_of


def restore(work: Path, scale: float) -> list[Result]:
    """`kontor restore` of a warehouse with 10 million rows against `kontor rebuild` of the same, both once."""
    lines, events = int(5_000_000 * scale), int(5_000_000 * scale)
    company = found_company(work / "company", lines, events)
    company.kontor("backup", "--to", str(work / "share"))
    rebuilding = seconds_of(lambda: company.kontor("rebuild"))
    restored = company.at(work / "restored")
    restoring = seconds_of(lambda: restored.kontor("restore", str(work / "share"), "--into", str(work / "restored")))
    what = f"restore of {lines:,} sales lines and {events:,} log lines against rebuilding them"
    return [ratio("restore_at_ten_million", [restoring], [rebuilding], 1.5, what)]
