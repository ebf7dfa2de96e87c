"""Opening the pipeline's own database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.errors import IngestionError, WarehouseBusy
from ingestion.sqltext import literal

# DuckDB 2.0.0 gives wrong sums of whole numbers where groups of filtered rows are sorted or joined, and crashes on some
# queries of empty tables (duckdb/duckdb#25886); without this step of its optimizer it does neither.
_RIGHT_SUMS = "set disabled_optimizers = 'compressed_materialization'"


def open_warehouse(path: Path, *, work: Path, memory_gb: float, threads: int) -> duckdb.DuckDBPyConnection:
    """A connection for writing, made if it is not there. What does not fit into `memory_gb` goes to the folder `work`.

    Raises IngestionError when another process has it open or the file is damaged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    con = _connect(path, read_only=False)
    con.execute(f"set temp_directory = {literal(str(work / 'spill'))}")
    con.execute(f"set memory_limit = '{memory_gb * 1000:.0f}MB'")
    con.execute(f"set threads = {threads}")
    con.execute("set TimeZone = 'UTC'")
    # DuckDB would draw it over our own.
    con.execute("set enable_progress_bar = false")
    return con


def read_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection, for the pipeline's own commands. Raises IngestionError when it cannot be had."""
    if not path.exists():
        raise IngestionError(f"There is no warehouse at {path} yet. Load something first:  kontor run")
    return _connect(path, read_only=True)


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All that is done in it, or nothing where it ends in an error."""
    con.execute("begin")
    try:
        yield
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise


_DAMAGE = re.compile(
    r"corrupt database|computed checksum|not a valid DuckDB database|failed to deserialize|metadata pointer|"
    r"could not read enough bytes",
    re.IGNORECASE,
)


def is_damage(text: str) -> bool:
    """Whether DuckDB's message tells of a file that it cannot read, rather than of data or SQL."""
    return _DAMAGE.search(text) is not None


def damaged(path: Path, text: str) -> str:
    """What to say of a warehouse that DuckDB cannot read, and what to do."""
    return (
        f"{path} is damaged ({first_line(text)}). Nothing was published; readers have what they had. "
        "`kontor rebuild` makes it anew from the archive, to the same marts."
    )


def first_line(error: object) -> str:
    """DuckDB's message without its kind, its stack trace and its remarks for programmers."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return re.sub(r"^([A-Z][A-Za-z ]{1,30} (Error|Exception): )+", "", line).strip().rstrip(".")


def _connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        con = duckdb.connect(str(path), read_only=read_only)
        con.execute(_RIGHT_SUMS)
        return con
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise WarehouseBusy(
                f"Another program has {path} open. Only the pipeline may open it; readers use the published copy. "
                "Wait for the run to end, or close that program, and try again."
            ) from None
        if is_damage(str(error)):
            raise IngestionError(damaged(path, str(error))) from None
        raise IngestionError(
            f"{path} cannot be opened: {first_line(error)}. If it is damaged, `kontor rebuild` makes it anew from the "
            "archive."
        ) from None
