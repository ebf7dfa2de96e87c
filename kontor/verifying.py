"""Looking after what is kept, on the command line: archive, warehouse, published copy."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.markup import escape

from ingestion.archive import journal
from kontor.lock import writer_lock
from kontor.settings import Settings
from kontor.texts import Say
from kontor.wordings import in_language
from operations.verify import verify_archive, verify_published, verify_warehouse


def verify(settings: Settings, console: Console, now: datetime) -> int:
    """Read everything that is kept and say what is damaged; 1 if anything is."""
    say, findings = Say(settings.company.language), []
    with writer_lock(settings.paths.lock, "kontor verify", now), console.status("…") as spinner:
        steps = (
            ("archive", lambda: verify_archive(settings, lambda n: spinner.update(say("verify_at", n=say.number(n))))),
            ("warehouse", lambda: verify_warehouse(settings)),
            ("published", lambda: verify_published(settings)),
        )
        for name, step in steps:
            found = step()
            findings += found
            if not found:
                originals = len({file.archive_path for file in journal(settings.paths.archive)})
                console.print(f"[green]✓[/green] {say(f'verify_{name}', n=say.number(originals))}", highlight=False)
    for finding in findings:
        console.print(f"[red]•[/red] {escape(in_language(finding, say.language))}", highlight=False, soft_wrap=True)
    return 1 if findings else 0
