"""[publish.postgres] of the settings as serving/ is handed it: with its password, in its units."""

from __future__ import annotations

from kontor.settings import Settings
from serving.postgres import PostgresTarget


def postgres_target(settings: Settings) -> PostgresTarget | None:
    """The PostgreSQL server that gets a copy, or None. Raises SettingsError where its password stands nowhere."""
    postgres = settings.publish.postgres
    if postgres is None:
        return None
    return PostgresTarget(
        host=postgres.host,
        port=postgres.port,
        database=postgres.database,
        user=postgres.user,
        password=settings.postgres_password(),
        sslmode=postgres.sslmode,
        schema=postgres.schema_name,
        reader=postgres.reader,
        seconds=postgres.timeout_minutes * 60,
    )
