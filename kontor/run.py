"""One daily run on the command line: Dagster's job `daily`, in this process, with progress and a summary."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from uuid import uuid4

import duckdb
from rich.console import Console
from rich.markup import escape

from ingestion.errors import IngestionError
from ingestion.formats import check_format
from ingestion.quarantine import reasons_in_quarantine
from ingestion.warehouse import open_warehouse, read_warehouse
from kontor.alerting import tell_after_run, tell_of_error
from kontor.lock import writer_lock
from kontor.reasons import Reasons, without_names
from kontor.report import RunReport
from kontor.settings import Settings
from kontor.trouble import in_a_sentence, sentences
from kontor.wordings import in_language

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult


def run_job(
    settings: Settings,
    console: Console,
    *,
    load: bool = True,
    whole: bool = False,
    wait_seconds: float = 0.0,
    tells: bool = True,
) -> int:
    """Run the daily job, or only build, check and publish (`load=False`); the exit status for the shell.

    Published `whole`, nothing is taken over from the version before. People who are not there are told what they must
    know, unless it `tells` nobody.

    0: all well. 1: a file was refused, a source has missed its hour, or a step failed and nothing was published. Raises
    WriterBusy when another run holds the warehouse.
    """
    try:
        return _run_job(settings, console, load, whole, wait_seconds, tells)
    except Exception as error:
        if tells:
            tell_of_error(settings, console, error, "kontor run")
        raise


def _run_job(settings: Settings, console: Console, load: bool, whole: bool, wait_seconds: float, tells: bool) -> int:
    # Imported here: Dagster takes seconds, which `kontor status` and its like need not pay.
    from orchestration.alive import alive
    from orchestration.assets.published import WHOLE
    from orchestration.build import BUILD_AND_PUBLISH, DAILY, build_definitions
    from orchestration.instance import instance_of
    from orchestration.steps import utc_now

    report, run_id = RunReport(settings, console), str(uuid4())
    console.print(f"[bold]{escape(settings.company.name)}[/bold]", highlight=False)
    with sentences(settings), writer_lock(settings.paths.lock, "kontor run", utc_now(), wait_seconds):
        check_warehouse(settings)
        with instance_of(settings) as instance, alive(settings, run_id):
            job = build_definitions(settings, report).resolve_job_def(DAILY if load else BUILD_AND_PUBLISH)
            try:
                result = job.execute_in_process(
                    instance=instance,
                    run_id=run_id,
                    raise_on_error=False,
                    tags={WHOLE: "yes"} if whole else None,
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                )
            finally:
                report.close()
        try:
            reasons = _reasons(settings)
        except (IngestionError, duckdb.Error):
            # Of a run that failed, what the warehouse suffers from is told below.
            if result.success:
                raise
            reasons = []
    if load:
        report.summarise_loading(reasons)
    report.summarise_building()
    if not result.success:
        # Steps that fail for one cause say so once.
        for message in dict.fromkeys(in_a_sentence(settings, text) for text in _failures(result)):
            told = in_language(message, settings.company.language)
            console.print(f"[red]•[/red] {escape(told)}", highlight=False)
    if tells:
        with instance_of(settings) as instance:
            tell_after_run(settings, console, instance, run_id)
    if not result.success:
        return 1
    if load:
        report.suggest(quarantined=bool(reasons))
    return 0 if report.all_files_accepted and not report.missed_an_hour else 1


def check_warehouse(settings: Settings) -> None:
    """Raise IngestionError where the warehouse is not one that this version of Kontor may write to."""
    if settings.paths.warehouse.exists():
        with closing(read_warehouse(settings.paths.warehouse)) as con:
            check_format(con, settings.contracts.values())


def _reasons(settings: Settings) -> list[tuple[str, str, int]]:
    if not settings.paths.warehouse.exists():
        return []
    machine = settings.machine
    with closing(
        open_warehouse(
            settings.paths.warehouse, work=settings.paths.work, memory_gb=machine.memory_gb, threads=machine.threads
        )
    ) as con:
        say = Reasons(settings.company.language, settings.contracts.values())
        return [(source, say(without_names(reason)), count) for source, reason, count in reasons_in_quarantine(con)]


def _failures(result: ExecuteInProcessResult) -> list[str]:
    """What failed, one sentence a step, the cause rather than the wrapping."""
    told = []
    for event in result.filter_events(lambda event: event.is_step_failure):
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.description:
            told.append(data.user_failure_data.description)
        elif data.error is not None:
            error = data.error.cause or data.error
            told.append(error.message.strip())
    return told
