"""The dbt project as its files tell: what every model must state, and that names agree with the contracts.

What the SQL computes is held by dbt's own unit tests beside the models; nothing here opens a warehouse of the pipeline.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.contract import Contract
from ingestion.contract_files import load_contracts

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
MARTS = sorted((PROJECT / "models" / "marts").rglob("*.sql"))
PERSONAL = {"none", "indirect", "pseudonym"}


def read_yaml(path: Path) -> Any:
    """With libyaml, ten times as fast as PyYAML by itself."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def contracts() -> list[Contract]:
    """The kinds that have a raw table, that is all that are shipped."""
    return [contract for contract in load_contracts().values() if contract.table == contract.kind]


def name_of(path: Path) -> str:
    return path.stem


@cache
def described(path: Path) -> dict[str, Any]:
    """The entry of a model in the YAML beside it."""
    beside = path.with_suffix(".yml")
    assert beside.exists(), f"{path.name} has no {beside.name} beside it"
    models = read_yaml(beside)["models"]
    assert [model["name"] for model in models] == [path.stem], f"{beside.name} describes {path.stem} and nothing else"
    return models[0]


def generic_tests(column: dict[str, Any]) -> set[str]:
    return {test if isinstance(test, str) else next(iter(test)) for test in column.get("data_tests", [])}


def test_project_has_models() -> None:
    """Guards all the parametrised tests below against an empty list."""
    assert len(MARTS) >= 15
    assert set(MARTS) < set(MODELS)


@pytest.mark.parametrize("path", MODELS, ids=name_of)
def test_every_model_states_its_grain(path: Path) -> None:
    """An analyst who does not know what a row is counts it twice."""
    assert described(path)["description"].startswith("One row per ")


@pytest.mark.parametrize("path", MARTS, ids=name_of)
def test_marts_speak_english_and_german(path: Path) -> None:
    """Management reads German; a column without a German text is a column they cannot use."""
    mart = described(path)
    meta = mart["config"]["meta"]
    assert meta["title_en"] and meta["title_de"]
    assert meta["description_de"].startswith("Eine Zeile je ")
    for column in mart["columns"]:
        assert column["description"].strip(), column["name"]
        assert column["config"]["meta"]["description_de"].strip(), column["name"]


@pytest.mark.parametrize("path", MARTS, ids=name_of)
def test_marts_have_a_contract_and_a_key(path: Path) -> None:
    """Without types the contract is not one; without a unique key a doubled join goes unseen."""
    columns = described(path)["columns"]
    assert all(column["data_type"] for column in columns)
    key = columns[0]
    assert key.get("constraints") == [{"type": "not_null"}], f"{key['name']} is the key and may be empty"
    assert "unique" in generic_tests(key)


def related(column: dict[str, Any]) -> set[str]:
    """The models that a column's relationships tests hold it against."""
    tests = [test["relationships"] for test in column.get("data_tests", []) if "relationships" in test]
    return {
        test["arguments"]["to"].removeprefix("ref('").removesuffix("')") for test in tests if isinstance(test, dict)
    }


def test_every_key_of_a_dimension_is_tested_where_it_stands() -> None:
    """A join that drops facts, because the dimension lacks a member that nobody missed."""
    dimensions = {described(path)["columns"][0]["name"]: path.stem for path in MARTS if path.stem.startswith("dim_")}
    assert {"customer_key", "product_version_key", "employee_group_key"} <= dimensions.keys()
    untested = {
        (path.stem, column["name"])
        for path in MARTS
        for column in described(path)["columns"]
        for key, dimension in dimensions.items()
        if key != "date_day" and dimension != path.stem
        if column["name"] == key or column["name"].endswith(f"_{key}")
        if dimension not in related(column)
    }
    assert not untested


def test_contracts_and_comments_are_on_for_all_marts() -> None:
    """One line in dbt_project.yml carries both; a model that opts out would be published without them."""
    project = read_yaml(PROJECT / "dbt_project.yml")
    marts = project["models"]["kontor"]["marts"]
    assert marts["+contract"] == {"enforced": True}
    assert marts["+persist_docs"] == {"relation": True, "columns": True}
    for path in MARTS:
        assert not {"contract", "persist_docs"} & described(path)["config"].keys(), path.name
        assert "contract" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("path", MARTS, ids=name_of)
