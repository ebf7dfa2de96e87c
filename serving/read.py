"""Opening the published copy, for Python: dashboards, notebooks, the SQL of the command line.

What readers do with the connection belongs to them. How a version comes to be stands in publish.py.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import duckdb

from serving.errors import NotPublished, sentence
from serving.versions import DATABASE

RIGHT_SUMS = "set disabled_optimizers = 'compressed_materialization'"
"""DuckDB 2.0.0 gives wrong sums of whole numbers where groups of filtered rows are sorted or joined; without this step
of its optimizer it does not."""

_ATTEMPTS = 5


def connect_published(serve: Path, schema: str = "marts") -> duckdb.DuckDBPyConnection:
    """A read-only connection to the current version, in which the marts need no schema before their name.

    The connection stays with its version when a new one is published; connect again to get the new one. Cursors of it
    find the marts as `marts.<name>` only, because DuckDB gives a cursor no settings of its connection.
    Raises NotPublished if there is nothing to open.
    """
    link = serve / "current"
    for attempt in range(1, _ATTEMPTS + 1):
        # The link is followed here: DuckDB shares one instance among connections of a process to one path, and this
        # path must stand for one version only.
        file = Path(os.path.realpath(link)) / DATABASE
        try:
            connection = duckdb.connect(
                str(file),
                read_only=True,
                # Spilled data goes elsewhere than into the published folder, and no extension is fetched by itself.
                config={"temp_directory": tempfile.gettempdir(), "autoinstall_known_extensions": "false"},
            )
            break
        except duckdb.Error as error:
            # Between following the link and opening the file, a publish may have removed that version.
            if attempt == _ATTEMPTS or file.is_file():
                raise NotPublished(_reason(serve, file, error)) from error
            time.sleep(0.05 * attempt)
    connection.execute("set search_path = ?", [schema])
    connection.execute(RIGHT_SUMS)
    return connection


def _reason(serve: Path, file: Path, error: duckdb.Error) -> str:
    if not os.path.lexists(serve / "current"):
        return f"Nothing is published in {serve} yet. Run the pipeline first: kontor run."
    if not file.is_file():
        return f"{serve / 'current'} names {file.parent}, and there is no {DATABASE}. Publish again: kontor publish."
    return f"The published copy {file} cannot be opened: {sentence(error)}"
