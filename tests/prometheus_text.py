"""Prometheus' text format, read strictly: https://prometheus.io/docs/instrumenting/exposition_formats/."""

from __future__ import annotations

import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = rf'{_NAME}="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)")


def parse(text: str) -> dict[tuple[str, str], float]:
    """Values by metric and labels. Every metric has its help and type in front, once, and its samples together."""
    assert text.endswith("\n")
    samples: dict[tuple[str, str], float] = {}
    seen: set[str] = set()
    current = expected = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            expected, _, said = line.removeprefix("# HELP ").partition(" ")
            assert said and expected not in seen, line
        elif line.startswith("# TYPE "):
            current, _, kind = line.removeprefix("# TYPE ").partition(" ")
            assert current == expected and kind == "gauge", line
            seen.add(current)
        else:
            found = _SAMPLE.fullmatch(line)
            assert found, line
            assert found[1] == current and (found[1], found[2] or "") not in samples, line
            samples[found[1], found[2] or ""] = float(found[3])
    return samples
