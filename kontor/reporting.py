"""The weekly report as files: where they are written, and what is said of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from kontor.settings import Settings
from kontor.texts import Say


def write_weekly_report(settings: Settings, console: Console, folder: Path, until: date | None) -> int:
    """Write the report on the last whole week as HTML and PDF into `folder`; the exit status for the shell.

    Raises NotPublished.
    """
    from streamlit.logger import set_log_level

    # Streamlit remarks that there is no page around what it caches; here there is none.
    set_log_level("ERROR")
    from dashboards.report import utc_now, weekly_report
    from dashboards.report_html import html_of
    from dashboards.report_pdf import pdf_of
    from dashboards.texts import TEXTS

    say = Say(settings.company.language, TEXTS)
    report = weekly_report(settings, utc_now(), until)
    if report is None:
        console.print(say("report_nothing"), highlight=False)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in ((".html", html_of(report).encode()), (".pdf", pdf_of(report))):
        file = folder / f"{report.file_name}{suffix}"
        file.write_bytes(content)
        console.print(say("report_written", file=file), highlight=False)
    return 0
