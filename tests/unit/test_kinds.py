"""The list of what can be read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from kontor.kinds import show_kind, show_kinds
from kontor.settings import PROJECT, Settings, SettingsError, load_settings


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(PROJECT / "kontor.toml")


def shown(show, *arguments: object) -> str:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    show(arguments[0], console, *arguments[1:])
    return console.file.getvalue()


def test_every_kind_is_listed_with_what_it_needs(settings: Settings) -> None:
    """A kind of a domain that the list forgets is never found by anybody."""
    text = shown(show_kinds, settings)
    missing = [kind for kind in settings.contracts if f"\n{kind} " not in text]
    assert not missing
    row = next(line for line in text.splitlines() if line.startswith("machine_states "))
    assert "Maschine, Beginn, Ende, Zustand" in row and row.rstrip().endswith("machines")


def test_a_kind_is_shown_with_each_column_in_full(settings: Settings) -> None:
    """Where a heading is missing, or the lines for the settings cannot be copied, a company is stuck."""
    text = shown(show_kind, settings, "machine_states")
    for column in settings.contracts["machine_states"].columns:
        assert column.name in text and column.sources[0] in text
    assert '[[source]]\nname = "machine_states"\nkind = "machine_states"\n' in text


def test_all_kinds_can_be_shown(settings: Settings) -> None:
    """Some kinds take columns by place or from nested lists, which the table must have words for."""
    for kind, contract in settings.contracts.items():
        assert contract.title.de in shown(show_kind, settings, kind)


def test_an_unknown_kind_is_a_sentence(settings: Settings) -> None:
    """A misspelt name must not end in a traceback."""
    with pytest.raises(SettingsError, match="no kind 'nope'"):
        show_kind(settings, Console(file=io.StringIO()), "nope")


def test_every_page_and_every_kind_is_in_the_overview() -> None:
    """A system whose page nobody finds is a system that nobody connects."""
    folder = PROJECT / "docs" / "sources"
    overview = (folder / "README.md").read_text(encoding="utf-8")
    pages = [page.name for page in sorted(folder.glob("*.md")) if page.name != "README.md"]
    assert not [page for page in pages if f"({page})" not in overview]
    kinds = [path.stem for path in Path(PROJECT / "ingestion" / "contracts").glob("*/*.yaml")]
    assert not [kind for kind in kinds if f"`{kind}`" not in overview]
