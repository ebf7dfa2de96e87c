"""A company on disk, as tests use it: its data folder, the command line on it, and its tables."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from serving.contents import published_contents

PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Company:
    """All state of one company lies in `data`; `config` is its settings file."""

    data: Path
    config: Path = PROJECT / "kontor.toml"

    @property
    def inbox(self) -> Path:
        return self.data / "inbox"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands: nothing of Kontor's own but the two variables."""
        others = {
            name: value for name, value in os.environ.items() if not name.startswith(("KONTOR_", "DAGSTER", "DBT_"))
        }
        return {**others, "KONTOR_CONFIG": str(self.config), "KONTOR_DATA": str(self.data)}

    def kontor(self, *arguments: str, timeout: float = 600, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, with further environment variables."""
        with self.start(*arguments, **variables) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command, and leave it running."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("kontor")), *arguments],
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def copy(self, to: Path) -> Company:
        """The same company in another place, to be damaged there."""
        shutil.copytree(self.data, to, symlinks=True)
        return Company(to, self.config)

    def warehouse(self, *, read_only: bool = True) -> duckdb.DuckDBPyConnection:
        """The pipeline's own database."""
        return duckdb.connect(str(self.data / "warehouse.duckdb"), read_only=read_only)

    def published(self) -> duckdb.DuckDBPyConnection:
        """What readers see, with the marts found by their names alone."""
        con = duckdb.connect(str((self.data / "serve" / "current").resolve() / "warehouse.duckdb"), read_only=True)
        con.execute("set search_path = 'marts'")
        return con

    def current(self) -> str:
        """The version that readers see."""
        return os.readlink(self.data / "serve" / "current")

    def marts(self) -> dict[str, tuple[int, str]]:
        """Every published mart with its rows and a digest of all their values but those of the run."""
        return published_contents(self.data / "serve")


def rows(con: duckdb.DuckDBPyConnection, sql: str, *values: object) -> list[tuple]:
    return con.execute(sql, list(values)).fetchall()


def one(con: duckdb.DuckDBPyConnection, sql: str, *values: object) -> tuple:
    found = rows(con, sql, *values)
    assert len(found) == 1, found
    return found[0]
