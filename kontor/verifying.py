"""Looking after what is kept, on the command line: archive, warehouse, published copy."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.markup import escape

from ingestion.archive import journal
from kontor.lock import writer_lock
from kontor.settings import Settings
from operations.verify import verify_archive, verify_published, verify_warehouse


def verify(settings: Settings, console: Console, now: datetime) -> int:
    """Read everything that is kept and say what is damaged; 1 if anything is."""
    findings: list[str] = []
    with writer_lock(settings.paths.lock, "kontor verify", now), console.status("Reading") as spinner:
        steps = (
            ("archive", lambda: verify_archive(settings, lambda n: spinner.update(f"archive: {n:,} originals"))),
            ("warehouse", lambda: verify_warehouse(settings)),
            ("published copy", lambda: verify_published(settings)),
        )
        for name, step in steps:
            spinner.update(name)
            found = step()
            findings += found
            if not found:
                console.print(_well(settings, name), highlight=False)
    for finding in findings:
        console.print(f"[red]•[/red] {escape(finding)}", highlight=False, soft_wrap=True)
    return 1 if findings else 0


def _well(settings: Settings, name: str) -> str:
    if name == "archive":
        originals = len({file.archive_path for file in journal(settings.paths.archive)})
        return f"archive: {originals:,} originals, each as it was loaded."
    return f"{name}: every value can be read."
