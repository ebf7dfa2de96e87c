"""A small company whose runs take seconds, and what its warehouse holds after each undisturbed morning."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from serving.contents import digest
from serving.quoting import quoted
from tests.company import Company, rows
from tests.e_invoices import Invoice, ubl
from tests.faults.forked import Around, Forked, fork
from tests.faults.small_project import write_small_project
from tests.landing_zone import workbook

MARTS = ("fct_sales_line", "mart_sales_daily", "mart_data_asset")
SETTINGS = """
[company]
name = "Lampenladen"
language = "en"
vat_ids = ["DE123456789"]

[machine]
threads = 1

[[source]]
name = "products"
kind = "products"
files = "products/*"
role = "reference"

[[source]]
name = "till"
kind = "sales_lines"
files = "till/*"
role = "sales"

[[source]]
name = "purchases"
kind = "e_invoices"
files = "invoices/*"
role = "purchases"
"""
HEADINGS = "Belegnr;Pos;Belegdatum;Kundennr;Artikelnr;Menge;Nettobetrag"
# Of runs and moments, of which nothing else may depend.
_STAMPS = ("_loaded_at", "quarantined_at", "landed_at", "archive_path", "seen_at")
_ORDER = ("sequence", "_sequence")


@dataclass(frozen=True)
class SmallCompany(Company):
    """Its commands are forked; its state can be put back to what it was after the first morning."""

    home: Path = Path()

    def begin(self, *arguments: str, around: Around | None = None, **variables: str) -> Forked:
        """Start a command, and leave it running."""
        environment = {**self.environment, **variables}
        return fork(arguments, environment, self.home / "dbt_project", self.home / "output", around)

    def kontor(
        self, *arguments: str, timeout: float = 600, around: Around | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return self.begin(*arguments, around=around, **variables).end(timeout)

    def succeed(self, *arguments: str) -> str:
        """Run a command that must go well; what it says."""
        said = self.kontor(*arguments)
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    def contents(self, *, in_order: bool = True) -> dict[str, Any]:
        """Everything that must not depend on what happened on the way: marts, raw rows, quarantine, ledger, files.

        Not `in_order` where files came in another order than they were delivered in, as the ledger then says.
        """
        found: dict[str, Any] = {"marts": self.marts()}
        with self.warehouse() as con:
            columns = rows(
                con,
                """select schema_name, table_name, list(column_name order by column_index) from duckdb_columns()
                where schema_name in ('raw', 'history') or table_name in ('file', 'quarantine', 'drift')
                group by all order by all""",
            )
            for schema, table, names in columns:
                kept = [
                    name
                    for name in names
                    if name not in _STAMPS and (in_order or name not in ("sequence", "_sequence"))
                ]
                found[f"{schema}.{table}"] = digest(con, quoted(schema, table), kept)
        for name in ("inbox", "archive", "refused"):
            found[name] = sorted(
                sha256(path.read_bytes()).hexdigest()
                for path in (self.data / name).rglob("*")
                if path.is_file() and path.suffix not in (".ndjson", ".txt")
            )
        return found


@dataclass(frozen=True)
class Mornings:
    """The company after its first undisturbed morning, and what it holds after the first and the second."""

    company: SmallCompany
    kept: Path
    first: dict[str, Any]
    second: dict[str, Any]
    unordered: dict[str, Any]
    """What it holds after the second, the order in which its files came left aside."""

    def again(self, *, with_files: bool = True) -> SmallCompany:
        """The company as it was after the first morning, with the second's files in the inbox."""
        self.clear()
        shutil.copytree(self.kept, self.company.data, symlinks=True, dirs_exist_ok=True)
        if with_files:
            deliver(self.company, 2)
        return self.company

    def clear(self) -> None:
        """Remove all state, and leave the folder."""
        for path in self.company.data.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def deliver(company: Company, morning: int) -> None:
    """Put the files of a morning into the inbox: each way in which files are loaded and put away is among them."""
    drop = _dropping(company.inbox, morning)
    for part in range(4):
        drop(f"till/kasse_{morning}_{part}.csv", _receipts(morning, part * 20, 20))
    drop(f"till/kasse_{morning}.csv.gz", gzip.compress(_receipts(morning, 80, 20), mtime=0))
    drop(f"till/kasse_{morning}.zip", _zipped({f"{part}.csv": _receipts(morning, part, 20) for part in (100, 120)}))
    # The first receipts of the first morning come again, corrected, and among them a line that is wrong.
    drop(f"till/korrektur_{morning}.csv", _receipts(1, 0, 5, "9,99") + b"R1-7;1;morgen;K1;A1;1;5,00\n")
    drop(f"till/leer_{morning}.csv", b"")
    if morning > 1:
        drop(f"till/kasse_{morning}_noch_einmal.csv", _receipts(morning - 1, 0, 20))
    drop(f"products/artikel_{morning}.xlsx", _articles(morning))
    for number in range(4):
        drop(f"invoices/{morning}_{number}.xml", ubl(Invoice(number=f"E-{morning}-{number}")))


def _dropping(inbox: Path, morning: int) -> Callable[[str, bytes], None]:
    """Writes files, each a minute younger than the one before, on a day long ago: none counts as growing."""
    clock = datetime(2026, 11, 10 + morning, 5, tzinfo=UTC).timestamp()

    def drop(name: str, content: bytes) -> None:
        nonlocal clock
        clock += 60
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (clock, clock))

    return drop


def _receipts(morning: int, start: int, count: int, amount: str = "3,50") -> bytes:
    lines = (
        f"R{morning}-{number};1;{10 + morning:02}.11.2026;K{number % 7};A{number % 4};2;{amount}"
        for number in range(start, start + count)
    )
    return "".join(f"{line}\n" for line in (HEADINGS, *lines)).encode()


@cache
def _articles(morning: int) -> bytes:
    """The same bytes every time: a workbook says when it was made."""
    articles = ([f"A{number}", f"Lampe {number}"] for number in range(morning + 3))
    return workbook(["Artikelnummer", "Bezeichnung"], *articles)


def _zipped(files: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 12, 5, 0, 0)), content)
    return target.getvalue()


@pytest.fixture(scope="session")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> Mornings:
    """Two undisturbed mornings. The company is one for all tests, at one place: dbt parses anew in another."""
    home = tmp_path_factory.mktemp("small")
    write_small_project(home / "dbt_project", MARTS)
    (home / "kontor.toml").write_text(SETTINGS, encoding="utf-8")
    company = SmallCompany(home / "data", home / "kontor.toml", home)
    company.data.mkdir()
    (company.data / ".env").write_text("KONTOR_PSEUDONYM_KEY=the same for all\n", encoding="utf-8")
    (company.data / ".env").chmod(0o600)
    found = []
    for morning in (1, 2):
        deliver(company, morning)
        said = company.kontor("run")
        # 1, because of the empty file.
        assert said.returncode == 1 and "Published" in said.stdout, said.stdout + said.stderr
        found.append(company.contents())
        if morning == 1:
            shutil.copytree(company.data, home / "kept", symlinks=True)
    assert found[0]["marts"] != found[1]["marts"], "each morning must bring something"
    return Mornings(company, home / "kept", *found, company.contents(in_order=False))
