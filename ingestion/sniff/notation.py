"""Which decimal and thousands marks the numbers of a file have, and what is not certain of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ingestion.contract import ReaderOptions
from ingestion.sniff.table import Doubt
from ingestion.sniff.values import GROUPED, SINGLE, number_parts


@dataclass
class NumberMarks:
    """What the numbers of a file tell of their notation.

    `decimal` counts numbers, with the column's heading, whose decimal mark is beyond doubt; `thousands` counts marks
    that are; `either` has an example such as 1.250 for each mark that may be the one or the other; `plain` is an
    example without any mark.
    """

    decimal: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: {".": Counter(), ",": Counter()})
    thousands: Counter[str] = field(default_factory=Counter)
    either: dict[str, tuple[str, str]] = field(default_factory=dict)
    plain: str | None = None

    def add(self, heading: str, texts: Counter[str], *, whole: bool) -> Counter[str]:
        """Take in the numbers of a column (`whole`: one without decimals); the units around them, with how often."""
        units: Counter[str] = Counter()
        for text, count in texts.items():
            found = number_parts(text)
            if found is None:
                continue
            units.update({unit.strip(): count for unit in (found["before"], found["after"]) if unit and unit.strip()})
            body = found["body"].strip()
            if body.isdigit() and not whole:
                self.plain = text.strip()
            self._count(heading, text.strip(), body, count)
        return units

    def _count(self, heading: str, text: str, body: str, count: int) -> None:
        for pattern, mark in GROUPED:
            if grouped := pattern.fullmatch(body):
                self.thousands[mark] += count
                decimal = grouped[1] or {".": ",", ",": "."}.get(mark)
                if decimal:
                    self.decimal[decimal][heading, text] += count
                return
        single = SINGLE.fullmatch(body)
        if single is None:
            return
        before, mark, after = single.groups()
        if len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0"):
            self.either.setdefault(mark, (heading, text))
        else:
            self.decimal[mark][heading, text] += count


def notation(marks: NumberMarks, base: ReaderOptions, *, in_commas: bool) -> tuple[dict[str, Any], list[Doubt]]:
    """Decimal and thousands mark where they differ from those of a kind, and what is not certain of them; `in_commas`
    says that the file separates its values by commas."""
    sums = {mark: found.total() for mark, found in marks.decimal.items()}
    decimal, other = (",", ".") if sums[","] > sums["."] else (".", ",")
    doubts: list[Doubt] = []
    if not any(sums.values()):
        decimal, thousands, doubts = _undecided(marks, base, in_commas)
    else:
        # A single one in hundreds is a mistake in the file; it is told with the values that do not read.
        if sums[other] > sum(sums.values()) / 50:
            doubts.append(_contradiction(marks, decimal, other))
        grouped = Counter({mark: count for mark, count in marks.thousands.items() if mark != decimal})
        if grouped:
            thousands = grouped.most_common(1)[0][0]
        elif other in marks.either:
            thousands = other
        else:
            thousands = base.thousands if decimal == base.decimal else ""
    found = {"decimal": decimal, "thousands": thousands}
    return {key: value for key, value in found.items() if value != getattr(base, key)}, doubts


def _contradiction(marks: NumberMarks, decimal: str, other: str) -> Doubt:
    (usual_in, usual), _ = marks.decimal[decimal].most_common(1)[0]
    (rare_in, rare), _ = marks.decimal[other].most_common(1)[0]
    return Doubt(
        "reader.decimal",
        f'Numbers are written in two ways: "{usual}" ({usual_in}) and, less often, "{rare}" ({rare_in}). One file can '
        "have one way only; the rarer ones go into quarantine or, worse, are read wrongly.",
    )


def _undecided(marks: NumberMarks, base: ReaderOptions, in_commas: bool) -> tuple[str, str, list[Doubt]]:
    """The notation where no number tells its decimal mark."""
    decimal, thousands = base.decimal, base.thousands
    if in_commas:
        # A decimal comma would need quotation marks there, and a point for thousands would be odd.
        decimal, thousands = ".", ""
    for mark, _ in marks.thousands.most_common(1):
        decimal, thousands = ("." if mark in "'," else decimal), mark
    if not marks.either:
        if marks.plain is None and not marks.thousands:
            return base.decimal, base.thousands, []
        mark = "comma" if decimal == "," else "point"
        note = f"No number in the sample has decimals, so nothing tells their mark. A {mark} is assumed."
        return decimal, thousands, [Doubt("reader.decimal", note)]
    mark, (heading, text) = next(iter(marks.either.items()))
    if len(marks.either) > 1:
        example = marks.either["," if mark == "." else "."][1]
        note = f'"{text}" and "{example}" contradict each other: one of them is 1000 times what it seems.'
        return decimal, thousands, [Doubt("reader.decimal", note)]
    if mark not in (decimal, thousands):
        thousands = mark
    one, many = text.replace(mark, "."), text.replace(mark, "")
    chosen = one if decimal == mark else many
    note = (
        f'"{text}" ({heading}) could be {many} or {one}, and no number in the sample decides. It is read as {chosen}.'
    )
    return decimal, thousands, [Doubt("reader.decimal", note)]
