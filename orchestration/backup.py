"""The backup after each night's publishing, and the drill that proves every week that it can be restored.

Both exist only where the settings name a folder for backups.
"""

import subprocess
import sys

import dagster as dg

from kontor.backing_up import take_backup
from kontor.lock import writer_lock
from kontor.settings import Settings
from operations.alerts.causes import without_data
from operations.errors import OperationError
from orchestration.failure import BACKUP, CAUSE
from orchestration.progress import Progress
from orchestration.steps import WAIT_SECONDS, utc_now

DRILL = "restore_drill"


def backup_asset(settings: Settings, progress: Progress, after: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """A snapshot in the folder of the backups, taken once readers have their new version."""

    @dg.asset(
        name=BACKUP,
        deps=[after],
        group_name="operations",
        description="Archive, ledger, settings, keys and Dagster's state in the folder of the backups.",
    )
    def backup() -> dg.MaterializeResult:
        try:
            with writer_lock(settings.paths.lock, "backup", utc_now(), WAIT_SECONDS):
                said = take_backup(settings, None, utc_now())
        except OperationError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        progress.backed_up(said)
        return dg.MaterializeResult(metadata={"snapshot": said})

    return backup


def drill_job(settings: Settings) -> dg.JobDefinition:
    """`kontor restore --drill`, in a process of its own: it sets up a second company, with an environment of its own.

    A drill that fails is a failed run, which whoever watches runs hears of.
    """

    @dg.op(name=DRILL, description="Restore the newest backup in a temporary folder and compare its marts.")
    def restore_drill(context: dg.OpExecutionContext) -> None:
        done = subprocess.run(
            [sys.executable, "-c", "from kontor.cli import app; app()", "restore", "--drill"],
            env=settings.child_environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        context.log.info(done.stdout.strip())
        if done.returncode:
            told = done.stderr.strip() or "\n".join(done.stdout.strip().splitlines()[-3:])
            raise dg.Failure(
                f"The drill of restoring the backup failed: {told}",
                metadata={CAUSE: without_data(told.splitlines()[-1])},
                allow_retries=False,
            )

    @dg.job(name=DRILL, description="Prove that the newest backup can be restored.")
    def drill() -> None:
        restore_drill()

    return drill


def drill_schedule(settings: Settings, job: dg.JobDefinition, cron: str) -> dg.ScheduleDefinition:
    """The drill on its day of the week, in the company's zone."""
    return dg.ScheduleDefinition(
        job=job,
        cron_schedule=cron,
        execution_timezone=settings.company.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
