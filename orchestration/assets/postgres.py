"""The copy on the PostgreSQL server, where the settings name one: made after the local one, which it can never harm."""

from collections.abc import Sequence

import dagster as dg

from kontor.postgres import postgres_target
from kontor.settings import Settings, SettingsError
from orchestration.progress import Progress
from orchestration.retries import PAUSES_SECONDS, tried_again
from serving.errors import ServingError
from serving.postgres import publish_to_postgres

NAME = "published_postgres"


def postgres_asset(
    settings: Settings,
    progress: Progress,
    published: dg.AssetsDefinition,
    pauses: Sequence[float] = PAUSES_SECONDS,
) -> dg.AssetsDefinition:
    """The version that readers of the server get."""

    @dg.asset(
        name=NAME,
        deps=[published],
        group_name="serving",
        kinds={"postgres"},
        description="The published copy on the PostgreSQL server of [publish.postgres].",
    )
    def published_postgres(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        progress.publishing()
        try:
            target = postgres_target(settings)
            assert target is not None, "the asset exists only where the settings name a server"
            # Without the writer's lock: nothing is written here, and a slow server must not hold up the next run.
            with tried_again(context, progress, pauses):
                publication = publish_to_postgres(settings.paths.serve, target)
        except (ServingError, SettingsError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        progress.published_postgres(publication)
        return dg.MaterializeResult(
            metadata={"version": publication.version, "tables": publication.tables, "rows": publication.rows}
        )

    return published_postgres
