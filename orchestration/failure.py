"""Tells readers of the published copy that a run failed: they see nothing else of it."""

from datetime import UTC, datetime

import dagster as dg

from kontor.settings import Settings
from orchestration.recording import record_failure
from serving.failure import write_failure

BACKUP = "backup"
# When these run, readers have their new version: nothing to tell them.
_AFTER_PUBLISHING = (BACKUP, "housekeeping")
# In the metadata of a failure: its cause in words without data, where its text holds rows.
CAUSE = "cause"


def note_failure(settings: Settings) -> dg.HookDefinition:
    """For jobs: the note is written when a step fails, on the command line and under the schedule alike."""

    @dg.failure_hook(name="note_failure")
    def failed(context: dg.HookContext) -> None:
        if context.op.name not in _AFTER_PUBLISHING:
            write_failure(settings.paths.serve, context.run_id, datetime.now(UTC))
        record_failure(settings, context.run_id, context.step_key)

    return failed
