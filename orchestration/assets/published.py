"""The published copy: made after every model was built and every blocking check has passed."""

from datetime import UTC, datetime

import dagster as dg

from ingestion import ledger
from kontor.lock import writer_lock
from kontor.settings import Settings
from orchestration.progress import Progress
from orchestration.steps import WAIT_SECONDS, utc_now, writing
from serving.publish import publish


def published_asset(settings: Settings, progress: Progress, models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The version that readers open."""

    @dg.asset(
        name="published",
        deps=[models],
        group_name="serving",
        kinds={"duckdb", "parquet"},
        description="The read copy of the marts: data/serve/current.",
    )
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        run_id = context.run.run_id
        progress.publishing()
        with writer_lock(settings.paths.lock, "publishing", utc_now(), WAIT_SECONDS):
            publication = publish(
                settings.paths.warehouse,
                settings.paths.serve,
                keep=settings.publish.keep_versions,
                run_id=run_id,
                now=datetime.now(UTC),
            )
            with writing(settings, "publishing") as con:
                ledger.end_run(con, run_id, publication.version, utc_now())
        progress.published(publication)
        return dg.MaterializeResult(
            metadata={"version": publication.version, "tables": len(publication.tables), "bytes": publication.bytes}
        )

    return published
