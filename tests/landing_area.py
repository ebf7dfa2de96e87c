"""A landing area of its own for tests of ingestion: drop a file, load a source, look at what became of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion import ledger
from ingestion.contract import Contract, load_contracts
from ingestion.landing import Areas, Run, load_source
from ingestion.ledger import LoadResult
from ingestion.source import Source

NOW = datetime(2026, 11, 22, 5, 0)


class LandingArea:
    """Inbox, archive, refused folder and warehouse below one folder. Files are older than the settling time."""

    def __init__(self, root: Path, *, keep_files: bool = False) -> None:
        self.areas = Areas(root / "inbox", root / "archive", root / "refused", root / "work", keep_files)
        (root / "inbox").mkdir(parents=True, exist_ok=True)
        self.areas.prepare()
        self.contracts: dict[str, Contract] = load_contracts(Path(__file__).parents[1] / "mappings")
        self.con = duckdb.connect(str(root / "warehouse.duckdb"))
        ledger.prepare(self.con, self.contracts.values())

    def drop(self, name: str, content: bytes | str | Callable[[Path], None], age_seconds: float = 3600) -> Path:
        """Put a file into the inbox; a larger age makes it an older delivery."""
        path = self.areas.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        moment = time.time() - age_seconds
        os.utime(path, (moment, moment))
        return path

    def load(
        self, kind: str, *, name: str = "source", files: str = "*", zone: str = "Europe/Berlin"
    ) -> list[LoadResult]:
        """Load a source of this kind; every row of every file is accounted for."""
        source = Source(name=name, kind=kind, files=files, role="sales")
        results = list(load_source(self.con, Run(self.areas, "test", NOW), self.contracts[kind], source, zone))
        for result in results:
            accounted = result.rows_loaded + result.rows_quarantined + result.rows_skipped
            assert result.rows_read == accounted, result
        return results

    def query(self, sql: str) -> list[tuple]:
        """Rows of the warehouse."""
        return self.con.execute(sql).fetchall()

    def reasons(self) -> list[tuple[int, str | None, str]]:
        """Line, column and reason of what is in quarantine."""
        return self.query("select line, column_name, reason from ops.quarantine order by line")

    def refused(self) -> dict[str, str]:
        """Names of refused files with the text of the note beside each."""
        notes = self.areas.refused.rglob("*.note.txt")
        return {note.name.removesuffix(".note.txt"): note.read_text(encoding="utf-8") for note in notes}

    def archived(self) -> list[bytes]:
        """Contents of the archive, without its journal."""
        paths = (path for path in self.areas.archive.rglob("*") if path.is_file() and path.suffix != ".ndjson")
        return sorted(path.read_bytes() for path in paths)
