"""What the steps of a run share: the open warehouse under the writer's lock, and the run's identity."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import duckdb

from ingestion.landing import Run
from ingestion.warehouse import open_warehouse
from kontor.lock import writer_lock
from kontor.settings import Settings

# A step of a run under the web interface waits this long for a run begun on the command line, or the other way round.
WAIT_SECONDS = 3600


def utc_now() -> datetime:
    """The current time in UTC, without zone, as the ledger keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


@contextmanager
def writing(settings: Settings, doing: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The open warehouse, with the right to write held as long. Raises WriterBusy or IngestionError."""
    with writer_lock(settings.paths.lock, doing, utc_now(), WAIT_SECONDS):
        # Temporary files of a killed run at the beginning; at the end those of this step, which hold people's names.
        settings.areas.prepare()
        try:
            with closing(
                open_warehouse(
                    settings.paths.warehouse,
                    work=settings.paths.work,
                    memory_gb=settings.machine.memory_gb,
                    threads=settings.machine.threads,
                )
            ) as con:
                yield con
        finally:
            settings.areas.prepare()


def run_of(settings: Settings, run_id: str) -> Run:
    """The landing area and identity of the files of one run."""
    return Run(settings.areas, run_id, utc_now())
