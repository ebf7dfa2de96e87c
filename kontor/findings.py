"""What checks found, in words: the check, and the first rows it objected to, without anything that names a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingestion.contract import Contract
from kontor.texts import Say

SHOWN = 3
# Longer values say no more to somebody who looks for a row.
_LONGEST = 60


def in_words(node: Mapping[str, Any], say: Say) -> str:
    """What a node of dbt's manifest is; of a generic test, what it objects to. Empty where nothing says it."""
    meta = node.get("config", {}).get("meta", {})
    described = meta.get(f"description_{say.language}") or node.get("description") or ""
    generic = node.get("test_metadata") or {}
    if described or generic.get("name") not in ("unique", "not_null", "relationships"):
        return described
    arguments = generic["kwargs"]
    model = (node.get("attached_node") or "").rpartition(".")[2]
    to = str(arguments.get("to", "")).removeprefix("ref('").removesuffix("')")
    return say(f"check_{generic['name']}", column=arguments["column_name"], model=model, to=to)


def first_rows(
    con: duckdb.DuckDBPyConnection,
    run_results: Path,
    nodes: Mapping[str, Any],
    contracts: Iterable[Contract],
    say: Say,
) -> dict[str, list[str]]:
    """The first rows that the checks of dbt's last run objected to, each as `name value, name value`, by the check.

    Keys of the restricted schema are not shown, nor columns that a contract calls direct personal data or a number that
    stands for a person. A check whose rows cannot be had again has none.
    """
    persons = {
        column.name
        for contract in contracts
        for column in contract.columns
        if column.personal in ("direct", "pseudonym")
    }
    rows: dict[str, list[str]] = {}
    for result in json.loads(run_results.read_text(encoding="utf-8"))["results"]:
        node = nodes.get(result["unique_id"], {})
        if node.get("resource_type") != "test" or result["status"] not in ("warn", "fail"):
            continue
        if "test_metadata" in node and "restricted" in {
            nodes.get(parent, {}).get("schema") for parent in node["depends_on"]["nodes"]
        }:
            continue
        try:
            found = con.execute(f"select * from ({result['compiled_code']}\n) order by all limit {SHOWN}")
        except duckdb.Error:
            continue
        names = [column[0] for column in found.description or ()]
        rows[node["name"]] = [
            ", ".join(
                f"{name} {_written(value, say)}"
                for name, value in zip(names, row, strict=True)
                if value is not None and name not in persons
            )
            for row in found.fetchall()
        ]
    return rows


def _written(value: Any, say: Say) -> str:
    """A value as the company's language writes it."""
    if isinstance(value, date):
        return say.day(value)
    if isinstance(value, Decimal | float):
        return say.exact(value)
    return str(value)[:_LONGEST]
