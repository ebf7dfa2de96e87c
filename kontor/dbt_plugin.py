"""What dbt's sessions on DuckDB need beyond their settings: the key of the pseudonyms.

dbt-duckdb loads this module by its name in dbt_project/profiles.yml. The key goes from the environment straight into a
session variable, so that it stands in no compiled SQL, no manifest and no log. Nothing else belongs here.
"""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from kontor.settings import KEY_VARIABLE, given_pseudonym_key


class Plugin(BasePlugin):
    """Sets the session variable `pseudonym_key` on every cursor; dbt opens one for each of its threads."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Read the key. Raises DbtRuntimeError, a sentence, when there is none."""
        # The environment is the only way in that leaves no trace: dbt writes a profile's values into its own files.
        self._key = given_pseudonym_key()
        if not self._key:
            raise DbtRuntimeError(
                f"The environment variable {KEY_VARIABLE} is not set. Customers and visitors appear in the marts under "
                "pseudonyms made with this secret. Set it to the same text on every run, or pseudonyms change."
            )

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        """Session variables are not inherited by cursors, so each one is given the key."""
        cursor.execute("set variable pseudonym_key = ?", [self._key])
