"""What passes by itself is tried again: a network, a lock that another program holds. Nothing else is.

A file that is wrong stays wrong, and a test that failed fails again: those end a step at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dagster as dg

from ingestion.errors import InboxAway, WarehouseBusy
from operations.alerts.causes import without_data
from orchestration.failure import CAUSE
from orchestration.progress import Progress
from serving.errors import PostgresAway

PASSING = (InboxAway, WarehouseBusy, PostgresAway)
# A network drive that wakes up, a server that starts with the machine: seconds to two minutes.
PAUSES_SECONDS = (10.0, 30.0, 90.0)


@contextmanager
def tried_again(
    context: dg.AssetExecutionContext, progress: Progress, pauses: Sequence[float] = PAUSES_SECONDS
) -> Iterator[None]:
    """Ask for the step to be run again after a pause where it failed for something that passes."""
    try:
        yield
    except PASSING as error:
        number = context.retry_number
        if number < len(pauses):
            progress.trying_again(str(error), pauses[number])
        failure = dg.Failure(str(error), metadata={CAUSE: without_data(str(error))})
        failure.__cause__ = error
        pause = pauses[min(number, len(pauses) - 1)]
        raise dg.RetryRequested(max_retries=len(pauses), seconds_to_wait=pause) from failure
