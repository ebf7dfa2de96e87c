"""The published copy: made after every model was built and every blocking check has passed.

Before it is made, sources and marts are measured: `mart_data_asset` is a view over these measurements, which the copy
turns into a table. So readers see the state of this very build, and no step reads what a later one wrote.
"""

import json
import shutil
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import duckdb

from ingestion import ledger
from ingestion.health import late_after_hours, state_of
from kontor.expected import expected_of
from kontor.lock import writer_lock
from kontor.marts import highest_class, read_marts, readers_of_raw
from kontor.settings import Settings
from kontor.workbook import daily_marts
from orchestration.assets.models import manifest_of, tables_built
from orchestration.progress import Progress
from orchestration.recording import record_published
from orchestration.retries import tried_again
from orchestration.steps import WAIT_SECONDS, utc_now, writing
from serving.measure import measure_marts
from serving.publish import publish
from serving.workbook import write_workbook

# The account of all others does not count itself.
ACCOUNT = "mart_data_asset"
# A run with this tag takes nothing over from the version before, of which some bytes may be lost.
WHOLE = "kontor/whole"


def published_asset(settings: Settings, progress: Progress) -> dg.AssetsDefinition:
    """The version that readers open."""

    @dg.asset(
        name="published",
        deps=tables_built(settings),
        group_name="serving",
        kinds={"duckdb", "parquet", "excel"},
        description="The read copy of the marts: data/serve/current.",
    )
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        run_id = context.run.run_id
        progress.publishing()
        with (
            tried_again(context, progress),
            writer_lock(settings.paths.lock, "publishing", utc_now(), WAIT_SECONDS),
        ):
            with writing(settings, "measuring sources and marts") as con:
                manifest = json.loads(manifest_of(settings).read_text(encoding="utf-8"))
                now = utc_now()
                ledger.enter_states(con, _sources(con, settings, manifest, now), _marts(con, manifest, now))
            publication = publish(
                settings.paths.warehouse,
                settings.paths.serve,
                keep=settings.publish.keep_versions,
                memory_gb=settings.machine.memory_gb * 2,
                whole=WHOLE in context.run.tags,
                run_id=run_id,
                now=datetime.now(UTC),
                extra=lambda folder: write_workbook(
                    folder,
                    daily_marts(manifest, settings.company.language),
                    language=settings.company.language,
                    days=settings.publish.workbook_days,
                ),
            )
            with writing(settings, "publishing") as con:
                ledger.end_run(con, run_id, publication.version, utc_now())
                disk = shutil.disk_usage(settings.paths.data)
                ledger.enter_size(con, utc_now(), settings.paths.warehouse.stat().st_size, disk.used, disk.free)
                record_published(settings, context.instance, con, run_id, publication.version)
        progress.published(publication)
        return dg.MaterializeResult(
            metadata={"version": publication.version, "tables": len(publication.tables), "bytes": publication.bytes}
        )

    return published


def _sources(
    con: duckdb.DuckDBPyConnection, settings: Settings, manifest: dict[str, Any], now: datetime
) -> list[tuple[Any, ...]]:
    """A row of ops.source_state for each source of the settings."""
    rows = []
    for source in settings.sources:
        contract = settings.contract_of(source)
        expected = expected_of(settings, source, now)
        state = state_of(con, contract, source, expected, settings.company.time_zone, now)
        rows.append(
            (
                source.name,
                contract.table,
                contract.domain,
                contract.title.en,
                contract.title.de,
                contract.grain,
                source.owner or settings.company.owner,
                highest_class(column.personal for column in contract.columns),
                list(readers_of_raw(manifest, contract.table)),
                state.rows,
                state.first_date,
                state.last_date,
                state.newest_at,
                late_after_hours(contract, source),
                state.freshness,
                state.loaded_rows,
                state.quarantined_rows,
                state.archive_bytes,
                now,
            )
        )
    return rows


def _marts(con: duckdb.DuckDBPyConnection, manifest: dict[str, Any], now: datetime) -> list[tuple[Any, ...]]:
    """A row of ops.mart_state for each mart that was built."""
    marts = {mart.name: mart for mart in read_marts(manifest) if mart.name != ACCOUNT}
    rows = []
    for size in measure_marts(con, {name: mart.day_column for name, mart in marts.items()}):
        mart = marts[size.name]
        rows.append(
            (
                mart.name,
                mart.domain,
                mart.title_en,
                mart.title_de,
                mart.description_en,
                mart.description_de,
                mart.personal,
                list(mart.readers),
                list(mart.raw_tables),
                size.rows,
                size.first_date,
                size.last_date,
                size.stored_bytes,
                now,
            )
        )
    return rows