def test_marts_hold_no_direct_identifier(path: Path) -> None:
    """Marts are published. What a contract calls direct personal data may not appear under its name."""
    direct = {column.name for contract in contracts() for column in contract.columns if column.personal == "direct"}
    assert {"email", "customer_name", "employee_number", "client_address"} <= direct
    for column in described(path)["columns"]:
        assert column["config"]["meta"]["personal"] in PERSONAL, column["name"]
        assert column["name"] not in direct


def test_only_two_models_read_the_restricted_schema() -> None:
    """Every further reader is a further way for names to get out; it should be added here on purpose."""
    readers = {path.stem for path in MODELS if "ref('customer_identity')" in path.read_text(encoding="utf-8")}
    assert readers == {"int_reference__customer_version", "fct_sales_line"}


def test_raw_sources_are_the_contracts() -> None:
    """A kind without a source never reaches the marts; a source without a kind is never filled."""
    sources = read_yaml(PROJECT / "models" / "staging" / "raw.yml")["sources"]
    tables = {table["name"] for source in sources for table in source["tables"]}
    assert tables == {contract.kind for contract in contracts()}


def test_every_raw_table_is_staged_and_read_nowhere_else() -> None:
    """Whoever reads raw past staging sees signs, zones and codes as the source wrote them."""
    readers: dict[str, set[str]] = {}
    for path in MODELS:
        for table in re.findall(r"source\('raw', '(\w+)'\)", path.read_text(encoding="utf-8")):
            readers.setdefault(table, set()).add(path.stem)
    assert set(readers) == {contract.kind for contract in contracts()}
    for table, names in readers.items():
        assert all(name.startswith(f"stg_{table}__") for name in names), (table, names)


def test_staging_names_columns_that_the_contracts_have() -> None:
    """A column renamed in a contract would otherwise be found by the nightly run only."""
    for contract in contracts():
        known = {column.name for column in contract.columns}
        for path in (PROJECT / "models" / "staging").rglob(f"stg_{contract.kind}__*.sql"):
            text = path.read_text(encoding="utf-8")
            renamed = text[text.index("renamed as (") :]
            for name in re.findall(r"^        (?!(?:case|end)\b)(\w+)(?: as \w+)?,?$", renamed, flags=re.MULTILINE):
                assert name in known or name.startswith("_"), f"{path.name}: {name}"


def test_json_paths_in_conditions_stand_in_brackets() -> None:
    """DuckDB 1.5 reads  a ->> 'b' = 'c'  as  a ->> ('b' = 'c'); DuckDB 2.0 does not, so nobody notices here."""
    bare = re.compile(r"[\w.]+ ->>? '[^']*' (=|<|>|\|\||and |or |in |is |not |like |between |[-+*/] )")
    for path in [*MODELS, *(PROJECT / "tests").glob("*.sql"), *(PROJECT / "macros").glob("*.sql")]:
        found = [match[0] for match in bare.finditer(path.read_text(encoding="utf-8"))]
        assert not found, (path.name, found)


@pytest.mark.parametrize("path", sorted((PROJECT / "tests").glob("*.sql")), ids=name_of)
def test_data_tests_say_what_to_do(path: Path) -> None:
    """A finding without a sentence is a number nobody acts on."""
    listed = read_yaml(PROJECT / "tests" / "tests.yml")["data_tests"]
    entry = {test["name"]: test for test in listed}[path.stem]
    assert entry["description"].strip() and entry["config"]["meta"]["description_de"].strip()
    warns = "severity='warn'" in path.read_text(encoding="utf-8")
    assert warns == path.stem.startswith("warn_"), "reconcile_* stop the run, warn_* do not"


def test_numbering_is_edited_by_hand_and_ships_empty() -> None:
    """A row left from a trial would split the customers of a source of that name."""
    with (PROJECT / "seeds" / "customer_numbering.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["source_name", "numbering"]]


def test_profile_and_macros_hold_no_key() -> None:
    """What stands in the profile ends in dbt's manifest and logs."""
    profile = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    assert "module: kontor.dbt_plugin" in profile
    assert "PSEUDONYM_KEY" not in profile
    assert not [p for p in PROJECT.rglob("*.sql") if "PSEUDONYM_KEY" in p.read_text(encoding="utf-8")]
