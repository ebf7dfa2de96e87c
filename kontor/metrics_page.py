"""Writes the list of metrics in docs/analyse/metrics.md from the published catalogue: python -m kontor.metrics_page

What stands above the list is written by hand and stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from kontor.settings import PROJECT, load_settings
from serving.metrics import Metric, load_metrics
from serving.read import connect_published

PAGE = PROJECT / "docs" / "analyse" / "metrics.md"
_MARK = "<!-- What follows is written by: python -m kontor.metrics_page -->\n"


def page_with(metrics: Iterable[Metric], page: str, currency: str) -> str:
    """The page with the list of these metrics in place of the one it has; an amount of money is not in a `currency`."""
    head, mark, _ = page.partition(_MARK)
    if not mark:
        raise ValueError(f"{PAGE} has lost the line {_MARK.strip()!r}, below which the list is written.")
    lists = [_domain(domain, list(group), currency) for domain, group in groupby(metrics, lambda metric: metric.domain)]
    return head + mark + "".join(lists)


def _domain(domain: str, metrics: list[Metric], currency: str) -> str:
    lines = [
        f"\n### {domain.capitalize()}\n",
        f"Defined in [`{domain}.yml`](../../dbt_project/models/metrics/{domain}.yml).\n",
        "| name | English | Deutsch | formula | unit | from | cut by |",
        "|---|---|---|---|---|---|---|",
    ]
    for metric in metrics:
        unit = "money" if metric.unit == currency else metric.unit
        cells = [
            f"`{metric.name}`",
            metric.label["en"],
            metric.label["de"],
            metric.formula["en"],
            unit,
            metric.grain,
            ", ".join(metric.dimensions) or "–",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    settings = load_settings()
    with connect_published(settings.paths.serve) as connection:
        metrics = load_metrics(connection)
    page = page_with(metrics.values(), PAGE.read_text(encoding="utf-8"), settings.company.currency)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
