"""A landing area with a warehouse of its own, as tests of ingestion use it: drop files, load them, look at what became
of them. What must hold whatever is loaded is checked at every load.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import xlsxwriter

from ingestion import ledger
from ingestion.archive import complete_journal
from ingestion.contract import Contract
from ingestion.contract_files import load_contract_file, load_contracts
from ingestion.landing import NOTE_SUFFIX, Areas, Run, load_source
from ingestion.ledger import LoadResult
from ingestion.source import Source

NOW = datetime(2026, 11, 22, 5, 0)
ZONE = "Europe/Berlin"
HEADINGS = "Bon;Datum;Artikel;Menge;Betrag"
MAPPINGS = Path(__file__).parents[1] / "mappings"


def line(number: int) -> str:
    """A good row of the kind `till_lines`."""
    return f"B{number};{number % 28 + 1:02}.11.2026;Lampe {number};{number % 9 + 1},00;{number % 1000},50"


def text(*rows: str, headings: str = HEADINGS, end: str = "\n") -> str:
    """A file with headings and these rows."""
    return "".join(row + end for row in (headings, *rows))


def workbook(*rows: Sequence[object]) -> bytes:
    """A workbook with these rows on its only sheet."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        as_date = book.add_format({"num_format": "mmm yy"})
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, datetime(cell.year, cell.month, cell.day), as_date)
                elif cell is not None:
                    sheet.write(number, place, cell)
    return target.getvalue()


@cache
def shipped() -> dict[str, Contract]:
    """The kinds that Kontor has, and the demo company's mappings."""
    return load_contracts(MAPPINGS)


@cache
def till_lines() -> Contract:
    return load_contract_file(Path(__file__).parent / "contracts" / "till_lines.yaml")


def varied(contract: Contract, **changes: dict[str, Any]) -> Contract:
    """The contract with other entries under `reader`, `load` and so on; checked as if they stood in its file."""
    document = contract.model_dump(by_alias=True)
    for section, entries in changes.items():
        document[section] = {**document[section], **entries}
    return Contract.model_validate(document)


@cache
def _empty_warehouse() -> bytes:
    """A warehouse file with all tables; made once, because that takes longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(path)) as con:
            ledger.prepare(con, [till_lines(), *shipped().values()])
        return path.read_bytes()


@dataclass
class LandingZone:
    """Folders, warehouse and connection of one company. Times of files are set, so that none counts as growing."""

    root: Path
    keep_files: bool = False
    now: datetime = NOW
    con: duckdb.DuckDBPyConnection = field(init=False)
    areas: Areas = field(init=False)
    _dropped: list[bytes] = field(default_factory=list, init=False)
    _clock: float = field(default_factory=lambda: time.time() - 1_000_000, init=False)

    def __post_init__(self) -> None:
        inbox = self.root / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        self.areas = Areas(inbox, self.root / "archive", self.root / "refused", self.root / "work", self.keep_files)
        self.open()

    def open(self) -> None:
        """Begin a run: what the pipeline does before it loads."""
        self.areas.prepare()
        path = self.root / "warehouse.duckdb"
        if not path.exists():
            path.write_bytes(_empty_warehouse())
        self.con = duckdb.connect(str(path))
        self.con.execute("set TimeZone = 'UTC'")
        complete_journal(self.con, self.areas.archive)

    def close(self) -> None:
        self.con.close()

    def drop(self, name: str, content: bytes | str, *, encoding: str = "utf-8", age: float | None = None) -> Path:
        """Put a file into the inbox, each a minute younger than the one before; `age` in seconds sets its time."""
        path = self.areas.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode(encoding) if isinstance(content, str) else content
        path.write_bytes(data)
        self._dropped.append(data)
        self._clock += 60
        moment = self._clock if age is None else time.time() - age
        os.utime(path, (moment, moment))
        return path

    def load(
        self, contract: Contract | None = None, *, files: str = "*", name: str = "till", zone: str = ZONE
    ) -> list[LoadResult]:
        """Load what the inbox holds for a source; then nothing may be lost or unaccounted for."""
        contract = contract or till_lines()
        source = Source(name=name, kind=contract.kind, files=files, role="sales")
        results = []
        held = f"select count(*) from raw.{contract.table} where _source = ?"
        [(before,)] = self.all(held, name)
        for result in load_source(self.con, Run(self.areas, "run", self.now), contract, source, zone):
            self._check(result)
            results.append(result)
        gained = sum(result.rows_loaded - result.rows_replaced for result in results)
        assert self.all(held, name) == [(before + gained,)], results
        self._nothing_is_lost()
        return results

    def load_one(self, contract: Contract | None = None, **options: Any) -> LoadResult:
        """Load the one file that is in the inbox."""
        results = self.load(contract, **options)
        assert len(results) == 1, results
        return results[0]

    def load_one_of(self, name: str, content: bytes | str, contract: Contract, **options: Any) -> LoadResult:
        """Drop one file and load it."""
        self.drop(name, content)
        return self.load_one(contract, **options)

    def all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self.con.execute(sql, list(values)).fetchall()

    def raw(self, columns: str = "receipt", table: str = "till_lines") -> list[tuple[Any, ...]]:
        return self.all(f"select {columns} from raw.{table} order by _source, _file_id, _line")

    def quarantine(self) -> list[tuple[int, str | None, str]]:
        """Line, column and reason of every row in quarantine."""
        return self.all("select line, column_name, reason from ops.quarantine order by file_name, line")

    def archived(self) -> list[bytes]:
        return [path.read_bytes() for path in self._files(self.areas.archive) if path.name != "journal.ndjson"]

    def refused(self) -> dict[str, tuple[bytes, str]]:
        """Files that were moved aside, by name, with the note that lies beside each."""
        paths = [path for path in self._files(self.areas.refused) if not path.name.endswith(NOTE_SUFFIX)]
        return {path.name: (path.read_bytes(), Path(f"{path}{NOTE_SUFFIX}").read_text("utf-8")) for path in paths}

    def in_inbox(self) -> list[str]:
        return [str(path.relative_to(self.areas.inbox)) for path in self._files(self.areas.inbox)]

    @staticmethod
    def _files(folder: Path) -> list[Path]:
        return sorted(path for path in folder.rglob("*") if path.is_file())

    def _check(self, result: LoadResult) -> None:
        assert result.rows_read == result.rows_loaded + result.rows_quarantined + result.rows_skipped, result
        assert result.message is None or result.message.strip()[-1] in ".!?", result.message
        if result.status != "loaded":
            return
        own = [result.file_id]
        kept = self.con.execute("select line, reason from ops.quarantine where file_id = ?", own).fetchall()
        assert len(kept) == result.rows_quarantined
        assert all(at >= 1 and reason for at, reason in kept), kept
        raw = f"select count(*), coalesce(min(_line), 1) from raw.{result.table} where _file_id = ?"
        rows, first = self.con.execute(raw, own).fetchall()[0]
        # A later file of the same transaction may have replaced rows already; all together are counted in the end.
        assert first >= 1 and rows <= result.rows_loaded, (rows, first, result)

    def _nothing_is_lost(self) -> None:
        places = (self.areas.inbox, self.areas.archive, self.areas.refused)
        kept = {path.read_bytes() for folder in places for path in self._files(folder)}
        assert all(data in kept for data in self._dropped), "a file that was dropped is nowhere any more"


@contextmanager
def landing_zone(root: Path, **options: Any) -> Iterator[LandingZone]:
    zone = LandingZone(root, **options)
    try:
        yield zone
    finally:
        zone.close()
