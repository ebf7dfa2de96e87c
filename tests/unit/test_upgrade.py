"""The numbers of the forms, the steps between them, and how texts are changed; whole upgrades run in tests/upgrade."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml

from ingestion.contract_files import load_contract_file
from ingestion.errors import ContractError
from kontor.settings import SettingsError, load_settings
from operations.upgrade import FORMATS, MAPPING_STEPS, SETTINGS_STEPS
from tests.company import PROJECT


@pytest.mark.parametrize("part", FORMATS)
def test_steps_follow_each_other_and_lead_to_the_present(part: str) -> None:
    """A step was added without its number, or two had the same one, and a warehouse never came to its form."""
    steps, number = FORMATS[part]
    assert [step.format for step in steps] == list(range(2, number + 1))
    assert len({step.name for step in steps}) == len(steps) and all(step.says for step in steps)


def test_what_is_shipped_has_the_present_form() -> None:
    """The first thing a new company heard was that its settings are old."""
    assert tomllib.loads((PROJECT / "kontor.toml").read_text())["format"] == FORMATS["settings"][1]
    for path in (PROJECT / "mappings").glob("*.yaml"):
        assert yaml.safe_load(path.read_text())["format"] == FORMATS["mappings"][1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[company]\nname = "A"\n', 'format = 2\n\n[company]\nname = "A"\n'),
        ('# Ours\n\n[company]\nname = "A"  # short\n', '# Ours\n\nformat = 2\n\n[company]\nname = "A"  # short\n'),
        ('\ufeff[company]\r\nname = "Ä"\r\n', '\ufeffformat = 2\r\n\r\n[company]\r\nname = "Ä"\r\n'),
        ("", "format = 2\n"),
    ],
)
def test_settings_get_their_number_and_keep_all_else(text: str, expected: str) -> None:
    """The number came to stand in a section, where it is an unknown entry, or remarks and line ends were lost."""
    [step] = SETTINGS_STEPS
    assert step.apply(text) == expected
    assert tomllib.loads(expected.removeprefix("\ufeff"))["format"] == 2


def test_mappings_get_their_number_and_keep_all_else() -> None:
    """A mapping's first remark was parted from what it is about, or its entries moved."""
    [step] = MAPPING_STEPS
    text = "# Ours\nkind: till\nextends: sales_lines\n"
    assert step.apply(text) == "# Ours\nformat: 2\nkind: till\nextends: sales_lines\n"


@pytest.mark.parametrize("number", ["3", '"2"', "2.0"])
def test_settings_of_a_newer_version_are_refused(tmp_path: Path, number: str) -> None:
    """Entries that this version does not know were called spelling mistakes."""
    (tmp_path / "kontor.toml").write_text(f'format = {number}\n[company]\nname = "A"\nnew = 1\n')
    with pytest.raises(SettingsError, match=r"reads settings up to format 2\. Install the newer version"):
        load_settings(tmp_path / "kontor.toml")


def test_a_mapping_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """Entries that this version does not know were called spelling mistakes."""
    path = tmp_path / "till.yaml"
    path.write_text("kind: till\nformat: 3\nextends: sales_lines\n")
    with pytest.raises(ContractError, match=r"till.yaml: line 2: format 3: .* up to format 2. Install the newer"):
        load_contract_file(path)
    path.write_text("kind: till\nformat: 2\nextends: sales_lines\n")
    assert load_contract_file(path).table == "sales_lines"
