"""One run over the real files of the company in euros, shared by the tests of its kinds of source."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.company import PROJECT, Company
from tests.once import made_once

REAL_DATA = Path(os.environ.get("KONTOR_REAL_DATA", PROJECT.parent / "shared" / "data"))


@dataclass(frozen=True)
class EurRun:
    """A finished run of `examples/real_eur`: the company, and what the command said."""

    company: Company
    said: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def eur_run(tmp_path_factory: pytest.TempPathFactory) -> EurRun:
    """All files of `examples/real_eur/kontor.toml`, loaded, built and published; one for all, not to be changed."""
    if not (REAL_DATA / "README.md").is_file():
        pytest.skip(f"the real files are not in {REAL_DATA} (KONTOR_REAL_DATA)")

    def run(folder: Path) -> EurRun:
        company = Company(folder / "data", PROJECT / "examples" / "real_eur" / "kontor.toml")
        return EurRun(company, company.kontor("run", KONTOR_REAL_DATA=str(REAL_DATA)))

    return made_once(tmp_path_factory, "real_eur", run)


@pytest.fixture
def eur_raw(eur_run: EurRun) -> Iterator[duckdb.DuckDBPyConnection]:
    """The pipeline's own database, for what was loaded."""
    with duckdb.connect(str(eur_run.company.data / "warehouse.duckdb"), read_only=True) as con:
        yield con


@pytest.fixture
def eur_marts(eur_run: EurRun) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published copy, for what readers see."""
    with duckdb.connect(str(eur_run.company.data / "serve" / "current" / "warehouse.duckdb"), read_only=True) as con:
        con.execute("set search_path = 'marts'")
        yield con
