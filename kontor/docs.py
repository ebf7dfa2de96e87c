"""dbt's own documentation of the models, made as one file that needs no network, and shown on this machine."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rich.console import Console

from ingestion.errors import IngestionError
from kontor.lock import writer_lock
from kontor.settings import Settings

_FILE = "static_index.html"


def make_docs(settings: Settings) -> Path:
    """Write the documentation from the models and the built tables; return the file. Raises IngestionError."""
    # Imported here: dbt and Dagster take seconds.
    from orchestration.assets.models import generate_docs
    from orchestration.steps import utc_now

    if not settings.paths.warehouse.exists():
        raise IngestionError(f"There is no warehouse in {settings.paths.data} yet. Load something first:  kontor run")
    # dbt reads the pipeline's own database for the types of columns.
    with writer_lock(settings.paths.lock, "kontor docs", utc_now()):
        generate_docs(settings)
    file = settings.paths.data / "docs" / "index.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    (settings.paths.dbt_target / _FILE).replace(file)
    return file


def serve_docs(file: Path, console: Console, port: int) -> None:
    """Show the file on this machine, and only there, until Ctrl+C."""
    handler = partial(_Quiet, directory=str(file.parent))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise IngestionError(f"Port {port} cannot be used: {error.strerror}. Choose another one:  --port") from None
    with server, suppress(KeyboardInterrupt):
        console.print(f"http://127.0.0.1:{server.server_port}  ·  Ctrl+C ends it.", highlight=False)
        server.serve_forever()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...
