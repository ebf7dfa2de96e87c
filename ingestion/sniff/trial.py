"""A trial: the sample goes through the real loader into a database in memory, and what comes of it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion import ledger
from ingestion.content import Member
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.landing import examine
from ingestion.ledger import LedgerFile
from ingestion.loader import Loading, load
from ingestion.sniff.table import Table
from ingestion.source import Source

_NOW = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Trial:
    """What the loader made of the sample. `superseded` rows have the key of a later row. `problems` holds the first
    reasons for quarantine, with their line; `refused` why the file as a whole would not be loaded."""

    loaded: int = 0
    quarantined: int = 0
    superseded: int = 0
    problems: tuple[str, ...] = ()
    refused: str | None = None


def try_loading(con: duckdb.DuckDBPyConnection, table: Table, contract: Contract, *, zone: str, work: Path) -> Trial:
    """Load the sample of `table` by `contract` into the tables of `con`, a database in memory."""
    source = Source(name="sample", kind=contract.kind, files="*", role="reference")
    size = table.path.stat().st_size
    entry = LedgerFile(
        file_id="sample", source="sample", sha256="", bytes=size, file_name=table.file, member=None, archive_path="",
        content_bytes=size, as_of=_NOW, landed_at=_NOW, sequence=1,
    )  # fmt: skip
    ledger.prepare(con, [contract.model_copy(update={"kind": contract.table})])
    try:
        content, _ = examine(Member(table.path, None, _NOW, is_temporary=False), contract, table.file)
        result = load(Loading(con, contract, source, zone, work, "sample", _NOW), content, entry)
    except FileRefused as refusal:
        return Trial(refused=str(refusal))
    problems = con.execute(
        """select line, reason from ops.quarantine
        qualify row_number() over (partition by column_name order by line) = 1 order by line limit 3"""
    ).fetchall()
    return Trial(
        loaded=result.rows_loaded,
        quarantined=result.rows_quarantined,
        superseded=dict(result.skipped).get("superseded", 0),
        problems=tuple(f"line {_line_in_file(table, line):,}: {reason}" for line, reason in problems),
    )


def _line_in_file(table: Table, line: int) -> int:
    """A line of the sample as a line of the file: behind the first lines, the sample leaves out all but the last."""
    if table.is_whole or table.lines is None or line <= table.head_lines:
        return line
    return line + table.lines - table.sample_lines
