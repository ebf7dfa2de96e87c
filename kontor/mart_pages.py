"""Pages about the marts for docs/analyse/marts, from the same metadata that dbt and the database have.

`make docs` writes them. Nothing here is worded by hand but the headings: what a page says stands in dbt_project/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from kontor.marts import Mart, MartColumn, read_marts
from kontor.settings import PROJECT, load_settings

FOLDER = PROJECT / "docs" / "analyse" / "marts"

_KINDS = (
    ("mart_", "Marts", "Answers, ready to show: one table for each question of the business."),
    ("metric", "Metrics", "Every measure, defined once, and the days it is made of."),
    ("fct_", "Facts", "What happened, at the finest grain there is. What a mart leaves open, a fact answers."),
    ("dim_", "Dimensions", "Who, what, where and when: what facts are grouped and filtered by."),
)
_INTRODUCTION = """
What readers get: tables in the schema `marts` of `data/serve/current/warehouse.duckdb`, as Parquet beside it, and
wherever else the copy is published. Every page tells what a row is, every column in English and German, how the table
comes about, and questions that it answers with their SQL. Made by `make docs` from the metadata in
`dbt_project/models/marts`; change it there.

Revenue is defined in [int_sales__line.sql](../../../dbt_project/models/intermediate/sales/int_sales__line.sql), all
other terms in [overview.md](../../../dbt_project/models/overview.md). Names and addresses are in none of these
tables: people are pseudonyms, and the class of each column stands on its page (`none`; `indirect`: tells little
alone; `pseudonym`: a number for a person).
"""
_DIAGRAM_TYPES = {"timestamp": "timestamp", "date": "date", "varchar": "text", "boolean": "boolean"}


def render_pages(marts: Sequence[Mart]) -> dict[str, str]:
    """All pages by file name: one for each mart, and README.md as their index."""
    pages = {f"{mart.name}.md": _page(mart, {other.name for other in marts}) for mart in marts}
    return {"README.md": _index(marts), **pages}


def write_pages(marts: Sequence[Mart], folder: Path = FOLDER) -> None:
    """Write all pages, and take away those of marts that are no more."""
    pages = render_pages(marts)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def _page(mart: Mart, known: set[str]) -> str:
    lines = [
        f"# {mart.name}",
        "",
        f"**{mart.title_en}** · *{mart.title_de}*",
        "",
        mart.description_en,
        "",
        f"*{mart.description_de}*",
        "",
        "| | |",
        "|---|---|",
        f"| Key | `{mart.columns[0].name}` |",
        *([f"| Day of a row | `{mart.day_column}` |"] if mart.day_column else []),
        f"| Personal data | {mart.personal} |",
        f"| SQL | [{mart.path.rsplit('/', 1)[1]}](../../../dbt_project/{mart.path}) |",
        f"| Made from | {_linked(mart.parents, known)} |",
        f"| Begins with | {_linked(tuple(f'raw.{table}' for table in mart.raw_tables), known)} |",
        f"| Read by | {_linked(mart.readers, known)} |",
        "",
        "## Columns",
        "",
        "| column | type | what it is | was es ist | personal data |",
        "|---|---|---|---|---|",
        *(
            f"| `{column.name}`{_reference(column)} | {column.data_type}{', never empty' if column.not_null else ''} "
            f"| {_cell(column.description_en)} | {_cell(column.description_de)} | {column.personal} |"
            for column in mart.columns
        ),
        "",
        "## Questions",
    ]
    for example in mart.examples:
        lines += ["", f"### {example.title_en}", "", f"*{example.title_de}*", "", "```sql", example.sql, "```"]
        if example.may_be_empty:
            lines += ["", f"May find nothing: {example.may_be_empty}"]
    return "\n".join(lines) + "\n"


def _index(marts: Sequence[Mart]) -> str:
    lines = ["# The marts", "", *_INTRODUCTION.strip().splitlines()]
    for prefix, heading, text in _KINDS:
        chosen = [mart for mart in marts if mart.name.startswith(prefix)]
        if not chosen:
            continue
        lines += [
            "",
            f"## {heading}",
            "",
            text,
            "",
            "| table | domain | one row per | eine Zeile je |",
            "|---|---|---|---|",
        ]
        chosen.sort(key=lambda mart: (mart.domain, mart.name))
        lines += [
            f"| [{mart.name}]({mart.name}.md) | {mart.domain} | {_cell(_grain(mart.description_en, 'One row per '))} "
            f"| {_cell(_grain(mart.description_de, 'Eine Zeile je '))} |"
            for mart in chosen
        ]
    lines += [
        "",
        "## How they hang together",
        "",
        "Each line is a foreign key that a test holds on every run. Shown are keys; all columns stand on the pages.",
    ]
    for domain, diagram in _diagrams(marts):
        lines += ["", f"### {domain.capitalize()}", "", "```mermaid", "erDiagram", *diagram, "```"]
    return "\n".join(lines) + "\n"


def _diagrams(marts: Sequence[Mart]) -> Iterator[tuple[str, list[str]]]:
    """For each domain its tables, their keys, and the tables they refer to."""
    by_name = {mart.name: mart for mart in marts}
    for domain, group in groupby(sorted(marts, key=lambda mart: (mart.domain, mart.name)), lambda mart: mart.domain):
        members = [mart for mart in group if any(column.refers_to in by_name for column in mart.columns)]
        if not members:
            continue
        names = {mart.name for mart in members} | {
            column.refers_to for mart in members for column in mart.columns if column.refers_to in by_name
        }
        lines = []
        for name in sorted(filter(None, names)):
            lines.append(f"    {name} {{")
            for index, column in enumerate(by_name[name].columns):
                refers = name in {mart.name for mart in members} and column.refers_to in by_name
                if index == 0 or refers:
                    kind = _DIAGRAM_TYPES.get(column.data_type, "number")
                    lines.append(f"        {kind} {column.name} {'PK' if index == 0 else 'FK'}")
            lines.append("    }")
        for mart in members:
            lines += [
                f"    {column.refers_to} ||--o{{ {mart.name} : {column.name}"
                for column in mart.columns
                if column.refers_to in by_name
            ]
        yield domain, lines


def _grain(description: str, prefix: str) -> str:
    """The first sentence, without the words that all of them begin with."""
    return description.split(". ")[0].removeprefix(prefix).rstrip(".")


def _reference(column: MartColumn) -> str:
    return f" → [{column.refers_to}]({column.refers_to}.md)" if column.refers_to else ""


def _linked(names: Sequence[str], known: set[str]) -> str:
    return ", ".join(f"[{name}]({name}.md)" if name in known else f"`{name}`" for name in names) or "–"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    from orchestration.assets.models import manifest_of

    write_pages(read_marts(json.loads(manifest_of(load_settings()).read_text(encoding="utf-8"))))
