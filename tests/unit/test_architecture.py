"""What each layer may know of the others, read from the source code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

FORBIDDEN = {
    "ingestion": {"dagster", "dagster_dbt", "dbt", "kontor", "orchestration", "serving", "demo"},
    "serving": {"dagster", "dagster_dbt", "dbt", "kontor", "orchestration", "ingestion", "demo"},
    "operations": {"dagster", "dagster_dbt", "dbt", "orchestration", "demo"},
    "demo": {"dagster", "dagster_dbt", "dbt", "kontor", "orchestration", "serving", "ingestion"},
}
LAYERS = ("ingestion", "serving", "orchestration", "operations", "kontor", "demo")


def modules(folder: str) -> list[Path]:
    found = sorted((PROJECT / folder).rglob("*.py"))
    assert found, f"there is no code in {folder}"
    return found


@cache
def nodes(path: Path) -> list[ast.AST]:
    """All that a module is made of; both tests look at it."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Top-level packages a module imports anywhere in it, with the line."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0], node.lineno


def reads_environment(path: Path) -> list[int]:
    """Lines on which a module reaches for the environment."""
    lines = []
    for node in nodes(path):
        named = isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv", "getenvb", "putenv")
        brought = (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and any(alias.name.startswith(("environ", "getenv")) for alias in node.names)
        )
        if named or brought:
            lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_a_layer_imports_none_that_it_must_not_know(layer: str) -> None:
    """Ingestion that cannot be used without Dagster; readers' code that reaches into the pipeline."""
    wrong = [
        f"{path.relative_to(PROJECT)}:{line} imports {name}"
        for path in modules(layer)
        for name, line in imported(path)
        if name in FORBIDDEN[layer]
    ]
    assert not wrong


def test_only_the_settings_read_the_environment() -> None:
    """State that a test, or a second company on the machine, cannot move with one variable."""
    readers = {str(path.relative_to(PROJECT)) for layer in LAYERS for path in modules(layer) if reads_environment(path)}
    assert readers == {"kontor/settings.py"}
