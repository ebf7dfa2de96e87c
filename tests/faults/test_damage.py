"""Bytes that were lost or changed: in the warehouse, in a published version, in an original of the archive."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.faults.conftest import Mornings, SmallCompany
from tests.faults.machine import flip_bytes

DAMAGES = {
    "header": partial(flip_bytes, start=0),
    "middle": partial(flip_bytes, start=600_000),
    "truncated": lambda path: path.open("r+b").truncate(path.stat().st_size // 2),
    "emptied": lambda path: path.write_bytes(b""),
    "removed": Path.unlink,
}


def one_sentence(company: SmallCompany, *arguments: str) -> str:
    """What a command says that must fail, and must say why, once."""
    said = company.kontor(*arguments)
    everything = said.stdout + said.stderr
    assert said.returncode == 1 and "Traceback" not in everything, everything
    return " ".join(everything.split())


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_warehouse_is_said_and_changes_nothing_for_readers(mornings: Mornings, damage: str) -> None:
    """A warehouse that lost its past and is published all the same; a stack trace of DuckDB as the only message."""
    company = mornings.again()
    DAMAGES[damage](company.data / "warehouse.duckdb")
    said = one_sentence(company, "run")
    assert said.count("kontor rebuild") == 1, said
    assert company.marts() == mornings.first["marts"]
    # None of it was taken from the inbox for good.
    assert "kontor rebuild" in one_sentence(company, "verify")
    company.kontor("status")


def test_rebuild_mends_a_damaged_warehouse(mornings: Mornings) -> None:
    """The command that the message names, and that does not help."""
    company = mornings.again()
    DAMAGES["middle"](company.data / "warehouse.duckdb")
    said = company.kontor("rebuild")
    assert said.returncode in (0, 1) and "Traceback" not in said.stderr, said.stdout + said.stderr
    assert company.contents() == mornings.second
    assert "every value can be read" in company.succeed("verify")


def test_a_damaged_published_version(mornings: Mornings) -> None:
    """Readers get errors, or wrong figures, until somebody happens to publish; nobody is told what to do."""
    company = mornings.again(with_files=False)
    flip_bytes((company.data / "serve" / "current").resolve() / "warehouse.duckdb", 600_000)
    said = one_sentence(company, "verify")
    assert "kontor publish" in said and "kontor rebuild" not in said
    company.succeed("publish")
    company.succeed("verify")
    assert company.marts() == mornings.first["marts"]


def test_an_original_that_was_changed(mornings: Mornings, tmp_path: Path) -> None:
    """Somebody opens a file of the archive in Excel and saves it: the history of the company is another, silently."""
    company, share = mornings.again(with_files=False), tmp_path / "share"
    company.succeed("backup", "--to", str(share))
    original = next((company.data / "archive" / "till").rglob("*kasse_1_2.csv"))
    gone = next((company.data / "archive" / "till").rglob("*kasse_1.zip"))
    content = original.read_bytes()
    original.chmod(0o644)
    original.write_bytes(content.replace(b"3,50", b"9,50"))
    gone.unlink()

    said = one_sentence(company, "verify")
    assert str(original) in said and str(gone) in said and said.count("archived original") == 2, said
    assert str(original) in one_sentence(company, "rebuild")
    assert company.marts() == mornings.first["marts"]
    assert company.contents()["raw.sales_lines"] == mornings.first["raw.sales_lines"], "the old warehouse stays"
    # The next backup tells of it, and keeps what it had.
    assert original.name in one_sentence(company, "backup", "--to", str(share))
    into = tmp_path / "restored"
    company.kontor("restore", str(share), "--into", str(into))
    assert (into / "data" / original.relative_to(company.data)).read_bytes() == content
