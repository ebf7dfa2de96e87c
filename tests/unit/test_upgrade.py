"""The numbers of the forms, the steps between them, and how texts are changed; whole upgrades run in tests/upgrade."""

from __future__ import annotations

import tomllib
from pathlib import Path

import duckdb
import pytest
import yaml

from ingestion import ledger
from ingestion.contract import Contract
from ingestion.contract_files import load_contract_file, load_contracts
from ingestion.errors import ContractError, IngestionError
from ingestion.formats import FORMAT, check_format, format_of, note_contracts, outdated_tables
from kontor.settings import SettingsError, load_settings
from operations.upgrade import FORMATS, MAPPING_STEPS, SETTINGS_STEPS
from tests.company import PROJECT

CONTRACTS = load_contracts()


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


def changed(kind: str, **changes: object) -> list[Contract]:
    return [
        contract.model_copy(update=changes) if contract.kind == kind else contract for contract in CONTRACTS.values()
    ]


def test_tables_are_read_again_when_their_contract_reads_otherwise(tmp_path: Path) -> None:
    """A kind came to read one more column: old files stayed without it. Or a word in a description read all again."""
    con = duckdb.connect()
    ledger.prepare(con, CONTRACTS.values())
    assert format_of(con) == FORMAT and outdated_tables(con, CONTRACTS.values()) == []
    con.execute("insert into ops.load (table_name, status) values ('customers', 'loaded')")
    customers = CONTRACTS["customers"]
    first, *others = customers.columns
    words = changed("customers", columns=(first.model_copy(update={"description": customers.title}), *others))
    alias = changed("customers", columns=(first.model_copy(update={"sources": ("Nr",)}), *others), grain="One row.")
    assert outdated_tables(con, words) == [] and outdated_tables(con, changed("customers", grain="One row.")) == []
    assert outdated_tables(con, alias) == ["customers"]
    with pytest.raises(IngestionError, match="kontor upgrade"):
        check_format(con, alias)
    # Of reasons nothing was loaded yet: their table is simply made anew.
    fewer = changed("scrap_reasons", columns=CONTRACTS["scrap_reasons"].columns[:1])
    ledger.prepare(con, fewer)
    columns = [name for name, *_ in con.execute("describe raw.scrap_reasons").fetchall() if not name.startswith("_")]
    assert len(columns) == 1 and outdated_tables(con, fewer) == []
    # Rows stay, even where the ledger has forgotten how they came.
    con.execute("insert into raw.targets (_source) values ('plan')")
    renamed = changed("targets", columns=CONTRACTS["targets"].columns[:1])
    ledger.prepare(con, renamed)
    assert con.execute("select _source from raw.targets").fetchall() == [("plan",)]
    assert outdated_tables(con, renamed) == ["targets"]
    con.execute("delete from raw.targets")
    ledger.prepare(con, CONTRACTS.values())
    note_contracts(con, alias, ["customers"])
    assert outdated_tables(con, alias) == [] and outdated_tables(con, CONTRACTS.values()) == ["customers"]
