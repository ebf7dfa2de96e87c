"""What dbt's sessions on DuckDB need beyond their settings: the key of the pseudonyms, a digest of the SQL.

dbt-duckdb loads this module by its name in dbt_project/profiles.yml. The key goes from the environment straight into a
session variable, so that it stands in no compiled SQL, no manifest and no log. The digest tells facts that are built in
slices whether the SQL is still that of their last build. Nothing else belongs here.
"""

from __future__ import annotations

import hashlib
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from kontor.settings import KEY_VARIABLE, PROJECT, given_pseudonym_key


class Plugin(BasePlugin):
    """Sets the session variables on every cursor; dbt opens one for each model, and they end with it."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Read the key. Raises DbtRuntimeError, a sentence, when there is none."""
        # The environment is the only way in that leaves no trace: dbt writes a profile's values into its own files.
        self._key = given_pseudonym_key()
        if not self._key:
            raise DbtRuntimeError(
                f"The environment variable {KEY_VARIABLE} is not set. Customers and visitors appear in the marts under "
                "pseudonyms made with this secret. Set it to the same text on every run, or pseudonyms change."
            )

        self._sql_digest = _sql_digest()

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        """Session variables are not inherited by cursors, so each one is given them."""
        cursor.execute("set variable pseudonym_key = ?", [self._key])
        cursor.execute("set variable sql_digest = ?", [self._sql_digest])


def _sql_digest() -> str:
    """SHA-256 over all SQL of the dbt project: models and macros."""
    digest = hashlib.sha256()
    for folder in ("macros", "models"):
        for path in sorted((PROJECT / "dbt_project" / folder).rglob("*.sql")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
