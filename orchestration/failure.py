"""Tells readers of the published copy that a run failed: they see nothing else of it."""

from datetime import UTC, datetime

import dagster as dg

from kontor.settings import Settings
from orchestration.recording import record_failure
from serving.failure import write_failure

# The step that comes after publishing; see backup.py.
BACKUP = "backup"
# In the metadata of a failure: its cause in words without data, where its text holds rows.
CAUSE = "cause"


def note_failure(settings: Settings) -> dg.HookDefinition:
    """For jobs: the note is written when a step fails, on the command line and under the schedule alike."""

    @dg.failure_hook(name="note_failure")
    def failed(context: dg.HookContext) -> None:
        # Readers have their new version by then.
        if context.op.name == BACKUP:
            return
        write_failure(settings.paths.serve, context.run_id, datetime.now(UTC))
        record_failure(settings, context.run_id, context.step_key)

    return failed
